import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FilesystemStore, MeasuredStore, openStore, ReadOnlyStore } from "#app/stores/index.ts";
import { translate } from "#app/stores/filesystem/translate-error.ts";
import { objectStoreContract } from "#tests/contracts/object-store.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "store-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe("a directory as a store", () => {
  objectStoreContract(async () => ({ store: new FilesystemStore(root), reopen: async () => new FilesystemStore(root) }));

  test("leaves nothing but objects behind, and no half-written file in a listing", async () => {
    const store = new FilesystemStore(root);
    await store.putIfAbsent("a/b", Buffer.from("x"));
    await store.putIfAbsent("a/b", Buffer.from("x"));
    expect(await readdir(path.join(root, "~incoming"))).toEqual([]);
    await writeFile(path.join(root, "~incoming", "half"), "x");
    expect(await keys(store, "")).toEqual(["a/b"]);
  });

  test("clears away what a crash left a day ago and nothing younger", async () => {
    await mkdir(path.join(root, "~incoming"));
    for (const [name, hours] of [["old", 25], ["young", 23]] as const) {
      const file = path.join(root, "~incoming", name);
      await writeFile(file, "x");
      const then = Date.now() / 1000 - hours * 3600;
      await utimes(file, then, then);
    }
    await new FilesystemStore(root).putIfAbsent("a", Buffer.from("x"));
    expect(await readdir(path.join(root, "~incoming"))).toEqual(["young"]);
  });

  test("a root that does not exist reads as empty and is not made by reading", async () => {
    const missing = path.join(root, "not", "yet");
    const store = new FilesystemStore(missing);
    expect(await store.get("vault.json")).toBeNull();
    expect(await keys(store, "")).toEqual([]);
    expect(await readdir(root)).toEqual([]);
    await store.putIfAbsent("vault.json", Buffer.from("x"));
    expect(await keys(new FilesystemStore(missing), "")).toEqual(["vault.json"]);
  });

  test("shows no foreign things: links, and names outside the alphabet", async () => {
    const store = new FilesystemStore(root);
    await store.putIfAbsent("a", Buffer.from("x"));
    await writeFile(path.join(root, "has space"), "x");
    await symlink(path.join(root, "a"), path.join(root, "link"));
    expect(await keys(store, "")).toEqual(["a"]);
  });

  test("says bad key when an object would lie beneath or above another", async () => {
    const store = new FilesystemStore(root);
    await store.putIfAbsent("a/b", Buffer.from("x"));
    await expect(store.putIfAbsent("a/b/c", Buffer.from("x"))).rejects.toMatchObject({ code: "store.bad_key" });
    await expect(store.putIfAbsent("a", Buffer.from("x"))).rejects.toMatchObject({ code: "store.bad_key" });
    expect(await store.get("a")).toBeNull();
    expect(await store.get("a/b/c")).toBeNull();
  });

  test("a directory that may not be written is refused, not failed", async () => {
    if (process.getuid?.() === 0) return expect(() => { throw translate({ code: "EACCES" }, "write", "a"); }).toThrow(/may not/);
    await chmod(root, 0o500);
    return expect(new FilesystemStore(root).putIfAbsent("a", Buffer.from("x"))).rejects.toMatchObject({ code: "store.refused" });
  });

  test.each([
    ["ENOSPC", "store.no_space", "later"],
    ["EDQUOT", "store.no_space", "later"],
    ["EROFS", "store.read_only", "never"],
    ["EACCES", "store.refused", "never"],
    ["EPERM", "store.refused", "never"],
    ["EIO", "store.failed", "later"],
    ["EMFILE", "store.failed", "later"],
    ["ENAMETOOLONG", "store.bad_key", "never"],
    ["EWHATEVER", "store.failed", "never"],
  ])("turns %s into %s", (system, code, retry) => {
    const cause = Object.assign(new Error("system"), { code: system });
    expect(translate(cause, "write", "a")).toMatchObject({ name: "StoreError", code, retry, cause });
  });
});

describe("the measuring wrapper", () => {
  objectStoreContract(async () => ({ store: new MeasuredStore(new FilesystemStore(root)), reopen: async () => new FilesystemStore(root) }));

  test("counts what was really fetched and newly stored", async () => {
    const store = new MeasuredStore(new FilesystemStore(root));
    await store.putIfAbsent("a", Buffer.alloc(100));
    await store.putIfAbsent("a", Buffer.alloc(100));
    await store.get("a", { offset: 90, length: 50 });
    await store.get("none");
    expect(store.usage).toEqual({ gets: 2, bytesFetched: 10, objectsStored: 1, bytesStored: 100 });
  });
});

describe("the read-only wrapper", () => {
  test("reads and lists, and lets nothing be written or removed", async () => {
    const inner = new FilesystemStore(root);
    await inner.putIfAbsent("a", Buffer.from("x"));
    const store = new ReadOnlyStore(inner);
    expect(Buffer.from((await store.get("a"))!).toString()).toBe("x");
    expect(await keys(store, "")).toEqual(["a"]);
    await expect(store.putIfAbsent()).rejects.toMatchObject({ code: "store.read_only" });
    await expect(store.remove()).rejects.toMatchObject({ code: "store.read_only" });
    expect(await keys(inner, "")).toEqual(["a"]);
  });
});

describe("addresses", () => {
  test("file:///path opens that directory, percent escapes and all", async () => {
    const store = await openStore(`file://${root}/with%20space`);
    await store.putIfAbsent("a", Buffer.from("x"));
    expect(await readdir(path.join(root, "with space"))).toContain("a");
  });

  test.each([
    ["/backups/vault", /file:\/\/\//],
    ["file:backups", /three slashes/],
    ["file://server/share", /another host|three slashes/],
    ["http://example.test/", /none that this program knows/],
    ["file:///a?x=1", /%3F/],
  ])("%s is refused with what to write instead", async (url, message) => {
    await expect(openStore(url)).rejects.toMatchObject({ code: "store.bad_address", message: expect.stringMatching(message) });
  });
});

async function keys(store: { list(prefix: string): AsyncIterable<{ key: string }> }, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}
