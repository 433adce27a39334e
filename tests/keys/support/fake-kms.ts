/** AWS KMS on loopback, as its API reference describes it: signed JSON 1.1 requests, three operations, its names for what goes wrong. */
import { constants, createPublicKey, diffieHellman, generateKeyPairSync, privateDecrypt, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { signatureFault } from "./sigv4.ts";

export type KmsSpec = "RSA_4096" | "RSA_3072" | "RSA_2048" | "ECC_NIST_P256" | "ECC_NIST_P384";

interface Key {
  readonly spec: KmsSpec;
  readonly usage: string;
  readonly privateKey: KeyObject;
  enabled: boolean;
}

export const CREDENTIALS = { accessKeyId: "AKIDSYNTHETIC0000000", secretAccessKey: "synthetic/secret/of/nobody/0000000000000" };
export const REGION = "eu-central-1";

/** One for each spec: keys of 4096 bits take seconds to make, and no test asks whether two are different. */
const material = new Map<KmsSpec, KeyObject>();

function materialOf(spec: KmsSpec): KeyObject {
  let key = material.get(spec);
  if (key === undefined) {
    key = (spec.startsWith("RSA") ? generateKeyPairSync("rsa", { modulusLength: Number(spec.slice(4)) }) : generateKeyPairSync("ec", { namedCurve: spec.endsWith("384") ? "P-384" : "P-256" })).privateKey;
    material.set(spec, key);
  }
  return key;
}

export class FakeKms {
  readonly requests: { readonly operation: string; readonly body: Record<string, unknown> }[] = [];
  /** Every request gets this answer while it is set. */
  failure: { readonly status: number; readonly type: string } | null = null;
  readonly denied = new Set<string>();
  /** Nobody is answered before so many ask. */
  together = 1;
  private readonly waiting: (() => void)[] = [];
  private readonly keys = new Map<string, Key>();
  private readonly server: Server;
  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<FakeKms> {
    const server = createServer();
    const fake = new FakeKms(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        fake.waiting.push(() => {
          const { status, body } = fake.answer(request.method ?? "", request.url ?? "", request.headers, Buffer.concat(chunks));
          response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "00000000-0000-0000-0000-000000000000" }).end(JSON.stringify(body));
        });
        if (fake.waiting.length >= fake.together) for (const answer of fake.waiting.splice(0)) answer();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Answers the address of a new key. */
  create(spec: KmsSpec, usage = spec.startsWith("RSA") ? "ENCRYPT_DECRYPT" : "KEY_AGREEMENT"): string {
    const id = `00000000-0000-4000-8000-${String(this.keys.size + 1).padStart(12, "0")}`;
    const privateKey = materialOf(spec);
    const arn = `arn:aws:kms:${REGION}:000000000000:key/${id}`;
    this.keys.set(arn, { spec, usage, privateKey, enabled: true });
    return `aws-kms:${arn}`;
  }

  disable(address: string): void {
    (this.keys.get(address.slice("aws-kms:".length)) as Key).enabled = false;
  }

  private answer(method: string, path: string, headers: NodeJS.Dict<string | string[]>, body: Buffer): { status: number; body: unknown } {
    const target = String(headers["x-amz-target"]);
    const operation = /^TrentService\.([A-Za-z]+)$/.exec(target)?.[1];
    if (method !== "POST" || path !== "/" || operation === undefined || headers["content-type"] !== "application/x-amz-json-1.1") return { status: 404, body: { __type: "UnknownOperationException" } };
    const fault = signatureFault({ method, path, headers, body }, { ...CREDENTIALS, region: REGION, service: "kms", signedHeaders: ["host", "x-amz-date", "x-amz-target", "content-type"], now: new Date(Date.now()) });
    if (fault !== null) return { status: 400, body: { __type: fault, message: "The request signature is not the one we calculated." } };
    const asked = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    this.requests.push({ operation, body: asked });
    if (this.failure !== null) return { status: this.failure.status, body: { __type: this.failure.type, message: "synthetic" } };
    if (this.denied.has(operation)) return { status: 400, body: { __type: "AccessDeniedException", message: "User is not authorized to perform this" } };
    const arn = asked["KeyId"];
    const key = typeof arn === "string" ? this.keys.get(arn) : undefined;
    if (key === undefined) return { status: 400, body: { __type: "NotFoundException", message: "Key does not exist" } };
    if (!key.enabled) return { status: 400, body: { __type: "DisabledException", message: "The key is disabled" } };
    if (operation === "GetPublicKey") return { status: 200, body: publicKey(arn as string, key) };
    if (operation === "Decrypt") return decrypt(arn as string, key, asked);
    if (operation === "DeriveSharedSecret") return derive(arn as string, key, asked);
    return { status: 400, body: { __type: "UnknownOperationException" } };
  }
}

function publicKey(arn: string, { spec, usage, privateKey }: Key): object {
  const PublicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" }).toString("base64");
  const algorithms = usage === "ENCRYPT_DECRYPT" ? { EncryptionAlgorithms: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] } : usage === "KEY_AGREEMENT" ? { KeyAgreementAlgorithms: ["ECDH"] } : { SigningAlgorithms: ["RSASSA_PSS_SHA_256"] };
  return { KeyId: arn, PublicKey, KeySpec: spec, CustomerMasterKeySpec: spec, KeyUsage: usage, ...algorithms };
}

function decrypt(arn: string, { usage, privateKey }: Key, asked: Record<string, unknown>): { status: number; body: unknown } {
  if (usage !== "ENCRYPT_DECRYPT" || asked["EncryptionAlgorithm"] !== "RSAES_OAEP_SHA_256") return { status: 400, body: { __type: "InvalidKeyUsageException" } };
  const blob = asked["CiphertextBlob"];
  if (typeof blob !== "string" || blob === "") return { status: 400, body: { __type: "ValidationException" } };
  try {
    const text = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(blob, "base64"));
    return { status: 200, body: { KeyId: arn, Plaintext: text.toString("base64"), EncryptionAlgorithm: "RSAES_OAEP_SHA_256" } };
  } catch {
    return { status: 400, body: { __type: "InvalidCiphertextException" } };
  }
}

function derive(arn: string, { usage, privateKey }: Key, asked: Record<string, unknown>): { status: number; body: unknown } {
  if (usage !== "KEY_AGREEMENT" || asked["KeyAgreementAlgorithm"] !== "ECDH") return { status: 400, body: { __type: "InvalidKeyUsageException" } };
  try {
    const other = createPublicKey({ key: Buffer.from(String(asked["PublicKey"]), "base64"), format: "der", type: "spki" });
    const secret = diffieHellman({ privateKey, publicKey: other });
    return { status: 200, body: { KeyId: arn, SharedSecret: secret.toString("base64"), KeyAgreementAlgorithm: "ECDH", KeyOrigin: "AWS_KMS" } };
  } catch {
    return { status: 400, body: { __type: "ValidationException" } };
  }
}
