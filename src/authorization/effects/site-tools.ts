import { leadingText } from "./options.ts";
import { type Call, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import {
  database,
  destroys,
  edits,
  hasFlag,
  installs,
  isBare,
  listens,
  machine,
  opaque,
  publishes,
  query,
  runs,
  split,
  valuesGiven,
} from "./verbs.ts";

/** Site builders, servers for developing, and tools that move a database: what they do hangs on the first word. */

type Verbs = Partial<
  Record<
    "listens" | "publishes" | "reads" | "changes" | "machine" | "data" | "opaque" | "installs" | "destroys",
    string
  >
>;

const rowOf: Record<keyof Verbs, Row> = {
  listens,
  publishes,
  reads: query,
  changes: edits,
  machine,
  data: database,
  opaque,
  installs,
  destroys,
};

/** By its first word; `bare` is what it does without one, anything else builds. */
function byFirst(verbs: Verbs, bare: Row = runs): Row {
  return {
    options: "any",
    judge: (call) => {
      if (call.args.some((word) => word.splits)) return opaque.judge(call);
      const words = call.scan.operands.map(textOf);
      const outputs = valuesGiven(
        call,
        "o",
        "d",
        "destination",
        "output",
        "outDir",
        "outdir",
        "out-dir",
        "site-dir",
      ).filter((word) => !leadingText(word).startsWith("-"));
      const [first = ""] = words;
      // A value of an option before it may stand where the subcommand would; nx names targets after a colon.
      const early = words.slice(0, 3).flatMap((word) => [word, ...word.split(":").slice(1)]);
      for (const [kind, row] of Object.entries(rowOf)) {
        const known = verbs[kind as keyof Verbs]?.split(" ") ?? [];
        if (
          known.includes(first) ||
          (kind !== "reads" && kind !== "changes" && early.some((word) => known.includes(word)))
        )
          return row.judge(call);
      }
      if (hasFlag(call, "--serve", "--listen", "--host", "--hostname", "--port")) return listens.judge(call);
      if (first === "" && call.args.length === 1 && hasFlag(call, "-v", "-V", "-h")) return query.judge(call);
      return [...(first === "" ? bare : runs).judge(call), ...writeAll(call, outputs)];
    },
  };
}

export const siteTools = (): Table => ({
  vite: byFirst({ listens: "dev serve preview", reads: "version" }, listens),
  vitepress: byFirst({ listens: "dev serve preview", changes: "init" }, listens),
  vuepress: byFirst({ listens: "dev serve preview" }),
  next: byFirst({ listens: "dev start", reads: "info", machine: "telemetry upgrade" }, listens),
  ...named(
    "nuxt nuxi",
    byFirst({
      listens: "dev preview start",
      reads: "info",
      machine: "telemetry upgrade",
      opaque: "init add module",
    }),
  ),
  astro: byFirst({
    listens: "dev preview start",
    reads: "info docs",
    machine: "telemetry login",
    changes: "create-key preferences",
    opaque: "add",
    data: "db",
  }),
  hugo: byFirst({
    listens: "server serve",
    reads: "version env config list help gen",
    changes: "new convert import",
    installs: "mod",
    publishes: "deploy",
  }),
  mkdocs: byFirst({ listens: "serve", reads: "get-deps", changes: "new", publishes: "gh-deploy" }),
  mdbook: byFirst({ listens: "serve", changes: "init", destroys: "clean" }),
  zola: byFirst({ listens: "serve", changes: "init" }),
  ...named(
    "gatsby docusaurus",
    byFirst({
      listens: "develop serve start",
      reads: "info",
      publishes: "deploy",
      destroys: "clean clear",
      machine: "telemetry",
      opaque: "new swizzle",
    }),
  ),
  ...named(
    "hexo pelican eleventy lume",
    byFirst({ listens: "server s serve", publishes: "deploy d", destroys: "clean" }),
  ),
  webpack: byFirst({ listens: "serve server s", reads: "info i version", opaque: "init" }),
  // Without `build` or `watch` it serves what it is given.
  parcel: {
    options: "any",
    judge: (call) =>
      /^(build|watch|help)$/.test(textOf(call.scan.operands[0]))
        ? byFirst({}).judge(call)
        : listens.judge(call),
  },
  storybook: byFirst({ listens: "dev", reads: "info doctor", opaque: "init upgrade add migrate" }),
  ng: byFirst({
    listens: "serve s dev",
    publishes: "deploy",
    reads: "version",
    changes: "generate g",
    opaque: "new n add update",
    destroys: "cache",
    machine: "analytics",
  }),
  "vue-cli-service": byFirst({ listens: "serve", reads: "inspect" }),
  "react-scripts": byFirst({ listens: "start", destroys: "eject" }),
  remix: byFirst({ listens: "dev vite:dev" }),
  ...named(
    "nx turbo",
    byFirst({
      listens: "serve dev daemon",
      publishes: "deploy release publish login link",
      reads: "ls",
      destroys: "reset prune",
      opaque: "migrate init connect",
    }),
  ),
  expo: byFirst({ listens: "start", publishes: "publish login", opaque: "install" }, listens),
  playwright: byFirst({
    listens: "show-report show-trace run-server ui",
    machine: "install uninstall install-deps",
    opaque: "codegen open",
  }),
  cypress: byFirst({ machine: "install", reads: "verify version info", opaque: "open", destroys: "cache" }),
  ...named(
    "webpack-dev-server json-server browser-sync sphinx-autobuild waitress-serve streamlit gradio mlflow tensorboard prism mockoon-cli",
    listens,
  ),
  flask: byFirst({ listens: "run", opaque: "shell", data: "db" }),
  fastapi: byFirst({ listens: "dev run", publishes: "deploy login" }),
  "django-admin": byFirst({
    listens: "runserver testserver",
    opaque: "shell dbshell startproject",
    data: "migrate flush loaddata dumpdata sqlflush createsuperuser changepassword",
  }),
  pdoc: split((call) => hasFlag(call, "-o", "--output-dir", "--output-directory"), runs, listens),
  // It imports what it shows.
  pydoc: split((call) => hasFlag(call, "-p", "-n", "-b", "-w"), listens, split(isBare, query, runs)),
  // They move a database that is somewhere else.
  alembic: byFirst({ data: "upgrade downgrade stamp ensure_version" }),
  prisma: {
    options: "any",
    judge: (call: Call) => {
      const [first = "", second = ""] = call.scan.operands.map(textOf);
      if (first === "studio") return listens.judge(call);
      if (first === "db" || (first === "migrate" && second !== "status" && second !== "diff"))
        return database.judge(call);
      if (/^(validate|version)$/.test(first)) return query.judge(call);
      return /^(init|format|generate|migrate)$/.test(first) ? runs.judge(call) : opaque.judge(call);
    },
  },
  "drizzle-kit": byFirst({ listens: "studio", data: "push migrate drop pull introspect" }),
  ...named(
    "knex sequelize sequelize-cli typeorm mikro-orm",
    split(
      (call) =>
        /^(migrate:(list|status|make|currentVersion)|migration:(create|generate|show)|seed:make|model:generate)$/.test(
          textOf(call.scan.operands[0]),
        ),
      runs,
      database,
    ),
  ),
  ...named(
    "goose dbmate sqitch",
    split(
      (call) =>
        /^(status|version|info|validate|history|verify|help|log|plan|new|create)$/.test(
          textOf(call.scan.operands.at(-1)),
        ),
      runs,
      database,
    ),
  ),
  fastlane: split((call) => /^(lanes|list|actions)$/.test(textOf(call.scan.operands[0])), runs, publishes),
});
