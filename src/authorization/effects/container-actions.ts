import { judgeRead, judgeReadTree, judgeWrite } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import { type Call, explicit, has, type Row, readAll, textOf, valuesOf, writeAll } from "./row.ts";
import { changes, switches } from "./subcommands.ts";

/** What containers and their images are taken through, whichever program does it. */

export const act = changes("container", "host", "changes containers, images or what they can reach");
export const inside = changes("remote-exec", "host", "runs a command in a container");
export const publish = changes("network-send", "remote", "publishes an image");
export const signIn = changes(
  "credential-write",
  "host",
  "changes or prints credentials of a registry or a cluster",
);

export const pull: Row = {
  options: switches(
    "q quiet a all-tags platform= disable-content-trust arch= os= variant= tls-verify policy= retry= retry-delay=",
  ),
  plain: true,
  judge: (call) => [image(call)],
};

export function image(call: { rule: string }): Finding {
  return {
    ...finding("brief", call.rule, "fetches or builds container images", [
      effect("network-read", "registry", "remote"),
      effect("container", "image", "host"),
    ]),
    needs: ["remote:registry"],
  };
}

// Not here: what lets a build out or hands it secrets (push, output, secret, ssh, allow, volume, device, cache-to...).
export const buildOptions = switches(
  "t= tag= f= file= build-arg= no-cache pull=? q quiet target= platform= progress= label= rm force-rm compress m= memory= memory-swap= cpu-period= cpu-quota= c= cpu-shares= cpuset-cpus= cpuset-mems= shm-size= ulimit= cache-from= load D debug check squash network= provenance= sbom= attest= annotation= no-cache-filter= call= layers format= pull-always pull-never squash-all jobs= arch= os= variant= timestamp= tls-verify ignorefile= with-dependencies parallel no-rm print set= b",
);

/** A build runs the worktree's own Dockerfile inside containers. */
export const build: Row = { options: buildOptions, plain: true, judge: judgeBuild };

function judgeBuild(call: Call): Finding[] {
  if (has(call.scan, "check", "print")) return [harmless(call.rule, "only checks or prints the build")];
  const network = valuesOf(call.scan, "network").find(
    (word) => !/^(none|default|bridge)$/.test(textOf(word)),
  );
  const remote = call.scan.operands.find((word) =>
    /^(https?:|git:|git@|ssh:|github\.com)/.test(textOf(word)),
  );
  const odd = network ?? remote;
  if (odd !== undefined)
    return [
      explicit(
        call,
        "option",
        `${odd.text} lets a build out, or is code nobody has read`,
        "container",
        "host",
      ),
    ];
  const contexts = call.scan.operands.filter((word) => /^[./~]/.test(textOf(word)));
  return [
    image(call),
    ...contexts.flatMap((word) => judgeReadTree(call.place, word)),
    ...readAll(call, valuesOf(call.scan, "f", "file")),
  ];
}

/** Out of a container into the worktree: a read. The other way, or into another container: a change. */
export const copy: Row = {
  options: switches("a archive L follow-link q quiet all index= overwrite"),
  judge: (call) => {
    const [from, to] = call.scan.operands;
    const isInside = (text: string): boolean => /^[^/.][^/]*:/.test(text);
    if (from === undefined || to === undefined || !isInside(textOf(from)) || isInside(textOf(to)))
      return act.judge(call);
    const path = after(from, leadingText(from).indexOf(":") + 1);
    return [
      finding("brief", call.rule, "copies a file out of a container", [effect("read", textOf(from), "host")]),
      ...judgeRead(call.place, path),
      ...(to.value === "-" ? [] : judgeWrite(call.place, to)),
    ];
  },
};

/** Writes an image or a container's files as an archive. */
export const save: Row = {
  options: switches("o= output= platform= format= m multi-image-archive compress uncompressed q quiet"),
  judge: (call) => [
    finding("brief", call.rule, "writes an archive", [effect("read", "image", "host")]),
    ...writeAll(call, valuesOf(call.scan, "o", "output")),
  ],
};
