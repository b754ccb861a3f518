import { NimrodError } from "../../errors.ts";
import { completionScripts } from "../completion/scripts.ts";
import type { Context } from "../context.ts";
import { oneOf } from "../options.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** `nimrod completion bash|zsh|fish`: the script, whose first lines say where to put it. */
export async function completion({ output }: Context, args: readonly string[]): Promise<number> {
  if (args[0] === undefined) {
    throw new NimrodError("usage", "for which shell? bash, zsh or fish", {
      hint: "nimrod completion bash",
    });
  }
  const shell = oneOf("the shell", args[0], shells);
  output.document("completion", { shell, script: completionScripts[shell] });
  output.line(completionScripts[shell].trimEnd());
  return 0;
}
