/**
 * A bucket that speaks S3 as a store.
 *
 * An object appears by PutObject with If-None-Match: *, which the service decides atomically; objects above 64 MiB by a multipart upload
 * whose completion carries the same condition. Every body goes with its Content-MD5, so a byte changed on the way is refused.
 * `remove` destroys every version and delete marker of a key: what erasure removed is nowhere.
 *
 * Ceph's gateway (16.2) ignores the condition in buckets with versions and adds a version instead. So the answer of any server but Amazon's
 * is checked: of the versions of a name the oldest has won, whoever wrote another takes it away again. There, a lock is set after that.
 */
import { createHash } from "node:crypto";
import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import type * as Sdk from "@aws-sdk/client-s3";
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { readBody, timeFor, withDeadline, type Patience } from "../shared/deadline.ts";
import { inByteOrder, KeySpace } from "../shared/keys.ts";
import { S3Locks, type S3Lock } from "./locks.ts";
import { putInParts, type EncryptionHeaders, type LockHeaders, type Written } from "./multipart.ts";
import { isAbsent, statusOf, translate } from "./translate-error.ts";
import { Versions } from "./versions.ts";

export interface S3StoreOptions {
  readonly sdk: typeof Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  /** The bucket has Object Lock; `lockUntil` uses this mode. Null: `lockUntil` is refused. */
  readonly lock: S3Lock | null;
  /** Asked for with every write. Null: the bucket's default. */
  readonly encryption: { readonly algorithm: "AES256" | "aws:kms"; readonly kmsKey?: string | undefined } | null;
  readonly patience: Patience;
  /** The service is known to honour If-None-Match in buckets with versions. */
  readonly trustConditions: boolean;
  /** Larger bodies go in parts. Default 64 MiB. */
  readonly multipartFrom?: number;
  /** Names a page of a listing has at most. Default: the service's own, 1000. */
  readonly pageSize?: number;
}

const MULTIPART_FROM = 64 * 1024 * 1024;
/** AWS answers 409 while another conditional write to the key is under way. */
const CONFLICTS = 8;

export class S3Store implements ObjectStore {
  readonly traits: StoreTraits;
  readonly #o: S3StoreOptions;
  readonly #keys: KeySpace;
  readonly #versions: Versions;
  readonly locks: ObjectLocks | undefined;

