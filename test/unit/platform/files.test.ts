import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../src/platform/digest.ts";
import {
  createExclusive,
  cutTornTail,
  listFolder,
  moveFile,
  openAppender,
  readFileBounded,
  readTextIfExists,
  removeEmptyParents,
  removeTree,
  replaceWith,
  sweepTemporary,
  writeAtomic,
} from "../../../src/platform/files.ts";
import { tempFolder } from "../../support/operator-repository.ts";

const filesModule = join(import.meta.dirname, "../../../src/platform/files.ts");

/** A process that ended long ago. */
function deadPid(): number {
  return Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
}

describe("reading", () => {
  test("takes regular files up to the limit and nothing that could block or never end", async () => {
    const folder = tempFolder();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at("file"), "12345");
    execFileSync("sh", ["-c", `mkfifo "$0"`, at("pipe")]);
    symlinkSync("file", at("link"));
    expect(Buffer.from(await readFileBounded(at("file"), { maxBytes: 5 })).toString()).toBe("12345");
    expect(await readTextIfExists(at("link"))).toBe("12345");
    await expect(readFileBounded(at("file"), { maxBytes: 4 })).rejects.toMatchObject({ code: "io" });
    await expect(readFileBounded(at("pipe"), { maxBytes: 9 })).rejects.toThrow("named pipe");
    await expect(readFileBounded("/dev/zero", { maxBytes: 9 })).rejects.toThrow("device");
    await expect(readFileBounded(folder, { maxBytes: 9 })).rejects.toMatchObject({ code: "io" });
    await expect(readFileBounded(at("none"), { maxBytes: 9 })).rejects.toMatchObject({ code: "not_found" });
    expect(await readTextIfExists(at("none"))).toBeNull();
    writeFileSync(at("latin1"), Buffer.from([0xe4]));
    await expect(readTextIfExists(at("latin1"))).rejects.toMatchObject({ code: "broken" });
  });

  test("lists by name, and a missing folder as empty", async () => {
    const folder = tempFolder();
    for (const name of ["b", "a", "C"]) writeFileSync(join(folder, name), "");
    expect((await listFolder(folder)).map((entry) => entry.name)).toEqual(["C", "a", "b"]);
    expect(await listFolder(join(folder, "none"))).toEqual([]);
  });
});

describe("writing", () => {
  test("replaces whole, keeps the mode, and leaves nothing beside", async () => {
    const folder = tempFolder();
    const path = join(folder, "ticket.md");
    await writeAtomic(path, "one");
    chmodSync(path, 0o640);
    await writeAtomic(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    await writeAtomic(path, "three", { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["ticket.md"]);
  });

  test("writes only over what was expected", async () => {
    const folder = tempFolder();
    const path = join(folder, "ticket.md");
    await writeAtomic(path, "mine", { expect: null });
    await writeAtomic(path, "mine 2", { expect: sha256("mine") });
    writeFileSync(path, "a person's");
    await expect(writeAtomic(path, "mine 3", { expect: sha256("mine 2") })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(writeAtomic(path, "mine 3", { expect: null })).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe("a person's");
    expect(readdirSync(folder)).toEqual(["ticket.md"]);
  });

  test("does not write through a link or over a folder", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "target"), "x");
    symlinkSync("target", join(folder, "link"));
    await expect(writeAtomic(join(folder, "link"), "y")).rejects.toThrow("symbolic link");
    await expect(writeAtomic(folder, "y")).rejects.toThrow("a folder");
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("x");
  });

  test("fails and keeps the old file when the new one cannot be written whole", () => {
    const folder = tempFolder();
    const path = join(folder, "ticket.md");
    writeFileSync(path, "old");
    const script = `import { writeAtomic } from ${JSON.stringify(filesModule)};
      process.on("SIGXFSZ", () => {});
      await writeAtomic(process.argv[2], "x".repeat(300000)).then(() => process.exit(0), () => process.exit(9));`;
    writeFileSync(join(folder, "write.mts"), script);
    // 64 blocks of 1024 bytes: the write is cut short as on a full disk.
    const ran = spawnSync("bash", [
      "-c",
      `ulimit -f 64; exec "$0" "$@"`,
      process.execPath,
      join(folder, "write.mts"),
      path,
    ]);
    expect(ran.status).toBe(9);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder).sort()).toEqual(["ticket.md", "write.mts"]);
  });

  test("killed at any moment leaves the old or the new file, and sweeping takes the rest away", async () => {
    const folder = tempFolder();
    const path = join(folder, "ticket.md");
    writeFileSync(path, "0".repeat(200_000));
    const script = `import { writeAtomic } from ${JSON.stringify(filesModule)};
      for (let i = 1; ; i++) { await writeAtomic(process.argv[2], String(i % 10).repeat(200000)); if (i === 3) console.log("going"); }`;
    writeFileSync(join(folder, "write.mts"), script);
    const { spawn } = await import("node:child_process");
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(process.execPath, [join(folder, "write.mts"), path]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      child.kill("SIGKILL");
      await ended;
      const text = readFileSync(path, "utf8");
      expect(text).toBe(text.charAt(0).repeat(200_000));
    }
    writeFileSync(join(folder, `.nimrod-${process.pid}-0123456789abcdef.tmp`), "of a live process");
    writeFileSync(join(folder, `.nimrod-${deadPid()}-0123456789abcdef.tmp`), "of a dead one");
    await sweepTemporary(folder);
    expect(readdirSync(folder).sort()).toEqual([
      `.nimrod-${process.pid}-0123456789abcdef.tmp`,
      "ticket.md",
      "write.mts",
    ]);
  });

  test("creates once, also when many try", async () => {
    const path = join(tempFolder(), "new.md");
    const won = await Promise.all(Array.from({ length: 16 }, (_, i) => createExclusive(path, String(i))));
    expect(won.filter((each) => each)).toHaveLength(1);
    expect(readFileSync(path, "utf8")).toBe(String(won.indexOf(true)));
  });
});

