/** The versions of a name in a bucket that keeps them. */
import type { S3Client } from "@aws-sdk/client-s3";
import type * as Sdk from "@aws-sdk/client-s3";
import { StoreError } from "#app/vault/index.ts";
import { withDeadline, type Patience } from "../shared/deadline.ts";
import { isAbsent, statusOf } from "./translate-error.ts";

export interface Version {
  readonly id: string;
  readonly at: number;
}

export interface VersionsOptions {
  readonly sdk: typeof Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  readonly lock: object | null;
  readonly patience: Patience;
  /** Names a page of a listing has at most. Default: the service's own, 1000. */
  readonly pageSize?: number;
}

export class Versions {
  readonly #o: VersionsOptions;
  constructor(options: VersionsOptions) {
    this.#o = options;
  }

  /** Everything the bucket still has under this name, newest first; the id is "null" in a bucket without versions. */
  async of(Key: string): Promise<{ data: Version[]; markers: Version[] }> {
    const [data, markers]: [Version[], Version[]] = [[], []];
    for await (const { name, marker, ...version } of this.all(Key)) {
      // The name itself sorts before every longer name that begins with it.
      if (name !== Key) break;
      (marker ? markers : data).push(version);
    }
    return { data, markers };
  }

  /** By name, and of each name newest first. */
  async *all(Prefix: string): AsyncGenerator<Version & { readonly name: string; readonly marker: boolean }> {
    const { sdk, client, bucket: Bucket, patience, pageSize } = this.#o;
    const MaxKeys = pageSize === undefined ? {} : { MaxKeys: pageSize };
    let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const page = await withDeadline(patience.answerMs, "Listing versions", (abortSignal) => client.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix, ...MaxKeys, ...from }), { abortSignal }));
      const found = [
        ...(page.Versions ?? []).map((version) => ({ ...version, marker: false })),
        ...(page.DeleteMarkers ?? []).map((version) => ({ ...version, marker: true })),
      ].flatMap(({ Key, VersionId, LastModified, IsLatest, marker }) => (Key === undefined ? [] : [{ name: Key, id: VersionId ?? "null", at: LastModified?.getTime() ?? 0, latest: IsLatest === true, marker }]));
      found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(b.latest) - Number(a.latest) || b.at - a.at));
      for (const { latest: _latest, ...version } of found) yield version;
      if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return;
      from = { KeyMarker: page.NextKeyMarker, ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }) };
    }
  }

  /** Throws StoreError store.locked. */
  async remove(Key: string, VersionId: string, key: string): Promise<void> {
    const { sdk, client, bucket: Bucket, patience } = this.#o;
    try {
      await withDeadline(patience.answerMs, `Removing ${key}`, (abortSignal) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId }), { abortSignal }));
    } catch (error) {
      if (isAbsent(error)) return;
      if (statusOf(error) === 403 && (await this.#isLocked(Key, VersionId))) throw new StoreError("store.locked", `${key} is locked against removal.`, { cause: error });
      throw error;
    }
  }

  async #isLocked(Key: string, VersionId: string): Promise<boolean> {
    if (this.#o.lock === null) return false;
    const { sdk, client, bucket: Bucket, patience } = this.#o;
    try {
      const { ObjectLockMode, ObjectLockLegalHoldStatus } = await withDeadline(patience.answerMs, "Looking at a lock", (abortSignal) => client.send(new sdk.HeadObjectCommand({ Bucket, Key, VersionId }), { abortSignal }));
      return ObjectLockMode !== undefined || ObjectLockLegalHoldStatus === "ON";
    } catch {
      // Who may not look is told about the refusal itself.
      return false;
    }
  }
}
