/** A folder with the bucket's files, read only. No more than node:fs, because it is part of the program that lies in the vault. */
import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { OBJECT_KEY, StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectStore, PutOutcome, StoreTraits } from "#app/vault/index.ts";

export class DirectoryStore implements ObjectStore {
  readonly traits: StoreTraits = { name: "folder", objectLock: false, versioned: false, strongListing: true };
  readonly #root: string;
  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    if (!OBJECT_KEY.test(key)) throw new StoreError("store.bad_key", "The key has characters or segments that no store allows.");
    let file;
    try {
      file = await open(path.join(this.#root, key), "r");
      const info = await file.stat();
      if (!info.isFile()) return null;
      const offset = Math.min(range?.offset ?? 0, info.size);
      const bytes = Buffer.allocUnsafeSlow(Math.min(range?.length ?? info.size, info.size - offset));
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) throw new StoreError("store.failed", `Object ${key} became shorter while it was read.`);
        filled += bytesRead;
      }
      return bytes;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw unreadable(error, key);
    } finally {
      await file?.close();
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    yield* this.#walk(prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix);
  }

  async *#walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    let entries;
    try {
      entries = await readdir(path.join(this.#root, folder), { withFileTypes: true });
    } catch (error) {
      if (isAbsent(error)) return;
      throw unreadable(error, folder);
    }
    // Files that other programs leave in folders are passed over. A folder sorts as its name with "/", which is where its keys stand in byte order.
    const names = entries
      .filter((entry) => OBJECT_KEY.test(entry.name))
      .map((entry) => folder + entry.name + (entry.isDirectory() ? "/" : ""))
      .filter((name) => name.startsWith(prefix) || prefix.startsWith(name))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      if (name.endsWith("/")) yield* this.#walk(name, prefix);
      else {
        const info = await stat(path.join(this.#root, name)).catch(() => null);
        if (info?.isFile() === true) yield { key: name, size: info.size };
      }
    }
  }

  putIfAbsent(): Promise<PutOutcome> {
    return Promise.reject(new StoreError("store.read_only", "A recovery writes nothing to the vault."));
  }

  remove(): Promise<void> {
    return Promise.reject(new StoreError("store.read_only", "A recovery removes nothing from the vault."));
  }
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function unreadable(error: unknown, key: string): StoreError {
  return error instanceof StoreError ? error : new StoreError("store.failed", `${key} cannot be read (${codeOf(error) ?? "unknown"}).`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
