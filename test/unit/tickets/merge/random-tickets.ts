import fc from "fast-check";

/** Tickets as a model, so that a test knows what a merge of two edited ones must come to. */

export type Model = {
  bom: boolean;
  eol: "\n" | "\r\n";
  fields: { key: string; value: string | string[]; form: number; comment: string }[];
  /** Every line of a body is there once, so that a test can say of each where it came from. */
  sections: { title: string; lines: string[] }[];
};

const scalars = ["status", "priority", "assignee", "x_note", "estimate"];
const lists = ["labels", "depends_on", "related", "x_list"];
const values: Record<string, string[]> = {
  status: ["draft", "open", "in_progress", "blocked", "in_review"],
  priority: ["0", "1", "2", "3", "4"],
};
const words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];
const titles = [
  "Description",
  "Acceptance Criteria",
  "Plan",
  "Links",
  "Risks",
  "Follow-ups",
  "Notes",
  "Mine",
];

export type Edit = { kind: number; at: number; with: number };

export const edits = fc.array(fc.record({ kind: fc.nat(8), at: fc.nat(40), with: fc.nat(40) }), {
  maxLength: 5,
});

export const models: fc.Arbitrary<Model> = fc
  .record({
    bom: fc.boolean(),
    crlf: fc.boolean(),
    scalars: fc.subarray(scalars.slice(1)),
    lists: fc.subarray(lists),
    titles: fc.subarray(titles),
    form: fc.nat(5),
    length: fc.nat(4),
  })
  .map((seed) => ({
    bom: seed.bom,
    eol: seed.crlf ? "\r\n" : "\n",
    fields: [
      { key: "id", value: "nim-aaaaaa", form: 0, comment: "" },
      { key: "title", value: "A ticket", form: seed.form, comment: "" },
      ...["status", ...seed.scalars].map((key, i) => ({
        key,
        value: values[key]?.[1] ?? "alpha",
        form: seed.form + i,
        comment: i % 3 === 1 ? `about ${key}` : "",
      })),
      ...seed.lists.map((key, i) => ({
        key,
        value: words.slice(0, 1 + i),
        form: seed.form + i,
        comment: "",
      })),
    ],
    sections: seed.titles.map((title) => ({
      title,
      lines: Array.from({ length: seed.length }, (_, i) => lineOf(title, `base ${i}`)),
    })),
  }));

/** What a person or Nimrod does to a ticket; `who` makes the new lines of each side their own. */
export function edit(model: Model, all: readonly Edit[], who: string): Model {
  const next = structuredClone(model);
  for (const [step, { kind, at, with: how }] of all.entries()) {
    const field = next.fields[1 + (at % (next.fields.length - 1))];
    const section = next.sections[at % Math.max(1, next.sections.length)];
    const name = `${who} ${step}`;
    if (kind === 0 && field !== undefined) changeField(field, how, who);
    else if (kind === 1) addField(next, how);
    else if (kind === 2 && field !== undefined && !["title", "status"].includes(field.key)) {
      next.fields.splice(next.fields.indexOf(field), 1);
    } else if (kind === 3 && field !== undefined) field.form = how;
    else if (kind === 4 && section !== undefined) section.lines.push(lineOf(section.title, name));
    else if (kind === 5 && section !== undefined && section.lines.length > 0) {
      const i = how % section.lines.length;
      const line = section.lines[i] ?? "";
      section.lines[i] = line.startsWith("- [ ]") ? line.replace("[ ]", "[x]") : lineOf(section.title, name);
    } else if (kind === 6 && section !== undefined) section.lines.splice(how % (section.lines.length + 1), 1);
    else if (kind === 7) {
      const missing = titles.filter((title) => !next.sections.some((one) => one.title === title));
      const title = missing[how % Math.max(1, missing.length)];
      if (title !== undefined) next.sections.push({ title, lines: [lineOf(title, name)] });
    } else if (kind === 8 && section !== undefined && section.lines.length > 0)
      section.lines.splice(how % section.lines.length, 0, lineOf(section.title, name));
  }
  return next;
}

export function render({ bom, eol, fields, sections }: Model): string {
  const lines = ["---", ...fields.flatMap(renderField), "---", ""];
  for (const [i, { title, lines: own }] of sections.entries()) {
    lines.push(...(i === 0 ? [] : [""]), `## ${title}`, "", ...own);
  }
  return `${bom ? "\ufeff" : ""}${lines.join(eol)}${eol}`;
}

function renderField({ key, value, form, comment }: Model["fields"][number]): string[] {
  const lead = comment === "" ? [] : [`# ${comment}`];
  if (typeof value === "string") {
    const written = [value, `"${value}"`, `'${value}'`, `  ${value}`, `${value} # said of ${key}`][form % 5];
    return [...lead, `${key}: ${written}`];
  }
  if (form % 3 !== 0 || value.length === 0) return [...lead, `${key}: [${value.join(", ")}]`];
  return [...lead, `${key}:`, ...value.map((item) => `  - ${item}`)];
}

function lineOf(title: string, name: string): string {
  if (title === "Acceptance Criteria") return `- [ ] ${title} ${name}`;
  return title === "Description" || title === "Mine" ? `${title} ${name}.` : `- ${title} ${name}`;
}

function changeField(field: Model["fields"][number], how: number, who: string): void {
  const word = words[how % words.length] ?? "";
  if (field.key === "title") field.value = `A title of ${how % 3 === 0 ? "both" : who}`;
  else if (typeof field.value === "string") {
    const choices = values[field.key] ?? words;
    field.value = choices[how % choices.length] ?? word;
  } else if (field.value.includes(word)) field.value = field.value.filter((item) => item !== word);
  else field.value = [...field.value, word];
}

function addField(model: Model, how: number): void {
  const key = [...scalars, ...lists].filter((one) => !model.fields.some((field) => field.key === one))[
    how % 3
  ];
  if (key === undefined) return;
  const word = words[how % words.length] ?? "";
  model.fields.push({
    key,
    value: lists.includes(key) ? [word] : (values[key]?.[how % 5] ?? word),
    form: how,
    comment: "",
  });
}
