import { judgeRead } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { type Call, explicit, liveRead, named, projectCode, type Table, textOf } from "./row.ts";

// Which host it is, the configuration of the tool says; the gate only knows that it is a registry.
const npmHosts = ["remote:registry"];
const pythonHosts = ["remote:registry"];

/** Package managers of projects: installing into the worktree is brief, everything beyond it is not. */
export const packages: Table = {
  npm: { options: "any", plain: true, judge: (call) => judgeNpm(call, "npm") },
  pnpm: { options: "any", plain: true, judge: (call) => judgeNpm(call, "pnpm") },
  yarn: { options: "any", plain: true, judge: (call) => judgeNpm(call, "yarn") },
  ...named("npx pnpx bunx", { options: "any", wraps: true, plain: true, judge: judgeNpx }),
  ...named("pip pip3", { options: "any", plain: true, judge: judgePip }),
  ...named("pipx uvx", {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args[0]?.value === "list"
        ? [liveRead(call.rule)]
        : [explicit(call, "", "installs or runs downloaded programs", "package", "home")],
  }),
};

function opaque(call: { rule: string }, reason: string): Finding {
  return explicit(call, "opaque", reason, "execute-opaque", "none");
}

const npmReads =
  /^(ls|list|ll|la|outdated|view|info|show|v|why|root|prefix|bin|fund|audit|ping|search|help|doctor|licenses|query|sbom|explain|-v|--version|help-search)$/;
const npmInstalls =
  /^(ci|install|i|add|in|ins|install-test|it|update|up|upgrade|dedupe|ddp|uninstall|un|remove|rm|r|prune|rebuild|rb|install-ci-test|cit|import|fetch|clean-install|ic)$/;
const npmScripts = /^(test|t|tst|run|run-script|start|restart|build|pack|lint|dev|check|typecheck|format)$/;

const npmAsks = /^(outdated|view|info|show|v|audit|ping|search|doctor)$/;
const calmBefore =
  /^(-s|-d|-q|-r|--silent|--quiet|--recursive|--no-audit|--no-fund|--json|--offline|--prefer-offline|--workspaces|-ws|--verbose)$/;
const notScripts =
  /^(publish|login|logout|add|dlx|exec|create|init|global|link|unlink|owner|access|token|deploy|env|setup|self-update|store|patch|patch-commit|config|set|node|plugin|npm|workspace|workspaces|tag|version)$/;