  constructor(options: S3StoreOptions) {
    this.#o = options;
    this.#keys = new KeySpace(options.prefix);
    this.#versions = new Versions(options);
    this.locks = options.lock === null ? undefined : new S3Locks({ ...options, lock: options.lock, keys: this.#keys, versions: this.#versions });
    this.traits = { name: "s3", objectLock: options.lock !== null, versioned: false, strongListing: true };
  }

  async putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const Key = this.#keys.nameOf(key);
    const { sdk, client, bucket: Bucket, patience, trustConditions } = this.#o;
    const lock = this.#lockHeaders(options.lockUntil);
    const headers = { ...this.#encryptionHeaders(), ...(trustConditions ? lock : {}) };
    // The caller may reuse its bytes while a request is still under way.
    const Body = Buffer.from(body);
    const large = Body.byteLength > (this.#o.multipartFrom ?? MULTIPART_FROM);
    try {
      if ((large || !trustConditions) && (await this.#exists(Key, key))) return "already-there";
      const version = large
        ? await putInParts({ sdk, client, target: { Bucket, Key }, body: Body, headers, patience })
        : await this.#put(key, { Bucket, Key, Body, IfNoneMatch: "*", ContentMD5: md5(Body), ContentType: "application/octet-stream", ...headers });
      if (version === "already-there") return version;
      if (!trustConditions && version.id !== undefined && !(await this.#hasWon(Key, version.id))) {
        await this.#versions.remove(Key, version.id, key);
        return "already-there";
      }
      if (!trustConditions && lock.ObjectLockMode !== undefined) {
        const Retention = { Mode: lock.ObjectLockMode, RetainUntilDate: lock.ObjectLockRetainUntilDate };
        await withDeadline(patience.answerMs, `Locking ${key}`, (abortSignal) => client.send(new sdk.PutObjectRetentionCommand({ Bucket, Key, VersionId: version.id, Retention }), { abortSignal }));
      }
      return "stored";
    } catch (error) {
      throw translate(error, "write", key);
    }
  }

  async #put(key: string, input: PutObjectCommandInput & { Key: string; Body: Uint8Array }): Promise<Written> {
    const { sdk, client, patience } = this.#o;
    for (let attempt = 1; ; attempt++) {
      try {
        const { VersionId } = await withDeadline(timeFor(patience, input.Body.byteLength), `Writing ${key}`, (abortSignal) => client.send(new sdk.PutObjectCommand(input), { abortSignal }));
        return { id: VersionId };
      } catch (error) {
        const status = statusOf(error);
        if (status === 412) return "already-there";
        if (status !== 409 || attempt === CONFLICTS) throw error;
        if (await this.#exists(input.Key, key)) return "already-there";
      }
    }
  }

  /** Is this version the oldest since the name was last free? */
  async #hasWon(Key: string, id: string): Promise<boolean> {
    const { data, markers } = await this.#versions.of(Key);
    const freed = Math.max(0, ...markers.map(({ at }) => at));
    const oldest = data.filter(({ at }) => at >= freed).at(-1);
    return oldest?.id === id;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const Key = this.#keys.nameOf(key);
    const { sdk, client, bucket: Bucket, patience } = this.#o;
    try {
      // HTTP has no range of no bytes.
      if (range?.length === 0) return (await this.#exists(Key, key)) ? new Uint8Array(0) : null;
      const Range = range && { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
      const answer = await withDeadline(patience.answerMs, `Reading ${key}`, (abortSignal) => client.send(new sdk.GetObjectCommand({ Bucket, Key, ...Range }), { abortSignal }));
      const stream = answer.Body as unknown as (AsyncIterable<Uint8Array> & { destroy(): void }) | undefined;
      if (stream === undefined) throw new StoreError("store.failed", `The storage answered ${key} without a body.`, { retry: "later" });
      const bytes = await readBody(stream, patience, answer.ContentLength, `Reading ${key}`);
      // A server that does not know ranges sends everything.
      return range !== undefined && answer.ContentRange === undefined ? bytes.subarray(range.offset, range.offset + range.length) : bytes;
    } catch (error) {
      if (isAbsent(error)) return null;
      if (statusOf(error) === 416) return new Uint8Array(0);
      throw translate(error, "read", key);
    }
  }

  list(prefix: string): AsyncGenerator<ObjectInfo> {
    return inByteOrder(this.#list(prefix));
  }

  async *#list(prefix: string): AsyncGenerator<ObjectInfo> {
    const Prefix = this.#keys.prefixOf(prefix);
    const { sdk, client, bucket: Bucket, patience } = this.#o;
    const MaxKeys = this.#o.pageSize === undefined ? {} : { MaxKeys: this.#o.pageSize };
    let from: { ContinuationToken?: string } = {};
    for (;;) {
      const page = await withDeadline(patience.answerMs, "Listing", (abortSignal) => client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix, ...MaxKeys, ...from }), { abortSignal })).catch((error: unknown) => {
        throw translate(error, "list", prefix);
      });
      for (const { Key, Size } of page.Contents ?? []) {
        const key = Key === undefined ? null : this.#keys.keyOf(Key);
        if (key !== null) yield { key, size: Size ?? 0 };
      }
      if (page.IsTruncated !== true || page.NextContinuationToken === undefined) return;
      from = { ContinuationToken: page.NextContinuationToken };
    }
  }

  async remove(key: string): Promise<void> {
    const Key = this.#keys.nameOf(key);
    try {
      const { data, markers } = await this.#versions.of(Key);
      // Data first: a locked object must not end up hidden behind nothing.
      for (const { id } of [...data, ...markers]) await this.#versions.remove(Key, id, key);
    } catch (error) {
      throw translate(error, "remove", key);
    }
  }

  async #exists(Key: string, key: string): Promise<boolean> {
    const { sdk, client, bucket: Bucket, patience } = this.#o;
    try {
      await withDeadline(patience.answerMs, `Looking for ${key}`, (abortSignal) => client.send(new sdk.HeadObjectCommand({ Bucket, Key }), { abortSignal }));
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  #lockHeaders(lockUntil: Date | undefined): LockHeaders {
    if (lockUntil === undefined) return {};
    const { lock } = this.#o;
    if (lock === null) throw new StoreError("store.lock_unsupported", "This bucket is used without Object Lock; if it has it, add lock=compliance to the address.");
    return { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: lockUntil };
  }

  #encryptionHeaders(): EncryptionHeaders {
    const { encryption } = this.#o;
    if (encryption === null) return {};
    return { ServerSideEncryption: encryption.algorithm, ...(encryption.kmsKey === undefined ? {} : { SSEKMSKeyId: encryption.kmsKey }) };
  }
}

export function md5(body: Uint8Array): string {
  return createHash("md5").update(body).digest("base64");
}
