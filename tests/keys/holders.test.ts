/** Every kind of key holder keeps the same contract; services also say clearly why they do not answer. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { newIdentity, openHolder, recipientAt, writeIdentityFiles, type HolderOptions, type IdentityType } from "#app/keys/index.ts";
import { keyHolderContract, wrapTo } from "#tests/contracts/key-holder.ts";
import { FakeKeyVault } from "./support/fake-key-vault.ts";
import { CREDENTIALS, FakeKms, REGION } from "./support/fake-kms.ts";

let directory: string;
let kms: FakeKms;
let keyVault: FakeKeyVault;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "holders-"));
  [kms, keyVault] = await Promise.all([FakeKms.start(), FakeKeyVault.start()]);
});
afterAll(async () => {
  await Promise.all([kms.stop(), keyVault.stop(), rm(directory, { recursive: true, force: true })]);
});

const aws = (more: object = {}): HolderOptions => ({ awsKms: { endpoint: kms.endpoint, credentials: CREDENTIALS, maxAttempts: 1, ...more } });
const azure = (): HolderOptions => ({ azureKeyVault: keyVault.options() });

describe.each(["P-256", "P-384", "RSA-4096"] as const)("an identity file, %s", (type: IdentityType) => {
  let file: string | undefined;
  keyHolderContract(async () => openHolder((file ??= (await writeIdentityFiles(path.join(directory, type), await newIdentity(type))).identityFile)));
});

describe("an identity file sealed with a passphrase", () => {
  let file: string | undefined;
  keyHolderContract(async () => openHolder((file ??= (await writeIdentityFiles(path.join(directory, "sealed"), await newIdentity(), "synthetic passphrase")).identityFile), { passphrase: "synthetic passphrase" }));
});

describe.each(["RSA_4096", "RSA_3072", "ECC_NIST_P256", "ECC_NIST_P384"] as const)("a key in AWS KMS, %s", (spec) => {
  let address: string | undefined;
  keyHolderContract(() => openHolder((address ??= kms.create(spec)), aws()));
});

describe("a key in Azure Key Vault", () => {
  let address: string | undefined;
  keyHolderContract(() => openHolder((address ??= keyVault.create()), azure()));
});

describe("AWS KMS", () => {
  const SECRET = Buffer.alloc(32, 5);

  test("is asked with signed requests, for the public half once and then for each key; the JWE itself never leaves", async () => {
    const address = kms.create("RSA_3072");
    const from = kms.requests.length;
    const holder = await openHolder(address, aws());
    await holder.opener.open(await wrapTo(SECRET, [holder.recipient]));
    const arn = address.slice("aws-kms:".length);
    expect(kms.requests.slice(from)).toEqual([
      { operation: "GetPublicKey", body: { KeyId: arn } },
      { operation: "Decrypt", body: { KeyId: arn, CiphertextBlob: expect.any(String), EncryptionAlgorithm: "RSAES_OAEP_SHA_256" } },
    ]);
    expect(Buffer.from(String(kms.requests.at(-1)?.body["CiphertextBlob"]), "base64")).toHaveLength(384);
  });

  test("is not asked to decrypt what names others", async () => {
    const holder = await openHolder(kms.create("RSA_3072"), aws());
    const from = kms.requests.length;
    expect(await holder.opener.open(await wrapTo(SECRET, [(await newIdentity()).recipient]))).toBeNull();
    expect(kms.requests).toHaveLength(from);
  });

  test("keeps several calls under way at once", async () => {
    const holder = await openHolder(kms.create("RSA_3072"), aws());
    const jwe = await wrapTo(SECRET, [holder.recipient]);
    kms.together = 8;
    try {
      expect(await Promise.all(Array.from({ length: 8 }, () => holder.opener.open(jwe)))).toHaveLength(8);
    } finally {
      kms.together = 1;
    }
  });

  test("a host that may only get the public half can seal, and cannot open", async () => {
    const address = kms.create("RSA_3072");
    kms.denied.add("Decrypt");
    try {
      expect(await recipientAt(address, aws())).toMatchObject({ jwk: { kty: "RSA" } });
      const holder = await openHolder(address, aws());
      await expect(holder.opener.open(await wrapTo(SECRET, [holder.recipient]))).rejects.toMatchObject({ code: "keys.denied", retry: "never" });
    } finally {
      kms.denied.clear();
    }
  });

  test.each([
    [400, "ThrottlingException", "keys.throttled", "later"],
    [400, "LimitExceededException", "keys.throttled", "later"],
    [500, "KMSInternalException", "keys.unreachable", "later"],
    [500, "DependencyTimeoutException", "keys.unreachable", "later"],
    [503, "", "keys.unreachable", "later"],
    [400, "KMSInvalidStateException", "keys.disabled", "never"],
    [400, "ExpiredTokenException", "keys.no_credentials", "never"],
    [400, "InvalidKeyUsageException", "keys.unsupported", "never"],
  ])("%i %s is %s, to be tried again: %s", async (status, type, code, retry) => {
    const holder = await openHolder(kms.create("RSA_3072"), aws());
    const jwe = await wrapTo(SECRET, [holder.recipient]);
    kms.failure = { status, type };
    try {
      await expect(holder.opener.open(jwe)).rejects.toMatchObject({ name: "KeyError", code, retry });
    } finally {
      kms.failure = null;
    }
    expect(await holder.opener.open(jwe)).toHaveLength(32);
  });

  test("a disabled key, a missing one, a wrong secret, another region, none at all and a dead end are told apart", async () => {
    const address = kms.create("RSA_3072");
    const holder = await openHolder(address, aws());
    kms.disable(address);
    await expect(holder.opener.open(await wrapTo(SECRET, [holder.recipient]))).rejects.toMatchObject({ code: "keys.disabled" });
    const missing = `aws-kms:arn:aws:kms:${REGION}:000000000000:key/none`;
    await expect(openHolder(missing, aws())).rejects.toMatchObject({ code: "keys.not_found" });
    await expect(openHolder(missing, aws({ credentials: { ...CREDENTIALS, secretAccessKey: "wrong" } }))).rejects.toMatchObject({ code: "keys.no_credentials" });
    await expect(openHolder(missing, aws({ credentials: { ...CREDENTIALS, accessKeyId: "AKIDOTHER" } }))).rejects.toMatchObject({ code: "keys.no_credentials" });
    await expect(openHolder(missing.replace(REGION, "us-east-1"), aws())).rejects.toMatchObject({ code: "keys.no_credentials" });
    await expect(openHolder(missing, aws({ endpoint: "http://127.0.0.1:1" }))).rejects.toMatchObject({ code: "keys.unreachable", retry: "later" });
  });

  test("keys that nothing may be sealed to are refused", async () => {
    await expect(openHolder(kms.create("RSA_2048"), aws())).rejects.toMatchObject({ code: "keys.unsupported" });
    await expect(openHolder(kms.create("RSA_3072", "SIGN_VERIFY"), aws())).rejects.toMatchObject({ code: "keys.unsupported" });
  });

  test("no error carries the account, the key or what was asked", async () => {
    const error = await openHolder(`aws-kms:arn:aws:kms:${REGION}:000000000000:key/none`, aws()).catch((thrown: unknown) => thrown);
    expect(String((error as Error).message)).not.toMatch(/arn|0000/);
  });
});

describe("Azure Key Vault", () => {
  const SECRET = Buffer.alloc(32, 6);

  test("is first asked without a token and without the payload, and answers the challenge of its own tenant only", async () => {
    keyVault.requests.length = 0;
    keyVault.tokensAsked.length = 0;
    const address = keyVault.create();
    const holder = await openHolder(address, azure());
    await holder.opener.open(await wrapTo(SECRET, [holder.recipient]));
    const { pathname } = new URL(address.slice("azure-kv:".length));
    expect(keyVault.requests).toEqual([
      { method: "GET", path: pathname, authorized: false },
      { method: "GET", path: pathname, authorized: true },
      { method: "POST", path: `${pathname}/unwrapkey`, authorized: false },
      { method: "POST", path: `${pathname}/unwrapkey`, authorized: true },
    ]);
    expect(new Set(keyVault.tokensAsked.map(({ scopes }) => scopes))).toEqual(new Set(["https://vault.azure.net/.default"]));
    expect(keyVault.tokensAsked[0]?.tenantId).toBe("00000000-0000-0000-0000-0000000000aa");
  });

  test.each([
    [429, "Throttled", undefined, "keys.throttled", "later"],
    [503, "ServiceUnavailable", undefined, "keys.unreachable", "later"],
    [403, "Forbidden", "ForbiddenByPolicy", "keys.denied", "never"],
    [403, "Forbidden", "KeyDisabled", "keys.disabled", "never"],
    [403, "Forbidden", "KeyExpired", "keys.disabled", "never"],
    [404, "KeyNotFound", undefined, "keys.not_found", "never"],
    [409, "Conflict", "ObjectIsDeletedButRecoverable", "keys.disabled", "never"],
  ])("%i %s %s is %s, to be tried again: %s", async (status, code, inner, expected, retry) => {
    const holder = await openHolder(keyVault.create(), azure());
    const jwe = await wrapTo(SECRET, [holder.recipient]);
    keyVault.failure = { status, code, ...(inner === undefined ? {} : { inner }) };
    try {
      await expect(holder.opener.open(jwe)).rejects.toMatchObject({ name: "KeyError", code: expected, retry });
    } finally {
      keyVault.failure = null;
    }
    expect(await holder.opener.open(jwe)).toHaveLength(32);
  });

  test("a host that may only get the public half can seal, and cannot open", async () => {
    const address = keyVault.create();
    keyVault.denied.add("unwrapkey");
    try {
      expect(await recipientAt(address, azure())).toMatchObject({ jwk: { kty: "RSA" } });
      const holder = await openHolder(address, azure());
      await expect(holder.opener.open(await wrapTo(SECRET, [holder.recipient]))).rejects.toMatchObject({ code: "keys.denied" });
    } finally {
      keyVault.denied.clear();
    }
  });

  test("no credentials, a token that is not accepted, and keys that are too weak or for another use are told apart", async () => {
    const address = keyVault.create();
    const none = keyVault.options(() => Promise.reject(Object.assign(new Error("no"), { name: "CredentialUnavailableError" })));
    await expect(openHolder(address, { azureKeyVault: none })).rejects.toMatchObject({ code: "keys.no_credentials" });
    const stale = keyVault.options(() => Promise.resolve({ token: "stale", expiresOnTimestamp: Date.now() + 1000 }));
    await expect(openHolder(address, { azureKeyVault: stale })).rejects.toMatchObject({ code: "keys.no_credentials" });
    await expect(openHolder(keyVault.create(2048), azure())).rejects.toMatchObject({ code: "keys.unsupported" });
    await expect(openHolder(keyVault.create(3072, ["sign", "verify"]), azure())).rejects.toMatchObject({ code: "keys.unsupported" });
  });

  test("a disabled key still has its public half and opens nothing", async () => {
    const address = keyVault.create();
    keyVault.disable(address);
    const holder = await openHolder(address, azure());
    await expect(holder.opener.open(await wrapTo(SECRET, [holder.recipient]))).rejects.toMatchObject({ code: "keys.disabled" });
  });

  test("an expired key is told from one that cannot be reached", async () => {
    const address = keyVault.create();
    keyVault.expire(address);
    const holder = await openHolder(address, azure());
    await expect(holder.opener.open(await wrapTo(SECRET, [holder.recipient]))).rejects.toMatchObject({ code: "keys.disabled" });
  });

  test("a vault that cannot be reached is told so", async () => {
    const gone = await FakeKeyVault.start();
    const address = gone.create();
    const options = gone.options();
    await gone.stop();
    await expect(openHolder(address, { azureKeyVault: options })).rejects.toMatchObject({ code: "keys.unreachable", retry: "later" });
  });
});

describe("addresses", () => {
  test.each(["aws-kms:", "aws-kms:key/1", "aws-kms:arn:aws:s3:::bucket", "azure-kv:", "azure-kv:http://v.vault.azure.net/keys/k/00000000000000000000000000000000", "azure-kv:https://v.vault.azure.net/keys/k", "gcp-kms:projects/p"])("%s names no key", async (address) => {
    await expect(openHolder(address)).rejects.toMatchObject({ code: "keys.bad_address" });
    await expect(recipientAt(address)).rejects.toMatchObject({ code: "keys.bad_address" });
  });

  test("a file is a file, and says what it lacks", async () => {
    const file = path.join(directory, "nothing.jwk");
    await writeFile(file, "{}");
    await expect(openHolder(file)).rejects.toMatchObject({ code: "keys.not_a_key" });
    await expect(recipientAt(path.join(directory, "absent.jwk"))).rejects.toMatchObject({ code: "keys.not_found" });
  });
});
