import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { leadingText, optionSpec, scanOptions } from "./options.ts";
import { type Call, explicit, textOf, valuesOf } from "./row.ts";
import { switches } from "./subcommands.ts";

/** `gh api` and `glab api`: any request with the operator's own credentials. */

const options = optionSpec(
  switches(
    "X= method= f= raw-field= F= field= form= H= header= q= jq= t= template= i include paginate slurp silent verbose cache= p= preview= hostname= input= output= h help",
  ),
);

/** A GET, or a GraphQL query: a field or another method makes it a change. */
export function judgeForgeCall(call: Call, host: string): Finding[] {
  const scan = scanOptions(call.args, options, "gnu");
  const [path] = scan.operands;
  const target = textOf(path);
  const fields = valuesOf(scan, "f", "raw-field", "F", "field", "form");
  const methods = valuesOf(scan, "X", "method").map((word) => textOf(word).toUpperCase());
  const isGraph = target === "graphql";
  const isGet =
    methods.length > 0 ? methods.every((method) => /^(GET|HEAD)$/.test(method)) : fields.length === 0;
  const isRead = isGraph ? fields.length > 0 && asks(fields) : isGet;
  const odd =
    scan.unknown !== null ||
    scan.open !== null ||
    scan.given.has("input") ||
    valuesOf(scan, "H", "header").some(
      (word) => !/^(accept|x-github-api-version|content-type)\s*:/i.test(textOf(word)),
    ) ||
    // `@file` sends a file.
    valuesOf(scan, "F", "field", "form").some((word) => /^[^=]*=@/.test(textOf(word)));
  if (
    path === undefined ||
    !isRead ||
    odd ||
    !isOwn(path) ||
    /token|private[-_]?key|job_token|\/variables(\/|$|\?)/i.test(target)
  )
    return [
      explicit(call, "", "calls the forge with more than a plain read", "network-send", "remote", target),
    ];
  const named = valuesOf(scan, "hostname")[0];
  return [
    {
      ...finding("brief", call.rule, "reads from the forge", [effect("network-read", target, "remote")]),
      needs: [named === undefined ? host : textOf(named)],
    },
  ];
}

/** A path of the forge itself: a full address could be anybody's. */
function isOwn(path: Word): boolean {
  const head = leadingText(path);
  return path.value === null
    ? /^\/?(repos|projects|users|orgs|groups)\/\w/.test(head)
    : !/^\w+:\/\//.test(path.value);
}

/** GitHub keeps variables apart from secrets; GitLab's are secrets. */
function asks(fields: readonly Word[]): boolean {
  const queries = fields.filter((word) => leadingText(word).startsWith("query="));
  return (
    queries.length === 1 &&
    queries.every(
      (word) =>
        /^query=\s*(query\b|\{)/.test(leadingText(word)) &&
        !/\b(mutation|subscription)\b/i.test(word.value ?? "mutation"),
    )
  );
}
