/** s3://bucket/prefix?endpoint=…&region=…&lock=…&lock-days=…&sse=…&kms-key=… to the store behind it. */
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { lockOf, type Address } from "../shared/address.ts";
import { PATIENCE, type Patience } from "../shared/deadline.ts";
import { S3Store } from "./s3-store.ts";

export interface S3Credentials {
  readonly kind: "s3";
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export const S3_PARAMETERS = ["endpoint", "region", "lock", "lock-days", "sse", "kms-key"] as const;

const LOCKS: Readonly<Record<string, "COMPLIANCE" | "GOVERNANCE">> = { compliance: "COMPLIANCE", governance: "GOVERNANCE" };

/** Without `credentials` the SDK looks where it always does: environment, shared files, the role of the machine. Nothing is sent yet. */
export async function openS3(address: Address, credentials: S3Credentials | undefined, patience: Patience = PATIENCE): Promise<ObjectStore> {
  const { host, path, parameters } = address;
  // Amazon S3 User Guide, "Bucket naming rules"; Ceph takes upper case and "_" too, which DNS does not.
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(host)) throw bad("write s3://bucket/prefix with the bucket's name, 3 to 63 of a-z, 0-9, - and .");
  const lock = lockOf(address, LOCKS);
  const sse = parameters.get("sse");
  const kmsKey = parameters.get("kms-key");
  if (sse !== undefined && sse !== "AES256" && sse !== "aws:kms") throw bad("sse= is AES256 or aws:kms");
  if (kmsKey !== undefined && sse !== "aws:kms") throw bad("kms-key= goes with sse=aws:kms");
  const endpoint = parameters.get("endpoint");
  const region = parameters.get("region") ?? (endpoint === undefined ? undefined : "us-east-1");

  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined
      ? {}
      : { credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey, ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }) } }),
    // Other servers than Amazon's refuse the streaming checksums that are the library's default; Content-MD5 does that work here.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Trying again is RetryingStore's, which knows what a lost answer means.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: Math.min(10_000, patience.answerMs) },
  });
  return new S3Store({ sdk, client, bucket: host, prefix: path, lock, trustConditions: endpoint === undefined, encryption: sse === undefined ? null : { algorithm: sse, kmsKey }, patience });
}

function bad(reason: string): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`);
}
