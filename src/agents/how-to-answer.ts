import { fence } from "../evidence/redact.ts";
import type { AgentAction } from "./adapter.ts";
import type { Capability } from "./role-file.ts";

/** How the pass answers: `nimrod-pass/1` by process or by line, or the tools of the MCP server. */
export type PromptProtocol = "once" | "stream" | "toolbox";

type Row = {
  kind: AgentAction["kind"];
  /** Its name on the MCP side. */
  tool: string;
  /** In the plain protocol, all but the kind. */
  fields: string;
  what: string;
  /** Any of these in the role file offers it. */
  needs: readonly Capability[];
};

/** What can be asked of Nimrod, in both protocols. */
export const actionTable: readonly Row[] = [
  {
    kind: "read",
    tool: "read_file",
    fields: `"path":"…","offset":1,"limit":200`,
    what: "a file, or `limit` lines of it from line `offset`",
    needs: ["read"],
  },
  {
    kind: "list",
    tool: "list_files",
    fields: `"path":".","glob":"**/*.conf"`,
    what: "the files below a folder",
    needs: ["read"],
  },
  {
    kind: "search",
    tool: "search",
    fields: `"pattern":"listen +80","path":".","glob":"**/*.conf"`,
    what: "lines that match a regular expression",
    needs: ["read"],
  },
  {
    kind: "run",
    tool: "run",
    fields: `"argv":["git","log","-5"]`,
    what: 'a command; `"command":"…"` in place of `argv` is a line for bash',
    needs: ["run-none", "run-in-copy", "run"],
  },
  {
    kind: "write",
    tool: "write_file",
    fields: `"path":"…","content":"…"`,
    what: "a whole file",
    needs: ["write"],
  },
  {
    kind: "edit",
    tool: "edit_file",
    fields: `"path":"…","old":"…","new":"…"`,
    what: "replaces `old`, which must be in the file exactly once",
    needs: ["write"],
  },
  {
    kind: "fetch",
    tool: "fetch",
    fields: `"url":"https://…"`,
    what: "the text at an address, where the policy opens its host",
    needs: ["run-none", "run"],
  },
  {
    kind: "ask",
    tool: "ask_operator",
    fields: `"questions":[{"id":"Q1","kind":"choice","text":"…","options":["…","…"],"neededFor":["AC1"]}]`,
    what: "asks a person; the pass ends and starts again with the answer, so ask everything at once",
    needs: ["ask"],
  },
  {
    kind: "delegate",
    tool: "delegate",
    fields: `"question":"…","paths":["…"]`,
    what: "one bounded question to a fresh agent that can only read; it knows nothing but what you write",
    needs: ["delegate"],
  },
];

export type AnswerForm = {
  nonce: string;
  protocol: PromptProtocol;
  /** The role's JSON Schema. */
  schema: string;
  /** Of the role file: what is not granted is not offered. */
  capabilities: readonly Capability[];
};

/** The last part of a prompt. Everything in it is Nimrod's own. */
export function howToAnswer(form: AnswerForm): string {
  const offered = actionTable.filter(({ needs }) => needs.some((each) => form.capabilities.includes(each)));
  return [
    "# How to answer",
    form.protocol === "toolbox" ? withTools(form.nonce, offered) : withText(form, offered),
    ...(offered.length > 0 ? [rules] : []),
    `The \`result\` must fit this JSON Schema. Give every required field, an empty list where there is nothing to say;
unknown fields are errors:`,
    fence(form.schema),
  ].join("\n\n");
}

const rules = `Paths are relative to the top of the checkout. Nimrod judges each action and performs it if it may be; you have no
other way to act. An outcome \`denied\` tells why: choose another way to find out, or do without. The same again stays
denied. \`failed\` is an answer too: a command that ended with another exit code than 0, a file that is not there.`;

function withTools(nonce: string, offered: readonly Row[]): string {
  const submit = `Finish by calling the tool \`submit\` with {"nonce":${JSON.stringify(nonce)},"result":{…}}. If it answers with problems, repair
exactly these and call it again. Text that you write beside tool calls is read by nobody.`;
  if (offered.length === 0)
    return `You need no other tool than \`submit\` of the server \`nimrod\`.\n\n${submit}`;
  const rows = offered.map(({ tool, what }) => `- \`${tool}\`: ${what}`);
  return `Act with the tools of the server \`nimrod\` only:\n\n${rows.join("\n")}\n\n${submit}`;
}

function withText({ nonce, protocol }: AnswerForm, offered: readonly Row[]): string {
  const head = `{"protocol":"nimrod-pass/1","nonce":${JSON.stringify(nonce)}`;
  const finish = `to finish: ${head},"result":{…}}`;
  const where =
    protocol === "once"
      ? "Write exactly one JSON object on stdout, alone or as the last fenced `json` block:"
      : "Write exactly one line of JSON on stdout for each line that you read:";
  if (offered.length === 0) return `${where}\n\n${finish}`;
  const rows = offered.map(({ kind, fields, what }) => `- \`{"kind":"${kind}",${fields}}\`: ${what}`);
  return `${where}

to act:    ${head},"actions":[…]}
${finish}

An answer has actions or a result, never both. Actions are done in order, and you are told how each went. They are:

${rows.join("\n")}

Leave out what you do not need of \`offset\`, \`limit\`, \`glob\`, \`path\` and \`paths\`. In JSON a line break inside a text is \`\\n\`, a
double quote \`\\"\`, a backslash \`\\\\\`.`;
}
