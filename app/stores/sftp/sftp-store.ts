/**
 * A directory on an SFTP server as a store.
 *
 * An object appears as in a local directory: written and flushed (fsync@openssh.com) under a name outside the key space, then given its own by
 * hardlink@openssh.com, or, where the server has none, by SSH_FXP_RENAME, which by its definition fails when the name is taken.
 */
import { randomBytes } from "node:crypto";
import { posix } from "node:path";
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { PATIENCE, timeFor, type Patience } from "../shared/deadline.ts";
import { KeySpace } from "../shared/keys.ts";
import { call, statusOf, STATUS, type Connection, type Sftp } from "./connection.ts";
import { flush, flushDirectory, isFile, readAt, writeAll } from "./files.ts";
import { translate } from "./translate-error.ts";

export interface SftpStoreOptions {
  readonly connection: Connection;
  /** Absolute path of the directory. Made by the first write. */
  readonly root: string;
  /** False: the server cannot flush, and a power failure there may take what was just written. */
  readonly durable: boolean;
  readonly patience?: Patience;
}

/** Half-written files rest here. "~" is outside the alphabet of keys. */
const INCOMING = "~incoming";

const TRIES = 10;

export class SftpStore implements ObjectStore {
  readonly traits: StoreTraits;
  readonly #o: SftpStoreOptions;
  readonly #patience: Patience;
  readonly #keys = new KeySpace("");
  readonly #made = new Set<string>();

  constructor(options: SftpStoreOptions) {
    this.#o = options;
    this.#patience = options.patience ?? PATIENCE;
    this.traits = { name: "sftp", objectLock: false, versioned: false, strongListing: true, durable: options.durable };
  }

  async putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const target = this.#pathOf(key);
    if (options.lockUntil !== undefined) throw new StoreError("store.lock_unsupported", "An SFTP server cannot lock objects.");
    const bytes = Buffer.from(body);
    return this.#use(timeFor(this.#patience, bytes.byteLength), "write", key, async (sftp) => {
      if (await isFile(sftp, target)) {
        // Another writer may have named it this instant: it counts as stored only once its directory entry is safe.
        if (this.#o.durable) await flushDirectory(sftp, posix.dirname(target));
        return "already-there";
      }
      await this.#makeDirectory(sftp, posix.join(this.#o.root, INCOMING));
      const temporary = posix.join(this.#o.root, INCOMING, randomBytes(16).toString("hex"));
      try {
        const handle = await call<Buffer>((done) => { sftp.open(temporary, "wx", { mode: 0o600 }, done); });
        try {
          await writeAll(sftp, handle, bytes);
          if (this.#o.durable) await flush(sftp, handle);
        } finally {
          await call((done) => { sftp.close(handle, done); });
        }
        const outcome = await this.#nameInto(sftp, temporary, target);
        if (this.#o.durable) await flushDirectory(sftp, posix.dirname(target));
        return outcome;
      } finally {
        await call((done) => { sftp.unlink(temporary, done); }).catch(() => undefined);
      }
    });
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const target = this.#pathOf(key);
    const opened = await this.#use(this.#patience.answerMs, "read", key, async (sftp) => {
      let handle: Buffer;
      try {
        handle = await call<Buffer>((done) => { sftp.open(target, "r", done); });
      } catch (error) {
        if (statusOf(error) === STATUS.noSuchFile) return null;
        throw error;
      }
      const stat = await call<{ size: number; isFile(): boolean }>((done) => { sftp.fstat(handle, done); });
      return { sftp, handle, size: stat.isFile() ? stat.size : null };
    });
    if (opened === null) return null;
    const { handle, size } = opened;
    const offset = Math.min(range?.offset ?? 0, size ?? 0);
    const length = Math.min(range?.length ?? size ?? 0, (size ?? 0) - offset);
    return this.#use(timeFor(this.#patience, length), "read", key, async (sftp) => {
      // The handle died with its connection.
      if (sftp !== opened.sftp) throw new StoreError("store.unreachable", `Reading ${key}: the connection broke.`, { retry: "later" });
      try {
        return size === null ? null : await readAt(sftp, handle, offset, length, key);
      } finally {
        await call((done) => { sftp.close(handle, done); });
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    this.#keys.prefixOf(prefix);
    yield* this.#walk(prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix);
  }

