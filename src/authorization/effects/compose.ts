import { act, build, copy, image, inside, publish, save } from "./container-actions.ts";
import { harmless } from "./finding.ts";
import { explicit, type Group, has, type Row } from "./row.ts";
import { query, subcommands, switches } from "./subcommands.ts";

const dryRun: Row = {
  options: "any",
  plain: true,
  judge: (call) => [harmless(`${call.rule}.dry`, "a dry run")],
};

/** What is not one of these prints the values of .env in full. */
const shape = [
  "q",
  "quiet",
  "services",
  "volumes",
  "images",
  "profiles",
  "networks",
  "models",
  "hash",
  "no-interpolate",
];

const config: Row = {
  options: switches(
    "q quiet services volumes images profiles networks models hash= format= no-interpolate resolve-image-digests lock-image-digests no-normalize no-path-resolution no-consistency no-env-resolution environment variables o= output=",
  ),
  plain: true,
  judge: (call) =>
    has(call.scan, ...shape) && !has(call.scan, "environment", "o", "output")
      ? [harmless(call.rule, "checks the file")]
      : [explicit(call, "output", "prints or writes resolved values", "credential-read", "none")],
};

/** docker compose, docker-compose and podman-compose. */
export const compose: Group = subcommands(
  {
    ps: query("a all filter= format= no-trunc orphans q quiet services status="),
    ls: query("a all filter= format= q quiet"),
    "images|volumes": query("format= q quiet"),
    top: query("any"),
    port: query("index= protocol="),
    events: query("json since= until="),
    stats: query("a all format= no-stream no-trunc"),
    version: query("f= format= short"),
    logs: query("f follow index= no-color no-log-prefix since= n= tail= t timestamps until="),
    wait: query(""),
    "config|convert": config,
    build,
    pull: {
      options: switches(
        "ignore-buildable ignore-pull-failures include-deps policy= q quiet parallel no-parallel",
      ),
      plain: true,
      judge: (call) => [image(call)],
    },
    cp: copy,
    export: save,
    "exec|run|attach": inside,
    "push|publish": publish,
  },
  act,
  "f= file= p= project-name= project-directory= env-file= profile= ansi= progress= compatibility parallel= dry-run verbose no-ansi all-resources help h v version",
  {
    ownOptions: true,
    before: (scan, place) =>
      scan.given.has("dry-run") && scan.given.get("dry-run")?.length === 0
        ? {
            place,
            findings: [],
            ...(/^con(fig|vert)$/.test(scan.operands[0]?.value ?? "") ? {} : { instead: dryRun }),
          }
        : { place, findings: [] },
  },
);
