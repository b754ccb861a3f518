import { compose } from "./compose.ts";
import { act, build, buildOptions, copy, inside, publish, pull, save, signIn } from "./container-actions.ts";
import { harmless } from "./finding.ts";
import { imageTools } from "./images.ts";
import { explicit, has, liveRead, named, type Row, type Table, textOf, valuesOf } from "./row.ts";
import { changes, fetched, query, subcommands, switches, unlessDry } from "./subcommands.ts";

/** docker, podman and nerdctl: one language with a few words of each one's own. */

const listing = "a all q quiet f= filter= format= no-trunc n noheading sort= scope= orphans v verbose";
const ps =
  "a all f= filter= format= n= last= l latest no-trunc q quiet s size p pod ns namespace sort= w= watch= external sync noheading";
const images = "a all digests f= filter= format= no-trunc q quiet tree n noheading sort= history names";

/**
 * `inspect` shows everything of a container; asking for its environment alone is asking for what is secret in it. No
 * option of it, of the logs and the like does more than read, so that `docker inspect $id` needs no look at the words.
 */
const inspect: Row = {
  options: "any",
  plain: true,
  judge: (call) =>
    call.args.some((word) => /\.Env\b|"Env"|environ|showsecret/i.test(textOf(word)))
      ? [explicit(call, "environment", "prints a container's environment", "credential-read", "host")]
      : [liveRead(call.rule)],
};

const containerReads = {
  "stats|top|diff|port|logs": query("any"),
  "exists|mounts": query("external"),
  wait: query("condition= i= interval= l latest ignore"),
};

const imageReads = {
  history: query("format= H human no-trunc q quiet platform="),
};

const generated: Row = {
  options: switches(
    "n name new t= time= restart-policy= s service no-header e= env= after= requires= wants= type= r= replicas= podman-only",
  ),
  plain: true,
  judge: (call) => [liveRead(call.rule)],
};

const builder = {
  build,
  bake: { ...build, options: `${buildOptions} list=` },
  du: query("verbose filter= format= builder="),
  ls: query("no-trunc format="),
  inspect: query(""),
  "version|ps": query(""),
  "imagetools inspect": query("format= raw builder="),
  "history ls|list": query("filter= format= no-trunc local builder="),
  "history inspect|logs": query("format= progress= type= builder="),
};

const rows: Readonly<Record<string, Row>> = {
  ...containerReads,
  ...imageReads,
  inspect,
  "ps|ls": query(ps),
  images: query(images),
  "version|info": query("f= format= D debug mode= short"),
  search: query("f= filter= format= limit= no-trunc list-tags compatible"),
  events: query("f= filter= format= since= until= no-trunc stream"),
  pull,
  build,
  cp: copy,
  "save|export": save,
  "auto-update": unlessDry(act, /^--dry-run$/, true, /^--authfile/),
  "exec|attach|run|shell|debug": inside,
  push: publish,
  "login|logout": signIn,
  ...prefixed("container", {
    ...containerReads,
    inspect,
    "ls|list|ps": query(ps),
    cp: copy,
    export: save,
    "exec|attach|run": inside,
  }),
  ...prefixed("image", {
    ...imageReads,
    inspect,
    "ls|list": query(images),
    pull,
    build,
    push: publish,
    save,
    "exists|tree": query("whatrequires"),
    diff: query("format="),
    "trust show": query("raw j json noheading"),
  }),
  ...prefixed("pod", {
    "ls|list|ps": query(
      "a all f= filter= format= no-trunc q quiet l latest sort= ctr-ids ctr-names ctr-status ns noheading s",
    ),
    "inspect|top|exists|stats|logs": query(
      "f= format= l latest a all no-stream no-reset follow tail= since= names c= t",
    ),
  }),
  "volume|network ls|list": query(listing),
  "volume|network inspect|exists": query("f= format= v verbose a all"),
  "context ls|list|show": query("q quiet format="),
  "context|node inspect": query("f= format= pretty"),
  "node ls|ps": query(listing),
  "service ls|ps|inspect": query(`${listing} pretty no-resolve`),
  "service logs": query("details f follow since= n= tail= t timestamps no-resolve no-task-ids no-trunc raw"),
  "stack ls|ps|services": query(`${listing} orchestrator= no-resolve namespace=`),
  "stack config": {
    options: switches("c= compose-file= skip-interpolation"),
    judge: (call) =>
      has(call.scan, "skip-interpolation")
        ? [harmless(call.rule, "prints the file")]
        : [explicit(call, "values", "prints resolved values", "credential-read", "none")],
  },
  "plugin|config|secret ls|list|inspect|exists": query(
    "f= filter= format= q quiet no-trunc pretty noheading",
  ),
  "system df|info|events": query("f= filter= format= v verbose since= until= no-trunc"),
  "system connection list|ls": query("f= format= q quiet"),
  "machine list|ls|inspect|info": query("f= format= n noheading q quiet all-providers"),
  "manifest inspect": query("v verbose insecure tls-verify"),
  "trust inspect|view": query("pretty"),
  "checkpoint|builder|namespace|plugin ls": query(listing),
  ...prefixed("buildx", builder),
  "builder build": build,
  "builder du": query("verbose filter= format="),
  "scout quickview|qv|cves|recommendations|compare": {
    options: switches(
      "only-severity= only-fixed format= platform= ref= to= stream= only-package-type= ignore-base org=",
    ),
    plain: true,
    judge: (call) => [fetched(call.rule, "vulnerability data")],
  },
  "generate|kube systemd|kube|generate": generated,
  "quadlet list|print": query("f= filter= format= n noheading"),
};

function prefixed(group: string, rows: Readonly<Record<string, Row>>): Record<string, Row> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${group} ${name}`, row]));
}

const docker = subcommands(
  { ...rows, compose },
  act,
  "c= context= connection= D debug H= host= l= log-level= tls tlsverify v version help h n= namespace= a= address= r remote debug-full snapshotter= storage-driver= noout",
  {
    // `-v` asks docker for its version, and mounts a folder in a build.
    ownOptions: true,
    before: (scan, place) => {
      const hosts = valuesOf(scan, "H", "host", "address", "a").filter(
        (word) => !/^(unix:\/\/)?\//.test(textOf(word)),
      );
      return { place, findings: hosts.map(() => fetched("docker.host", "the state of another machine")) };
    },
  },
);

export const containers = (): Table => ({
  ...named("docker podman nerdctl", docker),
  ...named("docker-compose podman-compose", compose),
  "docker-buildx": subcommands(builder, act, "builder="),
  ...imageTools,
  ...named(
    "lazydocker ctop oxker dry lazyjournal",
    changes("container", "host", "a screen from which containers are changed"),
  ),
});
