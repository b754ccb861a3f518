import { act, checkout, clone, configGet, download, prints, status } from "./forge-actions.ts";
import { judgeForgeCall } from "./forge-api.ts";
import { has, liveRead, repoChange, textOf } from "./row.ts";
import { changes, query, subcommands, switches, unlessDry } from "./subcommands.ts";

/** GitHub's own command line. */

const runs = changes("execute-opaque", "host", "runs code from the forge, or elsewhere");

const common = "R= repo= json= q= jq= t= template= w web L= limit= h help";

const ghList = `${common} s= state= a= assignee= A= author= l= label= S= search= m= milestone= mention= B= base= H= head= d draft app= o= org= order= sort= e= env= u user archived=? language= no-archived source fork visibility= topic= exclude-drafts exclude-pre-releases i interval= k= key= r= ref= b= branch= c= commit= event= created= status= workflow= user= closed x extended owner= format= public secret filter= include-content all parents=? name=`;

/** Bodies of searches are not published; `--web` opens a page. */
const ghSearch = query(
  `${common} owner= language= size= extension= filename= match= state= label= author= assignee= created= updated= closed= sort= order= involves= mentions= commenter= comments= reactions= interactions= milestone= no-milestone no-label no-assignee no-project project= app= archived=? visibility= include-prs include-forks= stars= forks= topic= license= followers= number-topics= good-first-issues= help-wanted-issues= draft merged review= review-requested= reviewed-by= checks= base= head= merged-at= hash= parent= tree= merge=? author-date= author-email= author-name= committer= committer-date= committer-email= committer-name= locked team-mentions= pushed=`,
);

const quiet =
  "s scope= filter= inherited=? i= watch fail-fast required interval= compact exit-status pretty short patch name-only color= e= exclude= p= stdout";

export const gh = subcommands(
  {
    "pr list|ls": query(ghList),
    "pr view": query("any"),
    "pr diff|checks|status": query(`${common} ${quiet} c= conflict-status`),
    "issue list|ls": query(ghList),
    "issue view|status": query("any"),
    "run list|ls": query(ghList),
    "run view": query("any"),
    "run watch": query(`${common} exit-status i= interval= compact`),
    "workflow|release|repo|cache|ruleset|org|project|label|gist|secret|variable|codespace|cs|ssh-key|gpg-key|extension|ext|extensions|alias|agent-task list|ls":
      query(ghList),
    "workflow|release|repo|ruleset|project|gist|codespace|cs|agent-task view": query("any"),
    "release verify|verify-asset": query(`${common} format=`),
    "ruleset check": query(`${common} default branch=`),
    "project field-list|item-list": query(`${common} owner= format= query=`),
    "variable get": query(`${common} e= env= o= org=`),
    "repo deploy-key|autolink|license|gitignore list|view": query(common),
    "search code|commits|issues|prs|repos": ghSearch,
    status: query("e= exclude= o= org="),
    "auth status": status,
    "config get": configGet,
    "config list|ls": query("h= host="),
    "extension|ext|extensions search": ghSearch,
    "attestation|at verify": query(
      "o= owner= R= repo= b= bundle= format= predicate-type= signer-workflow= signer-repo= cert-identity= cert-oidc-issuer= deny-self-hosted-runners q= jq= t= template= L= limit= no-public-good bundle-from-oci digest-alg= d= hostname= source-digest= source-ref= signer-digest=",
    ),
    "attestation|at download": download,
    browse: query(
      `${common} b= branch= c=? commit=? n no-browser p projects r releases s settings a actions blame wiki`,
    ),
    completion: query("s= shell="),
    "licenses|version|environment|reference": query(""),
    "pr checkout|co": checkout,
    co: checkout,
    "repo|gist clone": clone,
    "run|release download": download,
    "repo set-default": {
      options: switches("v view u unset"),
      plain: true,
      judge: (call) =>
        has(call.scan, "v", "view")
          ? [liveRead(call.rule)]
          : [repoChange(call, "chooses the repository gh asks about")],
    },
    "issue develop": {
      ...act,
      judge: (call) =>
        call.args.some((word) => /^(-l|--list)$/.test(textOf(word)))
          ? [liveRead(call.rule, "forge")]
          : act.judge(call),
    },
    "pr create": unlessDry(act, /^--dry-run$/, true, /^$/),
    "auth token|login|logout|refresh|setup-git|switch": prints,
    "secret|variable|ssh-key|gpg-key set|delete|add|remove": prints,
    "extension|ext|extensions install|exec|upgrade|create": runs,
    "codespace|cs ssh|code|cp|jupyter": runs,
    "codespace|cs logs": query(common),
    "codespace|cs ports": query(common),
    "codespace|cs ports *": act,
    api: { options: "any", plain: true, judge: (call) => judgeForgeCall(call, "api.github.com") },
  },
  act,
  "R= repo= h help version",
);
