import { act, checkout, clone, configGet, download, prints, status } from "./forge-actions.ts";
import { judgeForgeCall } from "./forge-api.ts";
import { query, subcommands, switches } from "./subcommands.ts";

/** GitLab's and Gitea's command lines. */

const glabCommon = "R= repo= g= group= P= per-page= p= page= F= output= output-format= O= h help w web";

const glabList = `${glabCommon} a= assignee= author= A all c closed M merged d draft l= label= not-label= m= milestone= s= source-branch= t= target-branch= search= in= reviewer= r= not-author= not-assignee= not-draft C confidential i issue-type= e= epic= o= order= sort= S= status= ref= name= n= username= updated-after= updated-before= scope= yaml-errors source= mine active starred archived=? member user= u= b= branch= show-id include-ancestors state= title= created-after= created-before= iteration= I=`;

const glabView = `${glabCommon} c comments s system-logs resolved unresolved b= branch= l live compact p pipeline-id= pipelineid= d with-job-details with-variables= job= j= raw color= n no-color S sha= dry-run include-jobs ref= id`;

export const glab = subcommands(
  {
    "mr|issue|release|label|milestone|schedule|snippet|incident|runner|stack|iteration|deploy-key|ssh-key|gpg-key|repo|project|ci|pipe|pipeline|alias|environment|cluster list|ls":
      query(glabList),
    "mr|issue|release|incident|repo|project|snippet view|show": query(glabView),
    "mr diff|approvers|issues": query(glabView),
    "ci|pipe|pipeline status|trace|get|lint|stats": query(glabView),
    "ci|pipe|pipeline config compile": query(glabView),
    "label|milestone|deploy-key|ssh-key get|view": query(
      `${glabCommon} id= label-id= project= milestone-id=`,
    ),
    "repo|project search|contributors": query(`${glabCommon} s= search= o= order= sort= f=`),
    "repo|project members list|ls": query(glabList),
    "iteration|cluster list": query(glabList),
    "cluster agent list": query(glabList),
    "user events": query(`${glabCommon} a all`),
    "auth status": status,
    "config get": configGet,
    "changelog generate": query("R= repo= v= version= config-file= date= from= to= trailer="),
    "check-update|version|completion": query("s= shell="),
    "mr checkout": checkout,
    "repo|project clone": clone,
    "repo|project archive": { ...download, options: switches("f= format= s= sha=") },
    "release download": download,
    "ci|job|pipe|pipeline artifact": { ...download, options: switches("p= path= list-paths") },
    "variable|token|securefile *": prints,
    "auth *": prints,
    "ci|pipe|pipeline view": query(glabView),
    "duo ask": act,
    api: { options: "any", plain: true, judge: (call) => judgeForgeCall(call, "gitlab.com") },
  },
  act,
  "R= repo= h help v version",
);

/** tea lists what it is asked about without a verb. */
const teaList = query(
  "r= repo= R= remote= l= login= o= output= f= fields= state= s= K= kind= k= keyword= L= labels= m= milestones= A= author= a= assignee= M= mentions= F= from= u= until= p= page= lm= limit= comments=? w watched starred T= type= O= owner= mine pinned= all states=",
);

export const tea = subcommands(
  {
    "issues|issue|i|pulls|pull|pr|releases|release|r|repos|repo|labels|label|milestones|milestone|ms|branches|branch|notifications|notification|n|times|organizations|org ls|list":
      teaList,
    "issues|issue|i|pulls|pull|pr|releases|repos|labels|milestones|ms|notifications|times|whoami": teaList,
    "logins|login ls|list": query("o= output="),
    "whoami|open": query(""),
    "pulls|pull|pr checkout|co": checkout,
    clone: { ...clone, options: switches("d= depth= l= login=") },
  },
  act,
  "h help v version",
);
