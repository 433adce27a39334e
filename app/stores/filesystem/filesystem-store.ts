/**
 * A directory as a store: one file per object, at the path its key spells.
 *
 * An object appears by link(2): the bytes are written and flushed under a name outside the key space, then linked to their own name, which
 * fails when that name is taken. So an object is never seen in part and never replaced, whoever else writes. The directory is flushed
 * before `putIfAbsent` returns: a file whose directory entry was lost with the power was not durable.
 */
import { randomBytes } from "node:crypto";
import { link, lstat, mkdir, open, opendir, readdir, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { OBJECT_KEY, StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { systemCode, translate } from "./translate-error.ts";

/** Half-written files rest here. "~" is outside the alphabet of keys, so no object can be called this and no listing shows it. */
const INCOMING = "~incoming";
/** What a crash left there is removed when it is older than this: no write takes a day. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

const TRIES = 10;

export class FilesystemStore implements ObjectStore {
  readonly traits: StoreTraits = { name: "filesystem", objectLock: false, versioned: false, strongListing: true };
  readonly #root: string;
  #swept = false;

  /** `root` is made by the first write; a root that does not exist reads as an empty store. */
  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  async putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const target = this.#pathOf(key);
    if (options.lockUntil !== undefined) {
      throw new StoreError("store.lock_unsupported", "A directory cannot lock objects.");
    }
    try {
      if (await isFile(target)) {
        // Another writer may have linked it this instant: it counts as stored only once its directory entry is safe.
        await flushDirectory(path.dirname(target));
        return "already-there";
      }
      const incoming = path.join(this.#root, INCOMING);
      await this.#makeDirectory(incoming);
      const temporary = path.join(incoming, randomBytes(16).toString("hex"));
      try {
        await writeFlushed(temporary, body);
        await this.#sweep(incoming, temporary);
        const outcome = await this.#linkInto(temporary, target);
        await flushDirectory(path.dirname(target));
        return outcome;
      } finally {
        await unlink(temporary).catch(ignoreAbsent);
      }
    } catch (error) {
      throw translate(error, "write", key);
    }
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const target = this.#pathOf(key);
    try {
      const file = await open(target, "r");
      try {
        const stat = await file.stat();
        if (!stat.isFile()) return null;
        const offset = Math.min(range?.offset ?? 0, stat.size);
        const length = Math.min(range?.length ?? stat.size, stat.size - offset);
        const bytes = Buffer.allocUnsafeSlow(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) throw new StoreError("store.failed", `Object ${key} became shorter while it was read.`);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isAbsent(error)) return null;
      throw translate(error, "read", key);
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    if (!isPrefix(prefix)) throw new StoreError("store.bad_key", "The prefix is not the beginning of a key.");
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    try {
      yield* this.#walk(folder, prefix);
    } catch (error) {
      throw translate(error, "list", prefix);
    }
  }

  async remove(key: string): Promise<void> {
    const target = this.#pathOf(key);
    try {
      await unlink(target);
      await flushDirectory(path.dirname(target));
      await this.#removeEmpty(path.dirname(target));
    } catch (error) {
      if (isAbsent(error)) return;
      throw translate(error, "remove", key);
    }
  }

  /** `folder` is "" or ends in "/". Depth first; a directory sorts as its name with "/", which is where its keys stand in byte order. */
  async *#walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    let entries;
    try {
      entries = await readdir(path.join(this.#root, folder), { withFileTypes: true });
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    const names = entries
      .filter((entry) => (entry.isFile() || entry.isDirectory()) && OBJECT_KEY.test(entry.name))
      .map((entry) => folder + entry.name + (entry.isDirectory() ? "/" : ""))
      .filter((name) => name.startsWith(prefix) || prefix.startsWith(name))
      .sort(byBytes);
    for (const name of names) {
      if (name.endsWith("/")) yield* this.#walk(name, prefix);
      else if (name.startsWith(prefix)) {
        const size = await sizeOf(path.join(this.#root, name));
        if (size !== null) yield { key: name, size };
      }
    }
  }

  #pathOf(key: string): string {
    if (!OBJECT_KEY.test(key)) throw new StoreError("store.bad_key", "The key has characters, segments or a length that no store allows.");
    return path.join(this.#root, key);
  }

  /** Somebody who removes objects may take the empty directory away again before the link is made. */
  async #linkInto(temporary: string, target: string): Promise<PutOutcome> {
    for (let attempt = 1; ; attempt++) {
      await this.#makeDirectory(path.dirname(target));
      try {
        return await linkExclusive(temporary, target);
      } catch (error) {
        if (systemCode(error) !== "ENOENT" || attempt === TRIES) throw error;
      }
    }
  }

  /** The directory and those above it, as long as they hold nothing; never the root. */
  async #removeEmpty(directory: string): Promise<void> {
    for (let at = directory; at.startsWith(this.#root + path.sep); at = path.dirname(at)) {
      try {
        await rmdir(at);
      } catch {
        // Not empty, or not ours to remove: an empty directory harms nobody.
        return;
      }
    }
  }

  /** Makes a directory and flushes every parent that got a new entry. */
  async #makeDirectory(directory: string): Promise<void> {
    const first = await mkdir(directory, { recursive: true });
    if (first === undefined) return;
    for (let made = directory; made.length >= first.length; made = path.dirname(made)) await flushDirectory(path.dirname(made));
  }

  /** Once per process. Ages are taken against a file written just now, so that a wrong clock on this or the storage's side does no harm. */
  async #sweep(incoming: string, justWritten: string): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    const now = (await lstat(justWritten)).mtimeMs;
    for await (const entry of await opendir(incoming)) {
      const file = path.join(incoming, entry.name);
      const modified = await lstat(file).then((stat) => stat.mtimeMs, () => now);
      if (now - modified > ABANDONED_MS) await unlink(file).catch(ignoreAbsent);
    }
  }
}

async function writeFlushed(file: string, body: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(body);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function linkExclusive(from: string, to: string): Promise<PutOutcome> {
  try {
    await link(from, to);
    return "stored";
  } catch (error) {
    if (systemCode(error) === "EEXIST" && (await isFile(to))) return "already-there";
    throw error;
  }
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isFile(file: string): Promise<boolean> {
  return lstat(file).then(
    (stat) => stat.isFile(),
    (error: unknown) => {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    },
  );
}

async function sizeOf(file: string): Promise<number | null> {
  return lstat(file).then(
    (stat) => stat.size,
    (error: unknown) => {
      if (isAbsent(error)) return null;
      throw error;
    },
  );
}

function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

function ignoreAbsent(error: unknown): void {
  if (!isAbsent(error)) throw error;
}

/** "", or the beginning of some key: the alphabet of keys, no empty, "." or ".." segment before the last. */
function isPrefix(prefix: string): boolean {
  return prefix === "" || OBJECT_KEY.test(`${prefix}x`);
}

/** Keys are ASCII, where UTF-16 order is byte order. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
