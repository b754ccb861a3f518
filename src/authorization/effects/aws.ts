import type { Word } from "../parsed-command.ts";
import { isInWorktree, judgeRead } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, optionSpec, scanOptions } from "./options.ts";
import { type Call, explicit, liveRead, type Row, textOf } from "./row.ts";
import { fetched, written } from "./subcommands.ts";

/** The naming scheme of the aws command: SERVICE VERB-THINGS. Thousands of operations, so verbs are judged by their first word. */

// Not here: --endpoint-url, --no-verify-ssl, --ca-bundle, --debug, --cli-input-json: they send elsewhere or show keys.
const valued = new Set(
  "region profile output query page-size max-items starting-token cli-read-timeout cli-connect-timeout color cli-binary-format cli-error-format".split(
    " ",
  ),
);
const plain = new Set("no-cli-pager no-paginate no-sign-request no-cli-auto-prompt version".split(" "));

const readingVerb =
  /^(describe|list|get|batch-get|batch-describe|search|lookup|head|filter|view|preview|estimate|simulate|validate|check|count|test-metric-filter|discover|query|scan|select-resource-config|decode-authorization|detect-dominant)(-|$)/;
/** Operations that read and hand out what opens something. */
const secretVerb =
  /secret-value|random-password|password(?!-policy)|credentials?(?!-report)|(authorization|session|federation|bearer|access|auth|upload|service|id|web-identity)-token|-tokens?$|api-keys?$|private|access-details|presigned|signed-url|login|get-data-key|parameters-for-import|key-pair-material|-function$|get-certificate-body|open-id/;
/** What these bring is written into a file named on the command line. */
const fileVerbs =
  /^(apigateway get-(export|sdk)|appconfig get-configuration|appconfigdata get-latest-configuration|ebs get-snapshot-block|codeguruprofiler get-profile|glacier get-job-output|iot-data get-thing-shadow|kinesis-video-\S+ get-\S+|lakeformation get-work-unit-results|(location|geo-maps) get-\S+|mediastore-data get-object|medical-imaging get-\S+|omics get-(read-set|reference)|s3api get-object(-torrent)?|s3control get-object\S*|sagemaker-geospatial get-tile|schemas get-code-binding-source|workmailmessageflow \S+|codeartifact get-package-version-asset|datazone get-\S+|qconnect get-\S+|neptune-?data \S+|lambda invoke\S*)$/;
/** Services whose reads take lists of values, so that several bare words in a row are no file. */
const wellKnown = new Set(
  "ec2 iam sts ssm s3api s3control cloudwatch logs ce cloudformation ecs ecr ecr-public eks rds dynamodb route53 route53domains sns sqs organizations budgets pricing acm wafv2 waf guardduty configservice codecommit codepipeline codebuild codedeploy elb elbv2 autoscaling application-autoscaling glue athena xray events scheduler stepfunctions kms secretsmanager lambda apigatewayv2 cloudfront efs fsx elasticache redshift opensearch es kafka kinesis firehose backup cloudtrail resourcegroupstaggingapi resource-groups service-quotas support health inspector2 securityhub accessanalyzer batch elasticbeanstalk lightsail amplify cognito-idp sesv2 ses servicecatalog trustedadvisor dms docdb neptune memorydb mq compute-optimizer cost-optimization-hub savingsplans sso-admin identitystore ram directconnect globalaccelerator network-firewall servicediscovery transfer datasync storagegateway workspaces quicksight sagemaker bedrock emr imagebuilder license-manager".split(
    " ",
  ),
);

type Line = {
  words: string[];
  options: Map<string, Word[]>;
  spoiled: string | null;
  /** Values that are read from somewhere. */
  files: Word[];
};

/** Service, verb and what follows; global options may stand anywhere. */
function readLine(args: readonly Word[]): Line {
  const words: string[] = [];
  const files: Word[] = [];
  const options = new Map<string, Word[]>();
  let spoiled: string | null = null;
  let last: Word[] | null = null;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined) break;
    const text = word.value ?? word.text;
    if (word.splits) spoiled ??= text;
    if (word.value !== null && text.startsWith("--")) {
      const name = text.slice(2).split("=")[0] ?? "";
      if (
        /^(endpoint-url|no-verify-ssl|ca-bundle|debug|cli-input-json|cli-input-yaml|cli-auto-prompt)$/.test(
          name,
        )
      )
        spoiled ??= text;
      last = [...(options.get(name) ?? [])];
      options.set(name, last);
      if (plain.has(name) || text.includes("=")) last = null;
      else if (valued.has(name)) {
        index += 1;
        last = null;
      }
      continue;
    }
    // The old client fetches an address that stands for a value, unless the value is one.
    const isAddress = /^https?:\/\//.test(text) && !/-(url|uri|endpoint)s?$/.test(nameOf(args[index - 1]));
    if (isAddress || /^fileb?:\/\//.test(text)) files.push(word);
    if (words.length < 2) {
      if (word.value === null) spoiled ??= text;
      words.push(text);
      last = null;
    } else if (last !== null) last.push(word);
    else words.push(text);
  }
  return { words, options, spoiled, files };
}

function nameOf(word: Word | undefined): string {
  return word?.value ?? "";
}

