/**
 * A bucket of Google Cloud Storage as a store, through the JSON API.
 *
 * An object appears by one upload with ifGenerationMatch=0, which the service decides atomically, and with its MD5, which the service checks. Locks are
 * object retention, which the bucket must have been made for. `remove` destroys every generation of a name.
 */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Bucket } from "@google-cloud/storage";
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { readBody, timeFor, withDeadline, type Patience } from "../shared/deadline.ts";
import { nameOf, storeErrorFor, type Doing } from "../shared/http-error.ts";
import { inByteOrder, KeySpace, NO_NAMES } from "../shared/keys.ts";

export interface GcsStoreOptions {
  readonly bucket: Bucket;
  readonly prefix: string;
  /** The bucket has object retention; `lockUntil` uses this mode. Null: `lockUntil` is refused. */
  readonly lock: { readonly mode: "Locked" | "Unlocked"; readonly days: number } | null;
  readonly kmsKey: string | null;
  readonly patience: Patience;
  /** Names a page of a listing has at most. Default 1000. */
  readonly pageSize?: number;
}

export class GcsStore implements ObjectStore {
  readonly traits: StoreTraits;
  readonly #o: GcsStoreOptions;
  readonly #keys: KeySpace;

  constructor(options: GcsStoreOptions) {
    this.#o = options;
    this.#keys = new KeySpace(options.prefix);
    // Soft delete, on by default for a week, keeps removed bytes for its time; only the bucket's settings end that.
    this.traits = { name: "gcs", objectLock: options.lock !== null, versioned: true, strongListing: true };
  }

