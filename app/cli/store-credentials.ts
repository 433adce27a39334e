/**
 * Credentials for storage, from where each provider's own tools look: never from an address. What is not listed here (all of S3, Google's, Azure's
 * identities) the provider's library finds by itself.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { StoreCredentials } from "#app/stores/index.ts";
import { StoreError } from "#app/vault/index.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `home`: the person's home directory, for ~/.ssh. */
export async function storeCredentials(scheme: "s3" | "az" | "gs" | "sftp", environment: Environment, home: string): Promise<StoreCredentials | undefined> {
  switch (scheme) {
    case "s3":
    case "gs":
      return undefined;
    case "az":
      return azure(environment);
    case "sftp":
      return sftp(environment, path.join(home, ".ssh"));
    default:
      scheme satisfies never;
      return undefined;
  }
}

/** The names are the az command's. */
function azure(environment: Environment): StoreCredentials | undefined {
  const accountKey = environment["AZURE_STORAGE_KEY"] ?? /(?:^|;)AccountKey=([^;]+)/i.exec(environment["AZURE_STORAGE_CONNECTION_STRING"] ?? "")?.[1];
  const sasToken = environment["AZURE_STORAGE_SAS_TOKEN"];
  return accountKey === undefined && sasToken === undefined ? undefined : { kind: "azure", accountKey, sasToken };
}

/** In ssh's own order, except that a key which is named comes first. */
const KEY_FILES = ["id_ed25519", "id_ecdsa", "id_rsa"];

async function sftp(environment: Environment, folder: string): Promise<StoreCredentials> {
  const given = (name: string): string | undefined => (environment[name] === "" ? undefined : environment[name]);
  const named = given("HOLDFAST_SFTP_KEY");
  const agent = given("SSH_AUTH_SOCK");
  const password = given("HOLDFAST_SFTP_PASSWORD");
  const knownHosts = (await readIfThere(path.join(folder, "known_hosts"))) ?? "";
  let privateKey = named === undefined ? undefined : await readIfThere(named);
  if (named !== undefined && privateKey === undefined) throw new StoreError("store.refused", "The file that HOLDFAST_SFTP_KEY names cannot be read.");
  if (privateKey === undefined && agent === undefined && password === undefined) {
    for (const name of KEY_FILES) privateKey ??= await readIfThere(path.join(folder, name));
  }
  return { kind: "sftp", privateKey, passphrase: given("HOLDFAST_SFTP_PASSPHRASE"), password, agent, knownHosts };
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return undefined;
    throw error;
  });
}