function judge(call: Call): Finding[] {
  const { words, options, spoiled, files } = readLine(call.args);
  const [service = "", verb = ""] = words;
  if (words.at(-1) === "help" || (service === "" && options.has("version")))
    return [harmless("aws.help", "prints help")];
  const rule = `aws.${service}${verb === "" ? "" : `.${verb}`}`;
  const refuse = (reason: string): Finding[] => [
    explicit({ rule }, "", reason, "cluster", "remote", call.args.map(textOf).join(" ")),
  ];
  const read = (): Finding[] => [liveRead(rule, "cloud account")];
  if (spoiled !== null) return refuse(`${spoiled} sends something else, or elsewhere`);
  if (options.has("generate-cli-skeleton")) return [harmless(rule, "prints an empty form")];
  if (service === "s3") return judgeS3(call, rule, verb, options);
  if (service === "configure")
    return verb === "list" ||
      verb === "list-profiles" ||
      (verb === "get" && !/secret|token|key/i.test(words[2] ?? "secret"))
      ? read()
      : refuse("reads or changes credentials");
  if (service === "logs" && verb === "tail") return read();
  if (verb === "wait" || (service === "logs" && verb === "start-query")) return read();
  if (`${service} ${verb}` === "s3api get-object") return getObject(call, rule);
  if (fileVerbs.test(`${service} ${verb}`)) return refuse("writes a file, or calls code");
  if (`${service} ${verb}` === "eks get-token" || /^(cognito-identity|sso)$/.test(service))
    return refuse("prints a token");
  if (service === "sts" && verb !== "get-caller-identity" && !/^(get-access-key-info|decode)/.test(verb))
    return refuse("prints credentials");
  if (options.has("with-decryption") || options.has("include-values") || options.has("include-value"))
    return refuse("prints secrets");
  if (files.length > 0 && !verb.startsWith("validate")) return refuse("sends a file");
  if (isDryRun(options)) return [liveRead(`${rule}.dry`, "cloud account")];
  if (!readingVerb.test(verb) || secretVerb.test(verb))
    return refuse("changes the cloud account or may print a secret");
  if (files.length > 0) return sendsTemplate(call, rule, files);
  const trailing = words.length > 2 || [...options.values()].some((values) => values.length > 1);
  if (trailing && /^(get|view|preview|select|search|query)/.test(verb) && !wellKnown.has(service))
    return refuse("may write a file");
  return words.length > 2 ? refuse("may write a file") : read();
}

/** A template of the worktree is sent to be looked at, as a plan of terraform is. */
function sendsTemplate(call: Call, rule: string, files: readonly Word[]): Finding[] {
  return files.flatMap((word) => {
    const path = after(word, textOf(word).indexOf("://") + 3);
    return /^file:/.test(textOf(word)) && isInWorktree(call.place, path)
      ? [fetched(rule, "what the cloud says of a template"), ...judgeRead(call.place, path)]
      : [explicit({ rule }, "", "sends a file", "network-send", "remote", textOf(word))];
  });
}

function isDryRun(options: ReadonlyMap<string, Word[]>): boolean {
  return options.has("dry-run") && !options.has("no-dry-run");
}

const s3Options =
  "recursive human-readable summarize request-payer= page-size= exclude= include= dryrun quiet no-progress only-show-errors exact-timestamps size-only delete follow-symlinks no-follow-symlinks force-glacier-transfer ignore-glacier-warnings source-region= region= profile= output= query= no-sign-request no-cli-pager color= cli-read-timeout= cli-connect-timeout= bucket-name-prefix= bucket-region= no-paginate checksum-mode= sse= storage-class= acl= expires-in= no-guess-mime-type content-type= cache-control=";

/** `s3://` to a path is a download; to `s3://` an upload, whatever else it is called. */
function judgeS3(call: Call, rule: string, verb: string, options: ReadonlyMap<string, Word[]>): Finding[] {
  const scan = scanOptions(call.args, optionSpec(s3Options), "gnu");
  const refuse = (reason: string): Finding[] => [
    explicit({ rule }, "", reason, "network-send", "remote", call.args.map(textOf).join(" ")),
  ];
  if (scan.unknown !== null) return refuse(`${scan.unknown} is not known to be harmless`);
  if (options.has("dryrun") && /^(cp|mv|rm|sync)$/.test(verb)) return [liveRead(`${rule}.dry`, "bucket")];
  if (verb === "ls") return [liveRead(rule, "bucket")];
  const [, , from, to, ...more] = scan.operands;
  if (!/^(cp|sync)$/.test(verb) || from === undefined || to === undefined || more.length > 0)
    return refuse("changes a bucket");
  const isRemote = (word: Word): boolean =>
    /^s3:\/\//.test(textOf(word)) && (word.value !== null || word.pieces.length > 1);
  if (!isRemote(from) || isRemote(to)) return refuse("sends files to a bucket");
  if (verb === "sync" && options.has("delete")) return refuse("deletes what the bucket does not have");
  return [
    {
      ...finding("brief", rule, "copies from a bucket", [effect("network-read", textOf(from), "remote")]),
      needs: ["remote:s3"],
    },
    ...written(call.place, to),
  ];
}

function getObject(call: Call, rule: string): Finding[] {
  const scan = scanOptions(
    call.args,
    optionSpec(
      "bucket= key= range= version-id= if-match= if-none-match= if-modified-since= part-number= request-payer= expected-bucket-owner= checksum-mode= region= profile= output= query= no-cli-pager no-sign-request color=",
    ),
    "gnu",
  );
  const [, , file, ...more] = scan.operands;
  if (scan.unknown !== null || file === undefined || more.length > 0)
    return [explicit({ rule }, "", "may write a file", "write", "host")];
  return [
    {
      ...finding("brief", rule, "copies from a bucket", [effect("network-read", "bucket", "remote")]),
      needs: ["remote:s3"],
    },
    ...written(call.place, file),
    ...judgeRead(call.place, file),
  ];
}

export const aws: Row = { options: "any", plain: true, judge };
