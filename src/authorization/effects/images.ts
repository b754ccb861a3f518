import { act, build, inside, pull, signIn } from "./container-actions.ts";
import { imageScanners } from "./image-scanners.ts";
import { registries } from "./registries.ts";
import { named, projectCode, type Table, valuesOf } from "./row.ts";
import { fetches, query, subcommands, switches, written } from "./subcommands.ts";

/** What looks at images, moves them between registries, or talks to the runtime below docker. */

const buildah = subcommands(
  {
    images: query("a all digests f= filter= format= json no-trunc q quiet n noheading history"),
    "containers|ls|list|ps": query("a all f= filter= format= json n noheading no-trunc notruncate q quiet"),
    inspect: query("f= format= t= type="),
    "info|version": query("f= format= D debug json"),
    "build|bud|build-using-dockerfile": build,
    pull,
    "run|unshare": inside,
    "login|logout": signIn,
    "manifest inspect|exists": query("tls-verify"),
  },
  act,
  "debug log-level= version v h help",
  { ownOptions: true },
);

const runtimeList =
  "a all q quiet o= output= v verbose digests no-trunc s= state= l= last= latest name= label= p= pod= image= id= r resolve-image-path namespace= prune";

const crictl = subcommands(
  {
    "images|image|img|ps|pods|stats|statsp|info|version|imagefsinfo|metricsp|runtime-config": query(
      `${runtimeList} output= f= filter= w watch n= seconds= t= template=`,
    ),
    "inspect|inspecti|inspectp": query(
      "o= output= q quiet t= template= name= n= a all s= state= l= last= latest label= id=",
    ),
    logs: query("f follow tail= since= limit-bytes= t timestamps p previous"),
    "events|event": query("o= output= t= template="),
    pull,
    "exec|attach": inside,
  },
  act,
  "r= runtime-endpoint= i= image-endpoint= t= timeout= D debug v version h help",
);

const ctr = subcommands(
  {
    "images|image|i ls|list|check|inspect|usage": query(`q quiet content`),
    "containers|container|c ls|list|info|inspect": query(`q quiet spec`),
    "tasks|task|t ls|list|ps|metrics|metric": query(`q quiet format= f= snapshots`),
    "snapshots|snapshot ls|list|info|usage|tree|diff": query("b k snapshotter="),
    "namespaces|namespace|ns ls|list|plugins": query("q quiet"),
    "content ls|list|active": query(`q quiet t timeout= root=`),
    "plugins|plugin ls|list": query("q quiet d detailed"),
    "leases|lease|sandboxes ls|list": query("q quiet"),
    "version|info": query(""),
    "events|event": query(""),
    "images|image|i pull": pull,
    "images|image|i export": fetches("platform= all-platforms", "an image", { operandFrom: 0 }),
    "tasks|task|t exec|attach|start": inside,
  },
  act,
  "n= namespace= a= address= debug timeout= connect-timeout= v version h help",
);

/** What k3s brings under its own name. */
export const crictlAndCtr = { crictl, ctr };

export const imageTools: Table = {
  ...registries,
  ...imageScanners,
  buildah,
  crictl,
  ctr,
  ...named(
    "runc crun",
    subcommands(
      {
        "list|ls|state|ps|events|features": query("f= format= q quiet interval= stats"),
        spec: {
          options: switches("b= bundle= rootless"),
          judge: (call) => [
            projectCode(call),
            ...valuesOf(call.scan, "b", "bundle").flatMap((word) => written(call.place, word)),
          ],
        },
      },
      act,
      "debug log-format= v version h help",
    ),
  ),
};
