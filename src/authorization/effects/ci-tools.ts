import { harmless } from "./finding.ts";
import { explicit, liveRead, named, projectCode, type Row, type Table, textOf } from "./row.ts";
import { changes, checks, query, subcommands } from "./subcommands.ts";

/** Command lines of build servers, and what runs their jobs here. */

const act = changes("network-send", "remote", "starts or changes builds");
const prints = changes("credential-read", "remote", "prints or changes credentials");
const runs = changes("execute-opaque", "host", "runs jobs in containers");

const list =
  "format= repository= repo= branch= event= status= limit= page= org= organization= global output= output-no-headers before= after= all follow json path= number-of-lines=";

/** act: lists and dry runs; everything else runs the jobs. */
const actRow: Row = {
  options: "any",
  judge: (call) =>
    call.args.some((word) =>
      /^(-l|--list|-n|--dryrun|-g|--graph|--version|--validate|--strict|--bug-report|--man-page|--list-options|-nl|-ln)$/.test(
        textOf(word),
      ),
    ) &&
    !call.args.some(
      (word) =>
        word.splits || /^(-s|--secret|--secret-file|--env-file|--container|-b|--bind)/.test(textOf(word)),
    )
      ? [harmless(call.rule, "lists jobs")]
      : runs.judge(call),
};

const woodpecker = () =>
  subcommands(
    {
      "pipeline|build|repo|user|secret|cron|registry|org|agent ls|list|info|show|last|ps|queue": query(list),
      "pipeline log|logs show": query(list),
      "pipeline logs": query(list),
      "log|logs view": query(list),
      "repo secret|cron|registry ls|show|info": query(list),
      "orgsecret|template ls|info": query(list),
      "info|version": query(""),
      lint: checks("strict plugins-trusted= plugins-privileged="),
      "exec|jsonnet|starlark|convert|sign|encrypt": runs,
    },
    act,
    "h help v version",
  );

const circleci = () =>
  subcommands(
    {
      "config validate|pack|process": checks(
        "c= config= org-id= org-slug= ignore-deprecated-images pipeline-parameters= v verbose l= local-pipeline-values",
      ),
      "orb list|info|source|validate|list-categories": query("u uncertified sort= details json private"),
      "version|diagnostic|info": query("json skip-update-check"),
      "info org": query("json"),
      "pipeline|context|runner|policy|trigger|namespace list|show|logs": query("any"),
      "local execute": runs,
    },
    act,
    "skip-update-check debug h help v version",
  );

/** The client of a Jenkins: `-s URL` and the like come before the verb. */
const jenkins: Row = {
  options: "any",
  plain: true,
  judge: (call) => {
    const words = call.args.map((word) => word.value ?? "?");
    const at = words.findIndex(
      (word, index) =>
        !word.startsWith("-") &&
        !/^-(s|i|user|auth|logger|strictHostKey|p|proxy)$/.test(words[index - 1] ?? ""),
    );
    return /^(list-jobs|get-job|console|who-am-i|version|list-plugins|get-node|get-view|list-changes|help|session-id)$/.test(
      words[at] ?? "",
    ) &&
      !words.includes("-auth") &&
      !call.args.some((word) => word.splits)
      ? [liveRead(`${call.rule}.read`, "build server")]
      : act.judge(call);
  },
};

export const ciTools = (): Table => ({
  act: actRow,
  circleci: circleci(),
  ...named("drone woodpecker-cli woodpecker", woodpecker()),
  "jenkins-cli": jenkins,
  "gitlab-runner": subcommands(
    {
      "status|--version": query(""),
      list: { ...query(""), judge: (call) => prints.judge(call) },
      verify: query(""),
    },
    changes("service", "host", "changes runners or runs jobs"),
    "debug log-level= l= c= config= v version h help",
  ),
  travis: subcommands(
    { "lint|status|history|show|logs|version|branches|requests|repos|whoami": query("any") },
    act,
  ),
  dagger: subcommands(
    { "version|functions|core": { options: "any", judge: (call) => [projectCode(call)] } },
    runs,
  ),
  buildkite: act,
  bk: subcommands({ "build|pipeline|job|agent|cluster list|view|ls": query("any") }, act),
  earthly: subcommands(
    { "ls|doc|config-show": { options: "any", judge: (call) => [projectCode(call)] } },
    {
      ...runs,
      judge: (call) =>
        /^--(push|allow-privileged|secret|ssh)|^-P$/.test(textOf(call.args[0]))
          ? runs.judge(call)
          : [explicit(call, "", "runs targets in containers", "container", "host")],
    },
  ),
});