  async remove(key: string): Promise<void> {
    const target = this.#pathOf(key);
    await this.#use(this.#patience.answerMs, "remove", key, async (sftp) => {
      try {
        await call((done) => { sftp.unlink(target, done); });
      } catch (error) {
        if (statusOf(error) === STATUS.noSuchFile) return;
        if (!(await isFile(sftp, target))) return;
        throw error;
      }
      if (this.#o.durable) await flushDirectory(sftp, posix.dirname(target));
      await this.#removeEmpty(sftp, posix.dirname(target));
    });
  }

  /** `folder` is "" or ends in "/". A directory sorts as its name with "/", which is where its keys stand in byte order. */
  async *#walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    const entries = await this.#use(this.#patience.answerMs, "list", prefix, async (sftp) => {
      try {
        return await call<{ filename: string; attrs: { size: number; isFile(): boolean; isDirectory(): boolean } }[]>((done) => { sftp.readdir(posix.join(this.#o.root, folder), done); });
      } catch (error) {
        if (statusOf(error) === STATUS.noSuchFile) return [];
        throw error;
      }
    });
    const found = entries
      .filter(({ filename, attrs }) => (attrs.isFile() || attrs.isDirectory()) && this.#keys.keyOf(filename) !== null)
      .map(({ filename, attrs }) => ({ name: folder + filename + (attrs.isDirectory() ? "/" : ""), size: attrs.size }))
      .filter(({ name }) => name.startsWith(prefix) || prefix.startsWith(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, size } of found) {
      if (name.endsWith("/")) yield* this.#walk(name, prefix);
      else if (name.startsWith(prefix)) yield { key: name, size };
    }
  }

  #pathOf(key: string): string {
    return posix.join(this.#o.root, this.#keys.nameOf(key));
  }

  async #use<T>(ms: number, doing: "write" | "read" | "list" | "remove", key: string, work: (sftp: Sftp) => Promise<T>): Promise<T> {
    try {
      return await this.#o.connection.use(ms, `${doing} ${key}`, work);
    } catch (error) {
      throw translate(error, doing, key);
    }
  }

  /** Somebody who removes objects may take the empty directory away again before the name is given. */
  async #nameInto(sftp: Sftp, temporary: string, target: string): Promise<PutOutcome> {
    for (let attempt = 1; ; attempt++) {
      await this.#makeDirectory(sftp, posix.dirname(target));
      try {
        return await nameExclusively(sftp, temporary, target);
      } catch (error) {
        if (statusOf(error) !== STATUS.noSuchFile || attempt === TRIES) throw error;
        this.#made.clear();
      }
    }
  }

  /** The directory and those above it, as long as they hold nothing; never the root. */
  async #removeEmpty(sftp: Sftp, directory: string): Promise<void> {
    for (let at = directory; at.startsWith(`${this.#o.root}/`); at = posix.dirname(at)) {
      const removed = await call((done) => { sftp.rmdir(at, done); }).then(() => true, () => false);
      if (!removed) return;
      this.#made.delete(at);
    }
  }

  /** Makes a directory and its parents, and flushes every parent that got a new entry. */
  async #makeDirectory(sftp: Sftp, directory: string): Promise<void> {
    if (this.#made.has(directory) || directory === "/") return;
    const is = await call<{ isDirectory(): boolean }>((done) => { sftp.stat(directory, done); }).then((stat) => stat.isDirectory(), () => null);
    if (is === false) throw new StoreError("store.bad_key", "The key lies beneath another object.");
    if (is === null) {
      await this.#makeDirectory(sftp, posix.dirname(directory));
      try {
        await call((done) => { sftp.mkdir(directory, { mode: 0o700 }, done); });
      } catch (error) {
        // Another writer may have been quicker.
        const now = await call<{ isDirectory(): boolean }>((done) => { sftp.stat(directory, done); }).then((stat) => stat.isDirectory(), () => false);
        if (!now) throw error;
      }
      if (this.#o.durable) await flushDirectory(sftp, posix.dirname(directory));
    }
    this.#made.add(directory);
  }
}

async function nameExclusively(sftp: Sftp, from: string, to: string): Promise<PutOutcome> {
  try {
    try {
      await call((done) => { sftp.ext_openssh_hardlink(from, to, done); });
    } catch (error) {
      const unsupported = statusOf(error) === STATUS.unsupported || (error instanceof Error && /does not support/i.test(error.message));
      if (!unsupported) throw error;
      await call((done) => { sftp.rename(from, to, done); });
    }
    return "stored";
  } catch (error) {
    if (await isFile(sftp, to)) return "already-there";
    if (await call<unknown>((done) => { sftp.stat(to, done); }).then(() => true, () => false)) throw new StoreError("store.bad_key", "The key lies above another object.", { cause: error });
    throw error;
  }
}
