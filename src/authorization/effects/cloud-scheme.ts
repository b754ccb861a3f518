import { harmless } from "./finding.ts";
import { explicit, liveRead, type Row, textOf } from "./row.ts";

/** Command lines of clouds: groups of things, then a verb. What leads to the verb has to be known as a group. */

type Scheme = {
  /** Words that lead to a verb. */
  groups: string;
  /** Verbs that read. */
  reads: string;
  /** `group verb` pairs that hand out secrets though the verb reads. */
  secret: RegExp;
  /** Global options that take their value from the next word. */
  valued: string;
  /** Options that send elsewhere, act as somebody else or show keys. */
  refused: RegExp;
};

export function cloud(scheme: Scheme): Row {
  const groups = new Set(scheme.groups.split(/\s+/));
  const reads = new Set(scheme.reads.split(/\s+/));
  const valued = new Set(scheme.valued.split(/\s+/));
  return {
    options: "any",
    plain: true,
    judge: (call) => {
      const path: string[] = [];
      let isRead = false;
      let isSpoiled = call.args.some((word) => word.splits);
      for (let index = 0; index < call.args.length; index += 1) {
        const word = call.args[index];
        const text = word?.value ?? "?";
        if (text.startsWith("-")) {
          if (scheme.refused.test(text)) isSpoiled = true;
          if (/^(--help|-h)$/.test(text) && index === call.args.length - 1)
            return [harmless(`${call.rule}.help`)];
          if (valued.has(text.replace(/^-+/, "")) && !text.includes("=")) index += 1;
          continue;
        }
        if (isRead) continue;
        path.push(text);
        if (reads.has(text)) isRead = true;
        else if (!groups.has(text)) break;
      }
      const rule = [call.rule, ...path].join(".");
      if (path.length === 0) return [harmless(call.rule, "prints help")];
      const isSecret = scheme.secret.test(call.args.map((word) => word.value ?? "?").join(" "));
      if (isRead && !isSpoiled && !isSecret) return [liveRead(rule, "cloud account")];
      return [
        explicit(
          { rule: `${call.rule}.${path[0]}` },
          "",
          "changes the cloud account or may print a secret",
          "cluster",
          "remote",
          call.args.map(textOf).join(" "),
        ),
      ];
    },
  };
}
