/** Who can unwrap: a file with an identity, or a key in a service. One address says which, wherever a command takes one. */
import type { KeyOpener, Recipient } from "#app/vault/index.ts";
import type { AwsKmsOptions } from "./aws-kms/aws-kms.ts";
import type { AzureKeyOptions } from "./azure-kv/azure-kv.ts";
import { KeyError } from "./errors.ts";
import { readIdentityFile, readRecipientFile } from "./files.ts";
import { openerFor } from "./opener.ts";

/** The private half of a recipient, wherever it is. The contract suite in tests/contracts/key-holder.ts holds each kind to the same behaviour. */
export interface KeyHolder {
  /** As a person writes it. */
  readonly address: string;
  readonly recipient: Recipient;
  /** Answers null for "not sealed to me"; throws KeyError: keys.damaged, and for services keys.denied, .disabled, .no_credentials, .throttled, .unreachable. */
  readonly opener: KeyOpener;
}

export interface HolderOptions {
  /** Of a sealed identity file. */
  readonly passphrase?: string | undefined;
  /** Called when others on this machine may read the identity file. */
  readonly onLooseMode?: (() => void) | undefined;
  readonly awsKms?: AwsKmsOptions | undefined;
  readonly azureKeyVault?: AzureKeyOptions | undefined;
}

/** `address`: a file, aws-kms:ARN, or azure-kv:URL. Throws KeyError. */
export async function openHolder(address: string, options: HolderOptions = {}): Promise<KeyHolder> {
  const remote = await openService(address, options);
  if (remote !== null) return remote;
  const identity = await readIdentityFile(address, options.passphrase, options.onLooseMode);
  return { address, recipient: identity.recipient, opener: openerFor(identity) };
}

/** The public half only. Throws KeyError. */
export async function recipientAt(address: string, options: HolderOptions = {}): Promise<Recipient> {
  return (await openService(address, options))?.recipient ?? readRecipientFile(address);
}

/** Null: `address` is a file's. The SDKs are large and loaded only when they are asked for. */
async function openService(address: string, { awsKms, azureKeyVault }: HolderOptions): Promise<KeyHolder | null> {
  if (address.startsWith("aws-kms:")) {
    const { awsKeyOf, openAwsKey } = await import("./aws-kms/aws-kms.ts");
    const key = awsKeyOf(address);
    if (key !== null) return openAwsKey(key, awsKms);
  }
  if (address.startsWith("azure-kv:")) {
    const { azureKeyOf, openAzureKey } = await import("./azure-kv/azure-kv.ts");
    const key = azureKeyOf(address);
    if (key !== null) return openAzureKey(key, azureKeyVault);
  }
  if (/^[a-z][a-z0-9-]+:/.test(address) && !/^[a-z]:[\\/]/i.test(address)) throw new KeyError("keys.bad_address", "A key is a file, aws-kms:ARN or azure-kv:URL.");
  return null;
}