describe("moving and removing", () => {
  test("a move makes its folder, never overwrites, and finishes one that was cut off", async () => {
    const folder = tempFolder();
    const [from, to] = [join(folder, "active/x.md"), join(folder, "closed/x.md")];
    mkdirSync(join(folder, "active"));
    writeFileSync(from, "x");
    await moveFile(from, to);
    expect(existsSync(from)).toBe(false);
    writeFileSync(from, "another");
    await expect(moveFile(from, to)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(to, "utf8")).toBe("x");
    expect(readFileSync(from, "utf8")).toBe("another");
    execFileSync("ln", ["-f", to, from]);
    await moveFile(from, to);
    expect(existsSync(from)).toBe(false);
    expect(readFileSync(to, "utf8")).toBe("x");
  });

  test("removing follows no link and manages read-only folders", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "keep"));
    writeFileSync(join(folder, "keep/file"), "x");
    mkdirSync(join(folder, "gone/deep"), { recursive: true });
    writeFileSync(join(folder, "gone/deep/file"), "x");
    symlinkSync("../keep", join(folder, "gone/link"));
    chmodSync(join(folder, "gone/deep"), 0o500);
    await removeTree(join(folder, "gone"));
    await removeTree(join(folder, "never there"));
    expect(readdirSync(folder)).toEqual(["keep"]);
    expect(readdirSync(join(folder, "keep"))).toEqual(["file"]);
  });

  test("empty parents go up to the root, the others stay", async () => {
    const root = tempFolder();
    mkdirSync(join(root, "a/b/c"), { recursive: true });
    writeFileSync(join(root, "a/kept"), "");
    await removeEmptyParents(join(root, "a/b/c/gone"), root);
    expect(readdirSync(join(root, "a"))).toEqual(["kept"]);
    await removeEmptyParents(join(root, "gone"), root);
    expect(existsSync(root)).toBe(true);
  });

  test("a finished file replaces another, from another file system too", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "new"), "new", { mode: 0o755 });
    writeFileSync(join(folder, "old"), "old");
    await replaceWith(join(folder, "new"), join(folder, "old"));
    expect(readFileSync(join(folder, "old"), "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["old"]);
    const elsewhere = "/dev/shm";
    if (!existsSync(elsewhere) || statSync(elsewhere).dev === statSync(folder).dev) return;
    const source = join(elsewhere, `nimrod-test-${process.pid}`);
    writeFileSync(source, "far", { mode: 0o755 });
    await replaceWith(source, join(folder, "sub/old"));
    expect(readFileSync(join(folder, "sub/old"), "utf8")).toBe("far");
    expect(statSync(join(folder, "sub/old")).mode & 0o777).toBe(0o755);
    expect(existsSync(source)).toBe(false);
  });
});

describe("appending", () => {
  test("writes whole lines in the order of the calls", async () => {
    const path = join(tempFolder(), "journal.jsonl");
    const appender = await openAppender(path, { mode: 0o600 });
    await Promise.all(["1", "2", "3"].map((line) => appender.append(line)));
    await expect(appender.append("4\n5")).rejects.toThrow("line feed");
    await appender.append("6");
    await appender.close();
    expect(readFileSync(path, "utf8")).toBe("1\n2\n3\n6\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("refuses a torn tail until it is cut", async () => {
    const path = join(tempFolder(), "journal.jsonl");
    writeFileSync(path, "whole\nhal");
    await expect(openAppender(path)).rejects.toMatchObject({ code: "broken" });
    expect(Buffer.from((await cutTornTail(path))!).toString()).toBe("hal");
    expect(await cutTornTail(path)).toBeNull();
    const appender = await openAppender(path);
    await appender.append("next");
    await appender.close();
    expect(readFileSync(path, "utf8")).toBe("whole\nnext\n");
  });

  test("takes a line back that did not fit on the disk", () => {
    const folder = tempFolder();
    const path = join(folder, "journal.jsonl");
    const script = `import { openAppender } from ${JSON.stringify(filesModule)};
      process.on("SIGXFSZ", () => {});
      const appender = await openAppender(process.argv[2]);
      await appender.append("first");
      await appender.append("x".repeat(300000)).then(() => process.exit(1), () => undefined);
      await appender.append("second");
      process.exit(9);`;
    writeFileSync(join(folder, "append.mts"), script);
    const ran = spawnSync("bash", [
      "-c",
      `ulimit -f 64; exec "$0" "$@"`,
      process.execPath,
      join(folder, "append.mts"),
      path,
    ]);
    expect(ran.status).toBe(9);
    expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  });
});
