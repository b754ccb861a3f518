import { dotnet } from "./dotnet.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import {
  asks,
  database,
  destroys,
  each,
  guard,
  installs,
  listens,
  machine,
  opaque,
  publishes,
  query,
  runs,
  secret,
  settings,
  split,
} from "./verbs.ts";

/** Maven, Gradle, sbt and their kin, and the .NET tools: goals and tasks are judged by what they hand over. */

const sends =
  /^(deploy|site-deploy|release(:.*)?|deploy:.*|nexus-staging:.*|central-publishing:.*|scm:(checkin|tag|branch)|publish|publish.*(Repository|Plugins|Publication)|upload.*|artifactoryPublish|closeAndRelease.*|release|bintrayUpload|jib|dockerPush.*|publishSigned|ci-release|sonatype.*|publishAndReleaseToMavenCentral|docker:(push|build-push|start|run|stop|remove)|k8s:(apply|deploy|push|undeploy)|jib:build|gh-pages.*|sonar|sonarqube|sonar:sonar)$/;
const ships = /^(publishToMavenLocal|publishLocal|publishM2)$/;
const data = /^(flyway(:|[A-Z])|liquibase:|update(SQL)?$)(?!.*(info|validate|status|sql)$).*/i;
const listeners =
  /^(jetty:.*|tomcat7:.*|cargo:run|spring-boot:(run|start)|quarkus:dev|appRun|jettyRun|hpi:run)$/;

/** Goals or tasks, in any order; a name after a colon path is the task. */
function goals(call: Call): Finding[] {
  // sbt takes several commands in one word.
  const names = call.scan.operands.flatMap((word) => textOf(word).split(/[;\s]+/));
  if (call.args.some((word) => word.splits)) return opaque.judge(call);
  const tasks = names.flatMap((name) => [name, name.replace(/^.*:/, "")]);
  // Code in a word, a shell that reads more of it, a program that is named beside.
  if (
    names.some((name) =>
      /^(!|eval$|console|shell$|client$|set$|(exec|groovy|antrun):(exec|run|execute)$)/.test(name),
    ) ||
    names.some((name) => /:groovy-maven-plugin:|^exec:exec/.test(name))
  )
    return opaque.judge(call);
  if (names.some((name) => /^(server|startServer)$/.test(name))) return listens.judge(call);
  if (
    names.some((name) => /(^|:)effective-settings$/.test(name)) ||
    call.args.some((word) => /showPasswords|expression=.*settings/.test(textOf(word)))
  )
    return secret.judge(call);
  // Gradle takes the beginning of a name for the name, mill a path of modules.
  if (
    /^gradlew?$/.test(call.rule) &&
    tasks.some((name) => /^(pub?|publi?|publis|.*Deploy\w*|depl?|deplo)$/.test(name))
  )
    return publishes.judge(call);
  if (call.rule === "mill" && tasks.some((name) => /\.(publish\w*|release)$/.test(name)))
    return publishes.judge(call);
  if (tasks.some((name) => sends.test(name) && !ships.test(name))) return publishes.judge(call);
  if (names.some((name) => data.test(name))) return database.judge(call);
  if (names.some((name) => listeners.test(name))) return listens.judge(call);
  return runs.judge(call);
}

const versionOnly = /^(-v|-V|--version|-version|-h|--help|-help|--status|-\?)$/;

/** Options that choose another project, other settings or code of their own. */
function builder(odd: RegExp): Row {
  return {
    options: "any",
    judge: (call) => {
      if (call.args.length > 0 && call.args.every((word) => versionOnly.test(textOf(word))))
        return query.judge(call);
      const found = call.args.find((word) => odd.test(leadingText(word)));
      return found === undefined
        ? goals(call)
        : [
            explicit(
              call,
              "option",
              `${found.text} changes what is run or where it goes`,
              "execute-opaque",
              "none",
            ),
          ];
    },
  };
}

