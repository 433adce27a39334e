/** Object Lock on what is there already: how long it still lasts, longer, and what somebody laid over a locked version. */
import { StoreError, type ObjectLocks } from "#app/vault/index.ts";
import { readBody, withDeadline } from "../shared/deadline.ts";
import type { KeySpace } from "../shared/keys.ts";
import { isAbsent, statusOf, translate } from "./translate-error.ts";
import type { Versions, VersionsOptions } from "./versions.ts";

export interface S3Lock {
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
  readonly days: number;
}

export interface S3LocksOptions extends VersionsOptions {
  readonly lock: S3Lock;
  readonly keys: KeySpace;
  readonly versions: Versions;
}

export class S3Locks implements ObjectLocks {
  readonly days: number;
  readonly #o: S3LocksOptions;
  constructor(options: S3LocksOptions) {
    this.#o = options;
    this.days = options.lock.days;
  }

  async until(key: string): Promise<Date | null> {
    const { sdk, client, bucket: Bucket, patience, keys } = this.#o;
    const Key = keys.nameOf(key);
    try {
      const { Retention } = await withDeadline(patience.answerMs, `Looking at the lock of ${key}`, (abortSignal) => client.send(new sdk.GetObjectRetentionCommand({ Bucket, Key }), { abortSignal }));
      return Retention?.RetainUntilDate ?? null;
    } catch (error) {
      // 404 NoSuchObjectLockConfiguration: the object has none.
      if (isAbsent(error)) return null;
      throw translate(error, "read", key);
    }
  }

  async extend(key: string, until: Date): Promise<void> {
    const { sdk, client, bucket: Bucket, patience, keys, lock } = this.#o;
    const Key = keys.nameOf(key);
    const Retention = { Mode: lock.mode, RetainUntilDate: until };
    try {
      await withDeadline(patience.answerMs, `Locking ${key}`, (abortSignal) => client.send(new sdk.PutObjectRetentionCommand({ Bucket, Key, Retention }), { abortSignal }));
    } catch (error) {
      if (isAbsent(error)) return;
      // No lock can be made shorter, which is what this would have been.
      if (statusOf(error) === 403 && ((await this.until(key).catch(() => null))?.getTime() ?? 0) >= until.getTime()) return;
      throw translate(error, "write", key);
    }
  }

  async *hidden(prefix: string): AsyncGenerator<string> {
    const { keys, versions } = this.#o;
    let [name, newestIsMarker, data] = ["", false, 0];
    const told = (): string | null => (data > 1 || (newestIsMarker && data > 0) ? keys.keyOf(name) : null);
    try {
      for await (const version of versions.all(keys.prefixOf(prefix))) {
        if (version.name !== name) {
          const key = told();
          if (key !== null) yield key;
          [name, newestIsMarker, data] = [version.name, version.marker, 0];
        }
        if (!version.marker) data++;
      }
    } catch (error) {
      throw translate(error, "list", prefix);
    }
    const key = told();
    if (key !== null) yield key;
  }

  async bringBack(key: string, good: (bytes: Uint8Array) => Promise<boolean>): Promise<boolean> {
    const { keys, versions } = this.#o;
    const Key = keys.nameOf(key);
    try {
      const { data, markers } = await versions.of(Key);
      for (const [beneath, { id, at }] of [...data].reverse().entries()) {
        const bytes = await this.#read(Key, id, key);
        if (bytes === null || !(await good(bytes))) continue;
        // Nothing on it: it is what the name stands for.
        const above = data.slice(0, data.length - 1 - beneath);
        const over = markers.filter((marker) => marker.at >= at);
        if (above.length + over.length === 0) return false;
        for (const version of [...above, ...over]) await versions.remove(Key, version.id, key);
        return true;
      }
      return false;
    } catch (error) {
      throw translate(error, "remove", key);
    }
  }

  async #read(Key: string, VersionId: string, key: string): Promise<Uint8Array | null> {
    const { sdk, client, bucket: Bucket, patience } = this.#o;
    try {
      const answer = await withDeadline(patience.answerMs, `Reading ${key}`, (abortSignal) => client.send(new sdk.GetObjectCommand({ Bucket, Key, VersionId }), { abortSignal }));
      const stream = answer.Body as unknown as (AsyncIterable<Uint8Array> & { destroy(): void }) | undefined;
      if (stream === undefined) throw new StoreError("store.failed", `The storage answered ${key} without a body.`, { retry: "later" });
      return await readBody(stream, patience, answer.ContentLength, `Reading ${key}`);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }
}
