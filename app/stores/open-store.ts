/** From a vault's address to the store behind it. Only the library of the storage at hand is loaded. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import type { AzureCredentials } from "./azure/open-azure.ts";
import { FilesystemStore } from "./filesystem/filesystem-store.ts";
import type { GcsCredentials } from "./gcs/open-gcs.ts";
import type { S3Credentials } from "./s3/open-s3.ts";
import type { SftpCredentials } from "./sftp/open-sftp.ts";
import { parseAddress, rateOf } from "./shared/address.ts";
import type { Patience } from "./shared/deadline.ts";
import { LockingStore } from "./wrappers/locking-store.ts";
import { ReplicatedStore } from "./wrappers/replicated-store.ts";
import { ThrottledStore } from "./wrappers/throttled-store.ts";
import { RETRY_POLICY, RetryingStore, type RetryPolicy, type Waiting } from "./wrappers/retrying-store.ts";

export type StoreCredentials = S3Credentials | AzureCredentials | GcsCredentials | SftpCredentials;

export interface OpenOptions {
  /**
   * By the address's scheme without the colon: "s3", "az", "gs", "sftp". Where nothing is given, the provider's own library looks where it always does.
   * A function is asked only when the scheme is met.
   */
  readonly credentials?: (scheme: "s3" | "az" | "gs" | "sftp") => Promise<StoreCredentials | undefined> | StoreCredentials | undefined;
  readonly patience?: Patience;
  /** Null: every failure is the caller's at once. */
  readonly retry?: RetryPolicy | null;
  readonly waiting?: Waiting;
  /** What locks are counted from. */
  readonly now?: () => Date;
}

const WAITING: Waiting = { sleep: async (ms) => { await sleep(ms); }, random: () => Math.random() };

/**
 * `url`: file:///absolute/path, s3://bucket/prefix, az://account/container/prefix, gs://bucket/prefix, sftp://user@host:port/path, or
 * replicated:?first=ADDRESS&second=ADDRESS with both percent-encoded (docs/stores.md has every parameter). Nothing is read or written yet.
 * Throws StoreError store.bad_address with what to write instead.
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<ObjectStore> {
  let address: URL;
  try {
    address = new URL(url);
  } catch (cause) {
    throw bad("a vault's address is a URL such as file:///backups/vault", cause);
  }
  if (address.protocol === "file:") return openDirectory(url, address);
  if (address.protocol === "replicated:") return openReplicated(address, options);
  const store = await openRemote(url, address, options);
  const { retry = RETRY_POLICY, waiting = WAITING, now = () => new Date() } = options;
  const rate = rateOf({ parameters: new Map(address.searchParams) });
  // What is tried again passes the line again.
  const paced = rate === null ? store : new ThrottledStore(store, { bytesPerSecond: rate }, { now: () => performance.now(), sleep: waiting.sleep });
  const locking = paced.locks === undefined ? paced : new LockingStore(paced, paced.locks.days, now);
  return retry === null ? locking : new RetryingStore(locking, retry, waiting);
}

async function openRemote(url: string, address: URL, { credentials, patience }: OpenOptions): Promise<ObjectStore> {
  const given = async <K extends StoreCredentials["kind"]>(scheme: "s3" | "az" | "gs" | "sftp", kind: K) => {
    const found = await credentials?.(scheme);
    if (found !== undefined && found.kind !== kind) throw new StoreError("store.refused", "The credentials are for another kind of storage than the address.");
    return found as Extract<StoreCredentials, { kind: K }> | undefined;
  };
  // "s3:bucket" would quietly be something else.
  if (/^(?:s3|az|gs|sftp):(?!\/\/[^/])/i.test(url)) throw bad(`write ${address.protocol}// and then its name`);
  switch (address.protocol) {
    case "s3:": {
      const { openS3, S3_PARAMETERS } = await import("./s3/open-s3.ts");
      return openS3(parseAddress(address, S3_PARAMETERS), await given("s3", "s3"), patience);
    }
    case "az:": {
      const { openAzure, AZURE_PARAMETERS } = await import("./azure/open-azure.ts");
      return openAzure(parseAddress(address, AZURE_PARAMETERS), await given("az", "azure"), patience);
    }
    case "gs:": {
      const { openGcs, GCS_PARAMETERS } = await import("./gcs/open-gcs.ts");
      return openGcs(parseAddress(address, GCS_PARAMETERS), await given("gs", "gcs"), patience);
    }
    case "sftp:": {
      const { openSftp, SFTP_PARAMETERS } = await import("./sftp/open-sftp.ts");
      return openSftp(parseAddress(address, SFTP_PARAMETERS), await given("sftp", "sftp"), patience);
    }
    default:
      // Windows: "C:\vault" parses as a URL with the scheme "c:".
      throw bad("its scheme is none that this program knows; use file:///path, s3://, az://, gs:// or sftp://");
  }
}

function openDirectory(url: string, address: URL): ObjectStore {
  // "file:backups" would quietly become "/backups".
  if (!/^file:\/\/(?:localhost)?\//i.test(url)) throw bad("write file:/// with three slashes, then the whole path from the root");
  if (address.search !== "" || address.hash !== "") throw bad("a file: address takes neither ? nor #; write %3F and %23 for those characters");
  try {
    return new FilesystemStore(fileURLToPath(address));
  } catch (cause) {
    throw bad("it names another host or no path; write file:/// with three slashes, then the path", cause);
  }
}

async function openReplicated(address: URL, options: OpenOptions): Promise<ObjectStore> {
  const [first, second] = [address.searchParams.get("first"), address.searchParams.get("second")];
  if (first === null || second === null || [...address.searchParams.keys()].length !== 2) throw bad("write replicated:?first=ADDRESS&second=ADDRESS, with both addresses percent-encoded");
  if (first === second) throw bad("two copies at one address are one copy");
  if (/^replicated:/i.test(first) || /^replicated:/i.test(second)) throw bad("a pair cannot be half of a pair");
  return new ReplicatedStore(await openStore(first, options), await openStore(second, options));
}

function bad(reason: string, cause?: unknown): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`, { cause });
}