// A goal by its plugin's coordinates is fetched and run, whoever made it; those of the makers of Maven are as good as it.
const mvn = builder(
  /^((?!(org\.apache\.maven\.plugins|org\.codehaus\.mojo):)[\w.-]+:[\w.-]+:[\w.:-]+|-s|-gs|-t|-ep|-emp|--settings|--global-settings|--toolchains|--encrypt.*|--(se|gl|to|enc|fi=?[/~.])|-Dmaven\.(repo|ext|home).*|-Dexpression=settings.*|-Dexec\.executable.*|-DaltDeploymentRepository.*|-f\/|-f\.\.)/,
);
const gradle = builder(
  /^(-I|--init-script|-g|--gradle-user-home|--include-build|-p\/|-p\.\.|--project-dir=\/|-D(org\.gradle\.(jvmargs|java\.home)|http).*|--stop)/,
);

export const jvmDotnet = (): Table => ({
  ...named("mvn mvnw mvnd", mvn),
  ...named("gradle gradlew", gradle),
  sbt: builder(/^(-J-(javaagent|agent)|--?sbt-jar|--?java-home|--?server)/),
  ...named("mill bleep", { options: "any", judge: goals }),
  ant: builder(/^(-lib|-logger|-listener|-main|-f\/|-buildfile=\/)/),
  lein: split(
    (call) => call.scan.operands.some((word) => /^(deploy|release),?$/.test(textOf(word))),
    publishes,
    split(
      (call) => call.scan.operands.some((word) => /^(repl|update-in),?$/.test(textOf(word))),
      opaque,
      split(
        (call) => /^(deps|version|help|classpath|show-profiles)$/.test(textOf(call.scan.operands[0])),
        query,
        runs,
      ),
    ),
  ),
  bazel: {
    global: "h help version nohome_rc noworkspace_rc ignore_all_rc_files max_idle_secs=",
    bare: query,
    subs: guard(
      {
        ...each("version help info license dump", query),
        ...each("query cquery aquery", runs),
        ...each("build test run coverage fetch sync mod analyze-profile vendor print_action", runs),
        ...each("clean", destroys),
        shutdown: destroys,
        "mobile-install": machine,
      },
      "run_under bes_backend remote_executor remote_cache override_repository credential_helper",
    ),
  },
  javac: {
    options: "any",
    judge: (call) => [
      ...runs.judge(call),
      ...call.args.flatMap((word, index) =>
        /^-[dsh]$/.test(textOf(word)) && call.args[index + 1] !== undefined
          ? writeAll(call, [call.args[index + 1] ?? word])
          : [],
      ),
    ],
  },
  java: {
    options: "any",
    judge: (call) => {
      if (
        call.args.length > 0 &&
        call.args.every((word) =>
          /^(-version|--version|-fullversion|-showversion|--help|-help|-h|--list-modules|-X|-XshowSettings.*|-XX:\+PrintFlagsFinal)$/.test(
            textOf(word),
          ),
        )
      )
        return query.judge(call);
      const jar = call.args.findIndex((word) => textOf(word) === "-jar");
      const file = jar === -1 ? undefined : call.args[jar + 1];
      const calm = call.args
        .slice(0, Math.max(jar, 0))
        .every((word) => /^-(Xm[sx]\w+|D[\w.-]+=[\w.:/-]*|ea|server|Xss\w+|XX:[+\w=-]+)$/.test(textOf(word)));
      return file !== undefined && calm ? call.file(file, call.args.slice(jar + 2)) : opaque.judge(call);
    },
  },
  ...named("javap jdeps jps jdeprscan", query),
  javadoc: runs,
  ...named(
    "groovysh kotlin amm clj",
    split(
      (call) => call.args.length > 0 && call.args.every((word) => versionOnly.test(textOf(word))),
      query,
      opaque,
    ),
  ),
  ...named(
    "scalafmt scalafix ktlint detekt google-java-format checkstyle spotbugs pmd cljfmt clj-kondo",
    runs,
  ),
  // They look into a running process, its memory included.
  ...named(
    "jstack jmap jcmd jinfo jstat jhat jconsole visualvm",
    split((call) => call.rule === "jstat", query, secret),
  ),
  dotnet,
  nuget: {
    global: "",
    subs: {
      ...each("help", query),
      ...each("list search", asks),
      ...each("restore install update", installs),
      pack: runs,
      ...each("push delete", publishes),
      ...each("config setapikey sources add init sign", settings),
    },
  },
  ...named("msbuild xbuild csharpier fantomas", runs),
  ...named("fsi csi", opaque),
  paket: {
    global: "",
    subs: {
      ...each("restore install update add remove", installs),
      ...each("show-groups show-installed-packages why", query),
      ...each("push", publishes),
    },
  },
});
