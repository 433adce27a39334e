/** One large object in parts: nothing is visible until the last call, and what is broken off is given back. */
import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import type * as Sdk from "@aws-sdk/client-s3";
import { timeFor, withDeadline, type Patience } from "../shared/deadline.ts";

export interface LockHeaders {
  readonly ObjectLockMode?: "COMPLIANCE" | "GOVERNANCE";
  readonly ObjectLockRetainUntilDate?: Date;
}

export interface EncryptionHeaders {
  readonly ServerSideEncryption?: "AES256" | "aws:kms";
  readonly SSEKMSKeyId?: string;
}

/** The new version's id, undefined in a bucket without versions. */
export type Written = "already-there" | { readonly id: string | undefined };

export interface Parts {
  readonly sdk: typeof Sdk;
  readonly client: S3Client;
  readonly target: { readonly Bucket: string; readonly Key: string };
  readonly body: Uint8Array;
  readonly headers: LockHeaders & EncryptionHeaders;
  readonly patience: Patience;
}

/** S3 takes parts of 5 MiB to 5 GiB, at most 10,000 (Amazon S3 User Guide, "Multipart upload limits"). */
const PART = 16 * 1024 * 1024;

/** The caller has seen that the name is free; the condition on the last call decides between racing writers, where the service knows it. */
export async function putInParts({ sdk, client, target, body, headers, patience }: Parts): Promise<Written> {
  const { UploadId } = await withDeadline(patience.answerMs, "Beginning a large object", (abortSignal) =>
    client.send(new sdk.CreateMultipartUploadCommand({ ...target, ContentType: "application/octet-stream", ...headers }), { abortSignal }),
  );
  try {
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let at = 0; at < body.byteLength; at += PART) {
      const Body = body.subarray(at, at + PART);
      const PartNumber = parts.length + 1;
      const ContentMD5 = createHash("md5").update(Body).digest("base64");
      const { ETag } = await withDeadline(timeFor(patience, Body.byteLength), `Writing part ${PartNumber}`, (abortSignal) =>
        client.send(new sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body, ContentMD5 }), { abortSignal }),
      );
      parts.push({ PartNumber, ETag });
    }
    const { VersionId } = await withDeadline(timeFor(patience, body.byteLength), "Completing a large object", (abortSignal) =>
      client.send(new sdk.CompleteMultipartUploadCommand({ ...target, UploadId, IfNoneMatch: "*", MultipartUpload: { Parts: parts } }), { abortSignal }),
    );
    return { id: VersionId };
  } catch (error) {
    // Parts cost money until they are given back. When even that fails, the bucket's life-cycle rule does it (docs/stores.md).
    await client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 412) return "already-there";
    throw error;
  }
}