function judgeNpm(call: Call, tool: string): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const before = words.findIndex((word) => !word.startsWith("-"));
  const separator = words.indexOf("--");
  const own = separator === -1 ? words : words.slice(0, separator);
  const verb = before === -1 ? (words[0] ?? (tool === "yarn" ? "install" : "help")) : (words[before] ?? "");
  if (call.args.slice(0, own.length).some((word) => word.value === null))
    return [opaque(call, "takes words only known at run time")];
  const odd = own.find((word) =>
    /^--(script-shell|shell|registry|userconfig|globalconfig|prefix|node-options|init-module|git|call|ignore-scripts=false|C|dir|cwd)|^-[gCc]|^--global|^--location/.test(
      word,
    ),
  );
  if (odd !== undefined)
    return [
      explicit(call, "option", `${odd} changes what is run or where it goes`, "execute-opaque", "host"),
    ];
  // An option before the verb may take a value that would pass for the verb.
  const early = own.slice(0, Math.max(before, 0)).find((word) => !calmBefore.test(word));
  if (early !== undefined)
    return [explicit(call, "option", `${early} before the command is not known`, "unknown", "none")];
  const rule = { rule: `${tool}.${verb.replace(/^-+/, "")}`, place: call.place };
  if (npmReads.test(verb) && !own.includes("fix")) {
    return [{ ...harmless(rule.rule, "only reads"), ...(npmAsks.test(verb) ? { needs: npmHosts } : {}) }];
  }
  if (verb === "audit") return [install(rule, npmHosts)];
  if (verb === "config" || verb === "c" || verb === "get")
    return own.includes("get") || own.includes("list") || own.includes("ls")
      ? [harmless(rule.rule)]
      : [explicit(rule, "set", "changes npm's configuration", "write", "home")];
  if (npmInstalls.test(verb)) {
    const odd2 = own
      .slice(before + 1)
      .find((word) => /^(https?:|git|file:|\.|\/|~|[\w-]+\/[\w-]+(#|$)|.*:)/.test(word));
    if (odd2 !== undefined && !/^(file:)?\.\.?\//.test(odd2))
      return [explicit(rule, "source", `${odd2} is not a package of the registry`, "package", "worktree")];
    return [install(rule, npmHosts)];
  }
  if (npmScripts.test(verb)) return [projectCode(rule)];
  if (tool !== "npm" && !notScripts.test(verb) && /^[\w:-]+$/.test(verb)) return [projectCode(rule)];
  return [
    explicit(
      rule,
      "",
      "publishes, runs downloaded code or changes the account",
      "network-send",
      "remote",
      words.join(" "),
    ),
  ];
}

/** Development tools commonly run through npx; anything else would be downloaded and run. */
const npxTools =
  /^(tsc|eslint|prettier|jest|vitest|mocha|biome|tsx|ts-node|rollup|vite|esbuild|webpack|knip|publint|stylelint|playwright|cypress|nyc|c8|ava|tap|lint-staged|markdownlint|markdownlint-cli|next|astro|svelte-check|vue-tsc|depcheck|madge|tsup|tsdown|turbo|nx|husky|commitlint|ncu|standard|xo|oxlint)$/;

function judgeNpx(call: Call): Finding[] {
  const rest = call.args.filter((word) => !/^(--no-install|--no|-q|--quiet)$/.test(textOf(word)));
  const name = rest[0]?.value ?? "";
  if (name === "nimrod") return call.nested(rest);
  if (npxTools.test(name)) return call.nested(rest);
  return [opaque(call, `${name || "npx"} may be downloaded and run`)];
}

function judgePip(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const verb = words.find((word) => !word.startsWith("-")) ?? words[0] ?? "help";
  const rule = { rule: `pip.${verb.replace(/^-+/, "")}`, place: call.place };
  if (/^(list|freeze|show|check|help|--version|-V|--help|inspect|index|debug|hash)$/.test(verb))
    return [harmless(rule.rule, "only reads")];
  if (verb !== "install" && verb !== "download")
    return [explicit(rule, "", "changes the Python installation", "package", "home")];
  const at = words.indexOf(verb);
  const odd = words
    .slice(at + 1)
    .find((word) =>
      /:\/\/|^git\+|^\/|^~|^\.\.\/|\?|^--?(i|index-url|extra-index-url|f|find-links|trusted-host|proxy|target|t|prefix|root|user|break-system-packages|global-option|config-settings|cert|client-cert|src|log)(=|$)/.test(
        word,
      ),
    );
  if (odd !== undefined)
    return [explicit(rule, "source", `${odd} changes where packages come from or go`, "package", "host")];
  const files = words
    .flatMap((word, index) =>
      /^(-r|--requirement|-c|--constraint)$/.test(word) ? [call.args[index + 1]] : [],
    )
    .filter((word) => word !== undefined);
  return [install(rule, pythonHosts), ...files.flatMap((word) => judgeRead(call.place, word))];
}

/** Fetches packages and puts them into the worktree; their install scripts run in the sandbox. */
export function install(call: { rule: string; place: Call["place"] }, hosts: readonly string[]): Finding {
  const base = projectCode(call);
  if (base.tier !== "brief") return base;
  return {
    ...finding("brief", call.rule, "installs what the project depends on", [
      effect("package", call.rule, "worktree"),
      effect("network-read", hosts.join(" "), "remote"),
    ]),
    needs: hosts,
  };
}
