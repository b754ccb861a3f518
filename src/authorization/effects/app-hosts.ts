import { named, projectCode, type Table, writeAll } from "./row.ts";
import { changes, query, subcommands } from "./subcommands.ts";

/** Where apps and sites are deployed to. */

export const appHosts: Table = {
  ...named(
    "fly flyctl",
    subcommands(
      {
        "status|logs|releases|version|doctor": query(
          "a= app= config= json j all i instance= r= region= n no-tail image",
        ),
        "apps|machine|machines|m|volumes|volume|vol|ips|certs|regions|orgs|postgres|pg|secrets|scale|checks|services|image|config list|ls|show|status|check":
          query("a= app= config= json j all q quiet o= org="),
        "redis list|ls": query("json j o= org="),
        "redis status": changes("credential-read", "remote", "prints an address with its password"),
        "platform regions|vm-sizes|status": query("json j"),
        "auth whoami": query("json j"),
      },
      changes("cluster", "remote", "deploys or changes an app"),
      "h help",
    ),
  ),
  heroku: subcommands(
    {
      "apps|ps|logs|releases|addons|domains|buildpacks|pipelines|status|regions|info|maintenance|drains|access|features|certs|version":
        query("a= app= json t tail n= num= s= source= d= dyno= p= ps= all team= remote= r="),
      "apps:info|pg:info|pg:ps|releases:info|addons:info|auth:whoami": query("a= app= json"),
    },
    changes("cluster", "remote", "deploys or changes an app"),
  ),
  vercel: subcommands(
    {
      "ls|list|inspect|logs|whoami|teams|projects": query("any"),
      "domains|dns|certs|aliases|alias|project|projects|teams ls|list|inspect": query("any"),
    },
    changes("network-send", "remote", "deploys or changes an app"),
    "S= scope= h help v version",
    // Without a word it deploys.
    { bare: changes("network-send", "remote", "deploys an app") },
  ),
  netlify: subcommands(
    { "status|sites:list|api:list|recipes:list": query("json"), "status|sites|logs list": query("json") },
    changes("network-send", "remote", "deploys or changes a site"),
  ),
  wrangler: subcommands(
    {
      "whoami|tail|docs": query(
        "format= status= method= search= name= env= e= sampling-rate= ip= header= version-id=",
      ),
      types: { options: "any", judge: (call) => [projectCode(call), ...writeAll(call, call.scan.operands)] },
      "deployments|versions|d1|kv|r2|queues|pages|vectorize|hyperdrive|workflows|ai|secret|pipelines list|status|view|info|models":
        query("name= json env= e="),
      "kv namespace list": query("env="),
      "kv key list": query("binding= namespace-id= prefix= remote"),
      "r2 bucket list|info": query(""),
      "pages deployment|project list|tail": query("project-name="),
    },
    changes("network-send", "remote", "deploys or changes a worker"),
    "h help v version e= env=",
  ),
  firebase: subcommands(
    {
      "projects:list|apps:list|functions:list|functions:log|hosting:sites:list|hosting:channel:list|firestore:indexes|use-list|login:list":
        query("P= project= json n= lines= only= site="),
    },
    changes("network-send", "remote", "deploys or changes a project"),
    "P= project= j json h help V version",
  ),
};
