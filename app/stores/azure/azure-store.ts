/**
 * A container of Azure Blob Storage as a store.
 *
 * An object appears by Put Blob, or for large ones Put Block List, with If-None-Match: *, which the service decides atomically. Their MD5
 * stays with them. Locks are version-level immutability policies, which the container must have been made for.
 */
import { createHash } from "node:crypto";
import type { BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { readBody, timeFor, withDeadline, type Patience } from "../shared/deadline.ts";
import { nameOf, storeErrorFor, type Doing } from "../shared/http-error.ts";
import { inByteOrder, KeySpace, NO_NAMES } from "../shared/keys.ts";

export interface AzureStoreOptions {
  readonly container: ContainerClient;
  readonly prefix: string;
  /** The container has version-level immutability; `lockUntil` uses this mode. Null: `lockUntil` is refused. */
  readonly lock: { readonly mode: "Locked" | "Unlocked"; readonly days: number } | null;
  readonly encryptionScope: string | null;
  readonly patience: Patience;
  /** Larger bodies go in blocks. Default 64 MiB. */
  readonly blocksFrom?: number;
  /** Names a page of a listing has at most. Default: the service's own, 5000. */
  readonly pageSize?: number;
}

const BLOCKS_FROM = 64 * 1024 * 1024;
/** Put Block List takes at most 50,000 blocks of at most 4,000 MiB (Azure, "Scalability and performance targets for Blob storage"). */
const BLOCK = 16 * 1024 * 1024;

export class AzureStore implements ObjectStore {
  readonly traits: StoreTraits;
  readonly #o: AzureStoreOptions;
  readonly #keys: KeySpace;

  constructor(options: AzureStoreOptions) {
    this.#o = options;
    this.#keys = new KeySpace(options.prefix);
    // Soft delete and versions, where an account has them, keep removed bytes for their time; only the account's settings end that.
    this.traits = { name: "azure", objectLock: options.lock !== null, versioned: true, strongListing: true };
  }

  get locks(): ObjectLocks | undefined {
    const { lock, patience } = this.#o;
    if (lock === null) return undefined;
    return {
      days: lock.days,
      until: async (key) => {
        const blob = this.#blob(key);
        try {
          const { immutabilityPolicyExpiresOn } = await withDeadline(patience.answerMs, `Looking at the lock of ${key}`, (abortSignal) => blob.getProperties({ abortSignal }));
          return immutabilityPolicyExpiresOn ?? null;
        } catch (error) {
          if (isMissing(error)) return null;
          throw translate(error, "read", key);
        }
      },
      extend: async (key, until) => {
        const blob = this.#blob(key);
        try {
          await withDeadline(patience.answerMs, `Locking ${key}`, (abortSignal) => blob.setImmutabilityPolicy({ expiriesOn: until, policyMode: lock.mode }, { abortSignal }));
        } catch (error) {
          if (isMissing(error)) return;
          // No lock can be made shorter, which is what this would have been.
          if (details(error).statusCode === 409 && ((await this.locks?.until(key).catch(() => null))?.getTime() ?? 0) >= until.getTime()) return;
          throw translate(error, "write", key);
        }
      },
      // What lies beneath a deleted blob is not looked for here (docs/stores.md).
      hidden: () => NO_NAMES,
      bringBack: () => Promise.resolve(false),
    };
  }

  async putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const blob = this.#blob(key);
    const { lock, encryptionScope, patience } = this.#o;
    if (options.lockUntil !== undefined && lock === null) {
      throw new StoreError("store.lock_unsupported", "This container is used without immutability; if it has version-level immutability, add lock=locked to the address.");
    }
    const headers = {
      conditions: { ifNoneMatch: "*" },
      blobHTTPHeaders: { blobContentType: "application/octet-stream" },
      ...(encryptionScope === null ? {} : { encryptionScope }),
      ...(options.lockUntil === undefined || lock === null ? {} : { immutabilityPolicy: { expiriesOn: options.lockUntil, policyMode: lock.mode } }),
    };
    // The caller may reuse its bytes while a request is still under way.
    const bytes = Buffer.from(body);
    try {
      await withDeadline(timeFor(patience, bytes.byteLength), `Writing ${key}`, async (abortSignal) => {
        const blobContentMD5 = createHash("md5").update(bytes).digest();
        if (bytes.byteLength > (this.#o.blocksFrom ?? BLOCKS_FROM)) {
          const blocks = await stageBlocks(blob, bytes, abortSignal, encryptionScope);
          return blob.commitBlockList(blocks, { ...headers, blobHTTPHeaders: { ...headers.blobHTTPHeaders, blobContentMD5 }, abortSignal });
        }
        return blob.upload(bytes, bytes.byteLength, { ...headers, blobHTTPHeaders: { ...headers.blobHTTPHeaders, blobContentMD5 }, abortSignal });
      });
      return "stored";
    } catch (error) {
      const { statusCode, code } = details(error);
      if (statusCode === 412 || (statusCode === 409 && (code === "BlobAlreadyExists" || code === "UnauthorizedBlobOverwrite"))) return "already-there";
      // A blob under an immutability policy says that first.
      if (statusCode === 409 && code === "BlobImmutableDueToPolicy") return "already-there";
      throw translate(error, "write", key);
    }
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const blob = this.#blob(key);
    const { patience } = this.#o;
    try {
      if (range?.length === 0) {
        await withDeadline(patience.answerMs, `Looking for ${key}`, (abortSignal) => blob.getProperties({ abortSignal }));
        return new Uint8Array(0);
      }
      const answer = await withDeadline(patience.answerMs, `Reading ${key}`, (abortSignal) => blob.download(range?.offset ?? 0, range?.length, { abortSignal, maxRetryRequests: 0 }));
      const stream = answer.readableStreamBody as (AsyncIterable<Uint8Array> & { destroy(): void }) | undefined;
      if (stream === undefined) throw new StoreError("store.failed", `The storage answered ${key} without a body.`, { retry: "later" });
      return await readBody(stream, patience, answer.contentLength, `Reading ${key}`);
    } catch (error) {
      if (isMissing(error)) return null;
      if (details(error).statusCode === 416) return new Uint8Array(0);
      throw translate(error, "read", key);
    }
  }

  list(prefix: string): AsyncGenerator<ObjectInfo> {
    return inByteOrder(this.#list(prefix));
  }

  async *#list(prefix: string): AsyncGenerator<ObjectInfo> {
    const name = this.#keys.prefixOf(prefix);
    const { container, patience } = this.#o;
    let continuationToken: string | undefined;
    do {
      const page = await withDeadline(patience.answerMs, "Listing", async (abortSignal) => {
        const pages = container.listBlobsFlat({ ...(name === "" ? {} : { prefix: name }), abortSignal }).byPage({ maxPageSize: this.#o.pageSize ?? 5000, ...(continuationToken === undefined ? {} : { continuationToken }) });
        return (await pages.next()).value as { segment: { blobItems: { name: string; properties: { contentLength?: number } }[] }; continuationToken?: string } | undefined;
      }).catch((error: unknown) => {
        throw translate(error, "list", prefix);
      });
      for (const item of page?.segment.blobItems ?? []) {
        const key = this.#keys.keyOf(item.name);
        if (key !== null) yield { key, size: item.properties.contentLength ?? 0 };
      }
      continuationToken = page?.continuationToken === "" ? undefined : page?.continuationToken;
    } while (continuationToken !== undefined);
  }

  async remove(key: string): Promise<void> {
    const blob = this.#blob(key);
    const { patience, container } = this.#o;
    try {
      // Versions first, where the account keeps them: a lock on one is found before anything is gone.
      for (const versionId of await this.#versions(blob.name)) {
        await withDeadline(patience.answerMs, `Removing ${key}`, (abortSignal) => container.getBlobClient(blob.name).withVersion(versionId).deleteIfExists({ abortSignal }));
      }
      await withDeadline(patience.answerMs, `Removing ${key}`, (abortSignal) => blob.deleteIfExists({ abortSignal, deleteSnapshots: "include" }));
    } catch (error) {
      const { statusCode, code } = details(error);
      if (statusCode === 409 && (code === "BlobImmutableDueToPolicy" || code === "BlobImmutableDueToLegalHold")) throw new StoreError("store.locked", `${key} is locked against removal.`, { cause: error });
      throw translate(error, "remove", key);
    }
  }

  /** Ids of earlier versions. None in an account without versioning. */
  async #versions(name: string): Promise<string[]> {
    if (this.#o.lock === null) return [];
    const ids: string[] = [];
    for await (const item of this.#o.container.listBlobsFlat({ prefix: name, includeVersions: true })) {
      if (item.name === name && item.versionId !== undefined && item.isCurrentVersion !== true) ids.push(item.versionId);
      if (item.name > name) break;
    }
    return ids;
  }

  #blob(key: string): BlockBlobClient {
    return this.#o.container.getBlockBlobClient(this.#keys.nameOf(key));
  }
}

async function stageBlocks(blob: BlockBlobClient, bytes: Buffer, abortSignal: AbortSignal, encryptionScope: string | null): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < bytes.byteLength; at += BLOCK) {
    const part = bytes.subarray(at, at + BLOCK);
    // Ids of one blob are of equal length; uncommitted blocks of another writer have other ids because they have other bytes.
    const digest = createHash("sha256").update(part).digest("hex").slice(0, 32);
    const id = Buffer.from(`${String(ids.length).padStart(6, "0")}-${digest}`).toString("base64");
    const transactionalContentMD5 = createHash("md5").update(part).digest();
    await blob.stageBlock(id, part, part.byteLength, { abortSignal, transactionalContentMD5, ...(encryptionScope === null ? {} : { encryptionScope }) });
    ids.push(id);
  }
  return ids;
}

function isMissing(error: unknown): boolean {
  const { statusCode, code } = details(error);
  return statusCode === 404 && code !== "ContainerNotFound";
}

function details(error: unknown): { statusCode?: number | undefined; code?: string | undefined } {
  const { statusCode, code, details: more } = (error ?? {}) as { statusCode?: number; code?: string; details?: { errorCode?: string } };
  return { statusCode, code: more?.errorCode ?? code };
}

function translate(cause: unknown, doing: Doing, key: string): unknown {
  const { statusCode, code } = details(cause);
  return storeErrorFor({ doing, key, status: statusCode, name: code ?? nameOf(cause), cause });
}
