import type { EffectKind } from "../action.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { readsUnder } from "./host.ts";
import {
  always,
  type Call,
  explicit,
  type Group,
  has,
  live,
  liveRead,
  named,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

const dockerReads: Table = {
  ...named(
    "ps images info version port top stats diff events search history",
    live(
      "a all q quiet f= filter= format= n= last= l latest s size no-trunc no-stream digests since= until= limit= H human tree",
    ),
  ),
  logs: live("f follow n= tail= since= until= t timestamps details no-color no-log-prefix index="),
  inspect: live("f= format= s size type="),
};

const anotherCommand = always(
  "explicit",
  "container",
  "host",
  "changes containers, images or what they can reach",
);
const insideContainer = always("explicit", "remote-exec", "host", "runs a command in a container");

const imageChanges: Table = {
  ...named("build buildx bake", { options: "any", plain: true, judge: judgeBuild }),
  pull: {
    options: "q quiet a all-tags platform= disable-content-trust ignore-pull-failures include-deps policy=",
    plain: true,
    judge: (call) => [image(call)],
  },
};

function listGroup(reads: string): Group {
  return {
    global: "",
    subs: {
      ...named(reads, live("a all q quiet f= filter= format= no-trunc v verbose digests s size")),
      "*": anotherCommand,
    },
  };
}

const docker: Group = {
  global: "",
  subs: {
    ...dockerReads,
    ...imageChanges,
    ...named("exec attach run", insideContainer),
    container: {
      global: "",
      subs: {
        ...dockerReads,
        ls: live("a all q quiet f= filter= format= n= l latest s size no-trunc"),
        list: live("a all q"),
        ...named("exec attach run", insideContainer),
        "*": anotherCommand,
      },
    },
    image: {
      global: "",
      subs: {
        ...named("ls list inspect history", live("a all q quiet f= filter= format= no-trunc digests tree")),
        ...imageChanges,
        "*": anotherCommand,
      },
    },
    ...named(
      "volume network context node service stack plugin config secret system",
      listGroup("ls list inspect ps df info show events"),
    ),
    compose: compose(),
    ...named(
      "create start stop restart kill rm rmi pause unpause update rename commit cp export import save load tag push login logout swarm trust manifest wait builder checkpoint",
      anotherCommand,
    ),
  },
  bare: { options: "v version help", plain: true, judge: (call) => [harmless(call.rule)] },
};

function compose(): Group {
  return {
    global:
      "f= file= p= project-name= project-directory= env-file= profile= ansi= progress= compatibility parallel= dry-run",
    subs: {
      ...named(
        "ps ls images top port events version",
        live("a all q quiet format= filter= status= services orphans json f= short"),
      ),
      logs: live("f follow n= tail= since= until= t timestamps no-color no-log-prefix index="),
      config: {
        options:
          "q quiet services volumes images profiles hash= format= no-interpolate resolve-image-digests no-normalize no-path-resolution environment variables o= output= networks",
        plain: true,
        judge: (call) =>
          // What is not one of these prints the values of .env in full.
          has(
            call.scan,
            "q",
            "quiet",
            "services",
            "volumes",
            "images",
            "profiles",
            "networks",
            "no-interpolate",
          ) && !has(call.scan, "environment", "o", "output", "variables")
            ? [harmless(call.rule, "checks the file")]
            : [explicit(call, "output", "prints or writes resolved values", "credential-read", "none")],
      },
      ...imageChanges,
      ...named("exec run attach", insideContainer),
      "*": anotherCommand,
    },
    bare: { options: "help version", judge: (call) => [harmless(call.rule)] },
  };
}

function image(call: { rule: string }): Finding {
  return {
    ...finding("brief", call.rule, "fetches container images", [
      effect("network-read", "registry", "remote"),
      effect("container", "image", "host"),
    ]),
    needs: ["remote:registry"],
  };
}

function judgeBuild(call: Call): Finding[] {
  const odd = call.args.find(
    (word) =>
      word.splits ||
      /^--(push|output|secret|ssh|allow|privileged|network=host|cap-add|add-host|cache-to|metadata-file|iidfile|builder|build-context|o|device|security-opt|isolation)|^-o/.test(
        textOf(word),
      ),
  );
  if (odd !== undefined)
    return [
      explicit(call, "option", `${odd.text} lets a build out or hands it secrets`, "container", "host"),
    ];
  const contexts = call.args.filter((word) => !textOf(word).startsWith("-"));
  return [
    image(call),
    ...readAll(
      call,
      contexts.filter((word) => /^[./~]/.test(textOf(word))),
    ),
  ];
}

const kubeGlobal = "n= namespace= context= cluster= user= request-timeout= v=";
const kubeGet =
  "A all-namespaces o= output= w watch watch-only l= selector= field-selector= show-labels sort-by= no-headers L= label-columns= chunk-size= ignore-not-found R recursive show-kind show-managed-fields f= filename= k= subresource=";

const kubectl: Group = {
  global: kubeGlobal,
  subs: {
    get: { options: kubeGet, plain: true, judge: secretsApart },
    describe: {
      options: "A all-namespaces l= selector= show-events f= filename= R",
      plain: true,
      judge: secretsApart,
    },
    logs: live(
      "f follow tail= since= since-time= c= container= p previous all-containers timestamps l= selector= prefix max-log-requests= limit-bytes= ignore-errors",
    ),
    ...named(
      "top api-resources api-versions explain version events",
      live(
        "A all-namespaces l= selector= o= output= containers sort-by= no-headers client short recursive api-version= for= types= w watch namespaced verbs= api-group=",
      ),
    ),
    "cluster-info": live(""),
    diff: live("f= filename= k= kustomize= R recursive server-side"),
    rollout: {
      options: "any",
      plain: true,
      judge: (call) =>
        /^(status|history)$/.test(textOf(call.args[0])) ? [liveRead(`${call.rule}-status`)] : [cluster(call)],
    },
    config: {
      options: "any",
      plain: true,
      judge: (call) =>
        /^(current-context|get-contexts|get-clusters|get-users)$/.test(textOf(call.args[0]))
          ? [liveRead(`${call.rule}-get`)]
          : [cluster(call)],
    },
    auth: {
      options: "any",
      plain: true,
      judge: (call) =>
        /^(can-i|whoami)$/.test(textOf(call.args[0])) && !call.args.some((word) => /^--as/.test(textOf(word)))
          ? [liveRead(call.rule)]
          : [cluster(call)],
    },
    kustomize: {
      options: "",
      judge: (call) => [harmless(call.rule, "renders"), ...readAll(call, call.scan.operands)],
    },
    "*": always("explicit", "cluster", "remote", "changes the cluster or runs inside it"),
  },
};

function cluster(call: Call): Finding {
  return explicit(call, "", "changes the cluster", "cluster", "remote", call.args.map(textOf).join(" "));
}

/** Secrets are read through the same verb as everything else. */
function secretsApart(call: Call): Finding[] {
  const words = [...call.scan.operands, ...valuesOf(call.scan, "f", "filename", "k")];
  const isOpen = words.some((word) => word.value === null) || has(call.scan, "f", "filename", "k");
  const isSecret = words.some((word) => /secret|sealed|token|credential/i.test(textOf(word)));
  if (isOpen || isSecret)
    return [
      explicit(
        call,
        "secret",
        "may print secrets of the cluster",
        "credential-read",
        "remote",
        words.map(textOf).join(" "),
      ),
    ];
  return [liveRead(call.rule, "cluster")];
}

function remoteReads(
  verbs: string,
  kind: EffectKind,
  options: { refused?: RegExp; bare?: boolean } = {},
): Row {
  return readsUnder(verbs, kind, { ...options, scope: "remote" });
}

const terraform: Group = {
  global: "version help",
  subs: {
    validate: {
      options: "json no-color no-tests test-directory=",
      style: "word",
      judge: (call) => [harmless(call.rule, "only checks")],
    },
    fmt: {
      options: "check diff recursive list= no-color write=",
      style: "word",
      judge: (call) =>
        has(call.scan, "check")
          ? [harmless(call.rule)]
          : [
              finding("brief", call.rule, "formats files", [effect("write", "*.tf", "worktree")]),
              ...writeAll(call, call.scan.operands),
            ],
    },
    plan: {
      options:
        "out= var= var-file= target= refresh=? refresh-only destroy lock=? input=? no-color compact-warnings detailed-exitcode json parallelism= replace= lock-timeout= generate-config-out=",
      style: "word",
      judge: (call) => [
        {
          ...finding("brief", call.rule, "asks providers what would change", [
            effect("network-read", "providers", "remote"),
          ]),
          needs: ["remote:providers"],
        },
        ...writeAll(call, valuesOf(call.scan, "out", "generate-config-out")),
        ...readAll(call, valuesOf(call.scan, "var-file")),
      ],
    },
    init: {
      options: "backend=? upgrade input=? no-color get=? lockfile= json",
      style: "word",
      judge: (call) => [
        {
          ...finding("brief", call.rule, "installs providers", [effect("package", "providers", "worktree")]),
          needs: ["registry.terraform.io", "releases.hashicorp.com"],
        },
      ],
    },
    ...named("version providers graph", {
      options: "json no-color plan= type=",
      style: "word",
      judge: (call) => [harmless(call.rule, "only reads")],
    }),
    state: {
      global: "",
      subs: {
        list: { options: "state= id=", style: "word", judge: (call) => [liveRead(call.rule, "state")] },
        "*": always("explicit", "cluster", "remote", "changes or prints the state"),
      },
    },
    workspace: {
      global: "",
      subs: {
        ...named("list show", {
          options: "no-color",
          style: "word",
          judge: (call) => [liveRead(call.rule, "state")],
        }),
        "*": always("explicit", "cluster", "remote", "changes the workspace"),
      },
    },
    "*": always(
      "explicit",
      "cluster",
      "remote",
      "changes infrastructure or its state, or prints what may be secret",
    ),
  },
};

const forge = remoteReads(
  "pr.list pr.view pr.diff pr.status pr.checks issue.list issue.view issue.status run.list run.view release.list release.view repo.list repo.view workflow.list workflow.view search label.list gist.list gist.view status cache.list ruleset.list ruleset.view org.list project.list project.view version help",
  "network-send",
);

/** Containers, clusters, clouds and forges. */
export const platforms: Table = {
  ...named("docker podman nerdctl", docker),
  ...named("docker-compose podman-compose", compose()),
  ...named("kubectl oc", kubectl),
  ...named("terraform tofu", terraform),
  crictl: readsUnder("images ps pods inspect inspecti inspectp logs info version stats", "container"),
  ctr: readsUnder("version", "container"),
  helm: remoteReads(
    "list ls status history version search show repo.list env lint template verify dependency.list plugin.list",
    "cluster",
    { refused: /^(--post-renderer.*|--kubeconfig.*|plugin)$/ },
  ),
  argocd: remoteReads(
    "app.list app.get app.history app.logs app.diff cluster.list cluster.get proj.list proj.get repo.list version",
    "cluster",
  ),
  kind: readsUnder("get.clusters get.nodes version", "cluster"),
  minikube: readsUnder("status version ip profile.list", "cluster"),
  k3s: readsUnder("--version", "cluster"),
  flux: remoteReads("get logs version check stats tree trace", "cluster"),
  kustomize: {
    options: "any",
    judge: (call) =>
      textOf(call.args[0]) === "build" &&
      call.args.every(
        (word) => !/^(-o|--output|--enable|--network|--mount|--helm|--env|--as)/.test(textOf(word)),
      )
        ? [harmless(call.rule, "renders"), ...readAll(call, call.args.slice(1))]
        : [explicit(call, "", "may run plugins or write", "execute-opaque", "none")],
  },
  gh: {
    options: "any",
    plain: true,
    judge: (call) => (textOf(call.args[0]) === "api" ? judgeForgeCall(call) : forge.judge(call)),
  },
  glab: remoteReads(
    "mr.list mr.view mr.diff issue.list issue.view ci.list ci.view ci.status repo.view release.list release.view label.list version help",
    "network-send",
  ),
  aws: { options: "any", plain: true, judge: judgeAws },
  gcloud: {
    options: "any",
    plain: true,
    judge: (call) => judgeCloud(call, /^(list|describe|get-value|info|version|help)$/),
  },
  az: { options: "any", plain: true, judge: (call) => judgeCloud(call, /^(list|show|version|help)$/) },
  hcloud: { options: "any", plain: true, judge: (call) => judgeCloud(call, /^(list|describe|version)$/) },
  doctl: { options: "any", plain: true, judge: (call) => judgeCloud(call, /^(list|get|version)$/) },
  ...named(
    "ansible ansible-playbook ansible-galaxy ansible-console ansible-pull salt puppet chef-client fab helmfile pulumi cdk cdktf vagrant packer nomad consul skaffold tilt lxc-create lxc-start lxc-attach lxc-stop lxc lxd incus multipass eksctl k3sup kubeadm kops heroku fly flyctl vercel netlify wrangler firebase",
    always("explicit", "cluster", "remote", "changes infrastructure"),
  ),
};

const secretCloud = /secret|token|password|credential|key|ssm|kms|iam|sts|auth|config|decrypt/i;

function judgeAws(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  if (words.includes("help")) return [harmless("aws.help", "prints help")];
  const [service = "?", verb = "?"] = words.filter((word) => !word.startsWith("-"));
  const isRead = /^(describe|list)-[a-z-]+$/.test(verb) || (service === "s3" && verb === "ls");
  const spoiled = words.some(
    (word) => /^--(cli-input|endpoint-url|profile|debug|no-verify|ca-bundle)/.test(word) || word === "?",
  );
  if (isRead && !spoiled && !secretCloud.test(`${service} ${verb}`))
    return [liveRead(`aws.${service}`, "cloud account")];
  return [
    explicit(
      { rule: `aws.${service}` },
      "",
      "changes the cloud account or may print a secret",
      "cluster",
      "remote",
      words.join(" "),
    ),
  ];
}

function judgeCloud(call: Call, verbs: RegExp): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const names = words.filter((word) => !word.startsWith("-"));
  const isRead =
    names.slice(0, 4).some((word) => verbs.test(word)) &&
    !names.some((word) =>
      /^(create|delete|update|set|add|remove|deploy|ssh|exec|run|import|export|start|stop|reset|invoke|command)$/.test(
        word,
      ),
    );
  const spoiled =
    words.some(
      (word) => word === "?" || /^--(flags-file|impersonate|account|access-token-file|debug)/.test(word),
    ) || names.some((word) => secretCloud.test(word));
  if (isRead && !spoiled) return [liveRead(`${call.rule}.read`, "cloud account")];
  return [
    explicit(
      call,
      "",
      "changes the cloud account or may print a secret",
      "cluster",
      "remote",
      words.join(" "),
    ),
  ];
}

/** A plain GET; fields or another method make it a change. */
function judgeForgeCall(call: Call): Finding[] {
  const words = call.args.slice(1).map((word) => word.value ?? "?");
  const path = words.find((word) => !word.startsWith("-")) ?? "";
  const sends = words.some(
    (word) =>
      word === "?" ||
      /^(-[fFXHt]|--(field|raw-field|input|method|header|template|cache)|graphql$)/.test(word),
  );
  if (sends || /secret|token|key|\/actions\/.*artifacts|codespaces/i.test(path))
    return [
      explicit(call, "api", "calls the forge with more than a plain read", "network-send", "remote", path),
    ];
  return [
    {
      ...finding("brief", `${call.rule}.api`, "reads from the forge", [
        effect("network-read", path, "remote"),
      ]),
      needs: ["api.github.com"],
    },
  ];
}