  get locks(): ObjectLocks | undefined {
    const { bucket, lock, patience } = this.#o;
    if (lock === null) return undefined;
    const until = async (key: string): Promise<Date | null> => {
      try {
        const [{ retention }] = await withDeadline(patience.answerMs, `Looking at the lock of ${key}`, () => bucket.file(this.#keys.nameOf(key)).getMetadata());
        return retention?.retainUntilTime == null ? null : new Date(retention.retainUntilTime);
      } catch (error) {
        if (isMissing(error)) return null;
        throw translate(error, "read", key);
      }
    };
    return {
      days: lock.days,
      until,
      extend: async (key, to) => {
        try {
          await withDeadline(patience.answerMs, `Locking ${key}`, () => bucket.file(this.#keys.nameOf(key)).setMetadata({ retention: { mode: lock.mode, retainUntilTime: to.toISOString() } }));
        } catch (error) {
          if (isMissing(error)) return;
          // No lock can be made shorter, which is what this would have been.
          if (statusOf(error) === 403 && ((await until(key).catch(() => null))?.getTime() ?? 0) >= to.getTime()) return;
          throw translate(error, "write", key);
        }
      },
      // What lies beneath a deleted object is not looked for here (docs/stores.md).
      hidden: () => NO_NAMES,
      bringBack: () => Promise.resolve(false),
    };
  }

  async putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const name = this.#keys.nameOf(key);
    const { bucket, lock, kmsKey, patience } = this.#o;
    if (options.lockUntil !== undefined && lock === null) {
      throw new StoreError("store.lock_unsupported", "This bucket is used without object retention; if it has it, add lock=locked to the address.");
    }
    // The caller may reuse its bytes while a request is still under way.
    const bytes = Buffer.from(body);
    const metadata = {
      contentType: "application/octet-stream",
      md5Hash: createHash("md5").update(bytes).digest("base64"),
      ...(options.lockUntil === undefined || lock === null ? {} : { retention: { mode: lock.mode, retainUntilTime: options.lockUntil.toISOString() } }),
    };
    try {
      await withDeadline(timeFor(patience, bytes.byteLength), `Writing ${key}`, () =>
        bucket.file(name).save(bytes, { resumable: false, validation: false, preconditionOpts: { ifGenerationMatch: 0 }, metadata, ...(kmsKey === null ? {} : { kmsKeyName: kmsKey }) }),
      );
      return "stored";
    } catch (error) {
      if (statusOf(error) === 412) return "already-there";
      throw translate(error, "write", key);
    }
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const file = this.#o.bucket.file(this.#keys.nameOf(key));
    const { patience } = this.#o;
    try {
      if (range?.length === 0) {
        await withDeadline(patience.answerMs, `Looking for ${key}`, () => file.getMetadata());
        return new Uint8Array(0);
      }
      const part = range === undefined ? {} : { start: range.offset, end: range.offset + range.length - 1 };
      const stream = file.createReadStream({ decompress: false, validation: false, ...part });
      const announced = await withDeadline(patience.answerMs, `Reading ${key}`, () => headersOf(stream)).catch((error: unknown) => {
        stream.destroy();
        throw error;
      });
      return await readBody(stream, patience, announced, `Reading ${key}`);
    } catch (error) {
      if (isMissing(error)) return null;
      if (statusOf(error) === 416) return new Uint8Array(0);
      throw translate(error, "read", key);
    }
  }

  list(prefix: string): AsyncGenerator<ObjectInfo> {
    return inByteOrder(this.#list(prefix));
  }

  async *#list(prefix: string): AsyncGenerator<ObjectInfo> {
    const name = this.#keys.prefixOf(prefix);
    let pageToken: string | undefined;
    do {
      const query = { prefix: name, autoPaginate: false, maxResults: this.#o.pageSize ?? 1000, ...(pageToken === undefined ? {} : { pageToken }) };
      const [files, next] = await withDeadline(this.#o.patience.answerMs, "Listing", () => this.#o.bucket.getFiles(query)).catch((error: unknown) => {
        throw translate(error, "list", prefix);
      });
      for (const file of files) {
        const key = this.#keys.keyOf(file.name);
        if (key !== null) yield { key, size: Number(file.metadata.size ?? 0) };
      }
      ({ pageToken } = (next ?? {}) as { pageToken?: string });
    } while (pageToken !== undefined);
  }

  async remove(key: string): Promise<void> {
    const name = this.#keys.nameOf(key);
    const { bucket, patience } = this.#o;
    try {
      const generations: string[] = [];
      let pageToken: string | undefined;
      do {
        const query = { prefix: name, endOffset: `${name}\u0001`, versions: true, autoPaginate: false, ...(pageToken === undefined ? {} : { pageToken }) };
        const [files, next] = await withDeadline(patience.answerMs, `Looking for ${key}`, () => bucket.getFiles(query));
        for (const file of files) if (file.name === name) generations.push(String(file.metadata.generation));
        ({ pageToken } = (next ?? {}) as { pageToken?: string });
      } while (pageToken !== undefined);
      for (const generation of generations) {
        await withDeadline(patience.answerMs, `Removing ${key}`, () => bucket.file(name, { generation }).delete({ ignoreNotFound: true }));
      }
    } catch (error) {
      if (statusOf(error) === 403 && /retention|hold/i.test(error instanceof Error ? error.message : "")) throw new StoreError("store.locked", `${key} is locked against removal.`, { cause: error });
      throw translate(error, "remove", key);
    }
  }
}

/** The announced length, once the answer has begun. */
function headersOf(stream: Readable): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    // The request is made when somebody wants to read.
    stream.read(0);
    stream.once("error", reject);
    stream.once("response", (response: { statusCode?: number; headers: Record<string, string | undefined> }) => {
      // A refusal comes as an error, once its body has been read.
      if ((response.statusCode ?? 200) >= 300) return;
      const length = response.headers["content-length"];
      resolve(length === undefined ? undefined : Number(length));
    });
  });
}

/** The library gives HTTP's numbers and the system's names in the same place. */
function statusOf(error: unknown): number | undefined {
  const { code, status } = (error ?? {}) as { code?: unknown; status?: unknown };
  const number = Number(code ?? status);
  return Number.isInteger(number) && number >= 300 ? number : undefined;
}

function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && !isBucketMissing(error);
}

function isBucketMissing(error: unknown): boolean {
  return /bucket does not exist/i.test(error instanceof Error ? error.message : "");
}

function translate(cause: unknown, doing: Doing, key: string): unknown {
  const status = statusOf(cause);
  const said = cause instanceof Error ? cause.message : "";
  if (status === undefined && /Could not load the default credentials|invalid_grant|private key|PEM|DECODER/i.test(said)) {
    return new StoreError("store.refused", "There are no usable Google credentials: set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file, or run where a service account is attached.", { cause });
  }
  const { errors } = (cause ?? {}) as { errors?: { reason?: string }[] };
  const name = isBucketMissing(cause) ? "BucketNotFound" : (errors?.[0]?.reason ?? (status === undefined ? nameOf(cause) : undefined));
  // Premature ends come as words only.
  if (status === undefined && /socket hang up|premature|aborted|network|timeout|terminated/i.test(said)) return storeErrorFor({ doing, key, name: "ERR_STREAM_PREMATURE_CLOSE", cause });
  return storeErrorFor({ doing, key, status, name, cause });
}
