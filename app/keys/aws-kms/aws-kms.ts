/**
 * A recipient whose private half is in AWS KMS: an RSA_3072 or RSA_4096 key for ENCRYPT_DECRYPT (Decrypt with RSAES_OAEP_SHA_256), or an
 * ECC_NIST_P256 or _P384 key for KEY_AGREEMENT (DeriveSharedSecret). docs.aws.amazon.com/kms/latest/APIReference. The host needs kms:GetPublicKey;
 * whoever opens needs kms:Decrypt or kms:DeriveSharedSecret, which the host should not have.
 */
import { DecryptCommand, DeriveSharedSecretCommand, GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import type { KMSClientConfig } from "@aws-sdk/client-kms";
import type { Recipient } from "#app/vault/index.ts";
import { KeyError } from "../errors.ts";
import type { KeyHolder } from "../holder.ts";
import { remoteOpener, type RemoteKey } from "../remote-opener.ts";
import { recipientFromSpki } from "../spki.ts";
import { awsFault } from "./faults.ts";

/** Region and credentials; by default the region of the ARN and the SDK's own chain of credentials. */
export type AwsKmsOptions = Pick<KMSClientConfig, "endpoint" | "credentials" | "maxAttempts" | "requestHandler">;

const ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/[A-Za-z0-9:/_-]+$/;

/** Null: `address` does not begin with aws-kms:. Throws KeyError keys.bad_address. */
export function awsKeyOf(address: string): { readonly arn: string; readonly region: string } | null {
  if (!address.startsWith("aws-kms:")) return null;
  const arn = address.slice("aws-kms:".length);
  const region = ARN.exec(arn)?.[1];
  if (region === undefined) throw new KeyError("keys.bad_address", "After aws-kms: comes the whole ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID.");
  return { arn, region };
}

interface Usable {
  readonly recipient: Recipient;
  readonly usage: "ENCRYPT_DECRYPT" | "KEY_AGREEMENT";
}

export async function openAwsKey({ arn, region }: { arn: string; region: string }, options: AwsKmsOptions = {}): Promise<KeyHolder> {
  const client = new KMSClient({ region, ...options });
  const { recipient, usage } = await publicKey(client, arn);
  const remote: RemoteKey =
    usage === "ENCRYPT_DECRYPT"
      ? { recipient, unwrap: async (bytes) => decryptable(async () => (await client.send(new DecryptCommand({ KeyId: arn, CiphertextBlob: bytes, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }))).Plaintext) }
      : { recipient, agree: async (der) => decryptable(async () => (await client.send(new DeriveSharedSecretCommand({ KeyId: arn, PublicKey: der, KeyAgreementAlgorithm: "ECDH" }))).SharedSecret) };
  return { address: `aws-kms:${arn}`, recipient, opener: remoteOpener(remote) };
}

async function publicKey(client: KMSClient, arn: string): Promise<Usable> {
  let answer;
  try {
    answer = await client.send(new GetPublicKeyCommand({ KeyId: arn }));
  } catch (cause) {
    throw awsFault(cause);
  }
  const usable = answer.KeyUsage === "KEY_AGREEMENT" || (answer.KeyUsage === "ENCRYPT_DECRYPT" && answer.EncryptionAlgorithms?.includes("RSAES_OAEP_SHA_256") === true);
  if (!usable) throw new KeyError("keys.unsupported", `The KMS key is for ${answer.KeyUsage ?? "nothing"}; one for ENCRYPT_DECRYPT (RSA) or KEY_AGREEMENT (P-256, P-384) is needed.`);
  return { recipient: recipientFromSpki(answer.PublicKey ?? new Uint8Array()), usage: answer.KeyUsage as Usable["usage"] };
}

async function decryptable(call: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | "not decryptable"> {
  try {
    const answer = await call();
    if (answer === undefined) throw new KeyError("keys.unreachable", "The key service answered with nothing.");
    return answer;
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    // What was altered, or was wrapped to another key, KMS tells by one name.
    if (cause instanceof Error && (cause.name === "InvalidCiphertextException" || cause.name === "IncorrectKeyException")) return "not decryptable";
    throw awsFault(cause);
  }
}
