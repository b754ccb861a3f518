import { act } from "./container-actions.ts";
import { after } from "./options.ts";
import { named, type Row, readAll, type Table, textOf, valuesOf, writeAll } from "./row.ts";
import { changes, fetched, query, subcommands, switches } from "./subcommands.ts";

/** What looks into images and folders for known weaknesses. */

const scan: Row = {
  options: switches(
    "s= severity= f= format= o= output= q quiet ignore-unfixed exit-code= scanners= security-checks= vuln-type= pkg-types= ignorefile= skip-dirs= skip-files= skip-db-update skip-java-db-update skip-check-update offline-scan timeout= no-progress list-all-pkgs dependency-tree light input= platform= image-src= removed-pkgs report= d debug cache-dir= include-dev-deps include-non-failures tf-vars= helm-values= helm-set= misconfig-scanners= ignore-status= license-full username= branch= tag= commit= compliance= parallel= show-suppressed ignore-policy= db-repository= checks-bundle-repository= file-patterns= detection-priority= distro= slow only-fixed by-cve fail-on= scope= add-cpes-if-none c= config= exclude= catalog= select-catalogers= override-default-catalogers= base-path= from= source-name= source-version= file= v verbose sort-by= name= ci lowestEfficiency= highestWastedBytes= highestUserWastedPercent= source= ci-config= j= json= i ignore-errors",
  ),
  judge: (call) => {
    const outputs = [...valuesOf(call.scan, "output", "o", "file", "j", "json")];
    // syft and grype take `-o FORMAT`, `-o FORMAT=FILE`; trivy a file.
    const files = outputs
      .filter((word) => call.rule.startsWith("trivy") || !formats.test(textOf(word)))
      .map((word) => after(word, textOf(word).indexOf("=") + 1));
    return [
      fetched(call.rule, "vulnerability data"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, files),
    ];
  },
};

const formats =
  /^(json|table|text|cyclonedx(-json|-xml)?|spdx(-json|-tag-value)?|sarif|github(-json)?|syft-(json|table|text)|template|purls)$/;

const trivy = subcommands(
  {
    "config|conf": {
      ...scan,
      judge: (call) =>
        scan
          .judge(call)
          .map((one) => (one.rule === call.rule ? { ...one, tier: "none" as const, needs: [] } : one)),
    },
    "image|i|filesystem|fs|repository|repo|rootfs|sbom|vm": scan,
    "kubernetes|k8s": scan,
    version: query("f= format="),
    "plugin list|info|search": query(""),
  },
  changes("container", "host", "changes what the scanner holds, or listens"),
  "q quiet d debug cache-dir= timeout= v version h help f= format=",
);

/** dive, grype and syft: an image or a folder as the operand. */
const looks: Row = {
  ...scan,
  judge: (call) =>
    /^(build|login|plugin|attest)$/.test(textOf(call.scan.operands[0])) ? act.judge(call) : scan.judge(call),
};

export const imageScanners: Table = {
  trivy,
  ...named("dive grype syft", looks),
  dockle: scan,
};
