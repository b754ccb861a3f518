import { documents, type Kind } from "../../src/cli/documents/documents.ts";

/** Throws when a document of `--json` is not exactly what its `kind` promises: nothing missing, nothing more. */
export function checkDocument(text: string): void {
  const { schemaVersion, kind, ...body }: Record<string, unknown> = JSON.parse(text);
  if (schemaVersion !== 1) throw new Error(`schemaVersion is ${String(schemaVersion)}`);
  if (typeof kind !== "string" || !isKind(kind)) throw new Error(`no document is called ${String(kind)}`);
  const read = documents[kind].safeParse(body);
  if (read.success) return;
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(
    `a document "${kind}" that is not as promised: ${problems.join("; ")}\n${text.slice(0, 2000)}`,
  );
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(documents, kind);
}
