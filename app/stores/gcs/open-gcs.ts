/** gs://bucket/prefix?endpoint=…&lock=…&lock-days=…&kms-key=… to the store behind it. */
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { lockOf, type Address } from "../shared/address.ts";
import { PATIENCE, type Patience } from "../shared/deadline.ts";
import { GcsStore } from "./gcs-store.ts";

export interface GcsCredentials {
  readonly kind: "gcs";
  /** A service account's key file, its JSON. */
  readonly serviceAccount: string;
}

export const GCS_PARAMETERS = ["endpoint", "lock", "lock-days", "kms-key"] as const;

const LOCKS: Readonly<Record<string, "Locked" | "Unlocked">> = { locked: "Locked", unlocked: "Unlocked" };

/** Without `credentials` the library looks where it always does: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the machine's service account. */
export async function openGcs(address: Address, credentials: GcsCredentials | undefined, patience: Patience = PATIENCE): Promise<ObjectStore> {
  const { host, path, parameters } = address;
  // Cloud Storage, "Bucket names": 3 to 63 of a-z, 0-9, -, _ and dots (with dots up to 222).
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(host)) throw bad("write gs://bucket/prefix with the bucket's name");
  const lock = lockOf(address, LOCKS);
  const endpoint = parameters.get("endpoint");

  const { Storage } = await import("@google-cloud/storage");
  const storage = new Storage({
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint.replace(/\/+$/, ""), useAuthWithCustomEndpoint: true }),
    ...(credentials === undefined ? {} : serviceAccount(credentials.serviceAccount)),
    // Trying again is RetryingStore's, which knows what a lost answer means.
    retryOptions: { autoRetry: false, maxRetries: 0 },
    timeout: patience.answerMs,
  });
  // A service account signs its requests itself (Google, "Self-signed JWTs"): no token server to ask first, none that can be down.
  (storage.authClient as { useJWTAccessWithScope?: boolean }).useJWTAccessWithScope = true;
  return new GcsStore({ bucket: storage.bucket(host), prefix: path, lock, kmsKey: parameters.get("kms-key") ?? null, patience });
}

function serviceAccount(text: string): { projectId: string; credentials: { client_email: string; private_key: string } } {
  try {
    const { client_email, private_key, project_id, type } = JSON.parse(text) as Record<string, unknown>;
    if (type === "service_account" && typeof client_email === "string" && typeof private_key === "string") {
      // Objects need no project, but without one the library goes looking for it on the network.
      return { projectId: typeof project_id === "string" ? project_id : "unneeded", credentials: { client_email, private_key } };
    }
  } catch {
    // Said below: the text itself must not get into an error.
  }
  throw new StoreError("store.refused", "The Google credentials are not a service account's key file.");
}

function bad(reason: string): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`);
}
