/** az://account/container/prefix?endpoint=…&lock=…&lock-days=…&encryption-scope=… to the store behind it. */
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { lockOf, type Address } from "../shared/address.ts";
import { PATIENCE, type Patience } from "../shared/deadline.ts";
import { AzureStore } from "./azure-store.ts";

/** One of the two. */
export interface AzureCredentials {
  readonly kind: "azure";
  readonly accountKey?: string | undefined;
  /** Without the "?". */
  readonly sasToken?: string | undefined;
}

export const AZURE_PARAMETERS = ["endpoint", "lock", "lock-days", "encryption-scope"] as const;

const LOCKS: Readonly<Record<string, "Locked" | "Unlocked">> = { locked: "Locked", unlocked: "Unlocked" };

/** Without `credentials` the identity library looks where it always does: environment, managed identity, the az command. Nothing is sent yet. */
export async function openAzure(address: Address, credentials: AzureCredentials | undefined, patience: Patience = PATIENCE): Promise<ObjectStore> {
  const { host: account, path, parameters } = address;
  // Azure, "Naming rules and restrictions": accounts 3 to 24 of a-z and 0-9, containers 3 to 63 of a-z, 0-9 and single hyphens.
  if (!/^[a-z0-9]{3,24}$/.test(account)) throw bad("write az://account/container/prefix; the account's name is 3 to 24 of a-z and 0-9");
  const [container, ...rest] = path.split("/");
  if (container === undefined || !/^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(container)) throw bad("write az://account/container/prefix; the container's name is 3 to 63 of a-z, 0-9 and single hyphens");
  const lock = lockOf(address, LOCKS);
  const endpoint = (parameters.get("endpoint") ?? `https://${account}.blob.core.windows.net`).replace(/\/+$/, "");

  const sdk = await import("@azure/storage-blob");
  // Trying again is RetryingStore's, which knows what a lost answer means.
  const options = { retryOptions: { maxTries: 1 } };
  const at = `${endpoint}/${container}`;
  const client =
    credentials?.accountKey !== undefined
      ? new sdk.ContainerClient(at, new sdk.StorageSharedKeyCredential(account, credentials.accountKey), options)
      : credentials?.sasToken !== undefined
        ? new sdk.ContainerClient(`${at}?${credentials.sasToken.replace(/^\?/, "")}`, new sdk.AnonymousCredential(), options)
        : new sdk.ContainerClient(at, new (await import("@azure/identity")).DefaultAzureCredential(), options);
  return new AzureStore({ container: client, prefix: rest.join("/"), lock, encryptionScope: parameters.get("encryption-scope") ?? null, patience });
}

function bad(reason: string): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`);
}
