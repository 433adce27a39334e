/**
 * A recipient whose private half is an RSA key in Azure Key Vault (or Managed HSM): unwrapKey with RSA-OAEP-256.
 * learn.microsoft.com/rest/api/keyvault/keys. The host needs keys/get; whoever opens needs keys/unwrapKey, which the host should not have.
 */
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import type { CryptographyClientOptions, KeyVaultKey } from "@azure/keyvault-keys";
import type { KeyHolder } from "../holder.ts";
import { KeyError } from "../errors.ts";
import { recipientFrom } from "../jwk.ts";
import { remoteOpener } from "../remote-opener.ts";
import { azureFault, isBadCiphertext } from "./faults.ts";

/** Something that gets tokens; by default DefaultAzureCredential of @azure/identity. */
export interface TokenSource {
  getToken(scopes: string | string[], options?: object): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

export interface AzureKeyOptions {
  readonly credential?: TokenSource;
  readonly client?: CryptographyClientOptions;
}

const KEY_URL = /^https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)\/keys\/([A-Za-z0-9-]{1,127})\/([0-9a-f]{32})$/;

export interface AzureKey {
  readonly url: string;
  readonly vaultUrl: string;
  readonly name: string;
  readonly version: string;
}

/** Null: `address` does not begin with azure-kv:. The version is needed: another version is another key. Throws KeyError keys.bad_address. */
export function azureKeyOf(address: string): AzureKey | null {
  if (!address.startsWith("azure-kv:")) return null;
  const url = address.slice("azure-kv:".length);
  const match = KEY_URL.exec(url);
  if (match === null) throw new KeyError("keys.bad_address", "After azure-kv: comes the whole identifier of a key, https://VAULT.vault.azure.net/keys/NAME/VERSION.");
  return { url, vaultUrl: `https://${match[1]}`, name: match[2] as string, version: match[3] as string };
}

export async function openAzureKey(key: AzureKey, options: AzureKeyOptions = {}): Promise<KeyHolder> {
  const credential = options.credential ?? new (await import("@azure/identity")).DefaultAzureCredential();
  let found: KeyVaultKey;
  try {
    found = await new KeyClient(key.vaultUrl, credential, options.client).getKey(key.name, { version: key.version });
  } catch (cause) {
    throw azureFault(cause);
  }
  const { n, e, kty, keyOps } = found.key ?? {};
  if (kty !== "RSA" && kty !== "RSA-HSM") throw new KeyError("keys.unsupported", "The key in Key Vault is no RSA key.");
  if (keyOps !== undefined && !keyOps.includes("unwrapKey")) throw new KeyError("keys.unsupported", "The key in Key Vault may not unwrap keys.");
  const recipient = recipientFrom({ kty: "RSA", n: Buffer.from(n ?? []).toString("base64url"), e: Buffer.from(e ?? []).toString("base64url") });
  const client = new CryptographyClient(found, credential, options.client);
  return {
    address: `azure-kv:${key.url}`,
    recipient,
    opener: remoteOpener({
      recipient,
      async unwrap(bytes) {
        try {
          return (await client.unwrapKey("RSA-OAEP-256", bytes)).result;
        } catch (cause) {
          if (isBadCiphertext(cause)) return "not decryptable";
          throw azureFault(cause);
        }
      },
    }),
  };
}
