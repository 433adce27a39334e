/** Keys in the browser agree with the keys of the command line and of the vault. */
import { describe, expect, test } from "@jest/globals";
import { base64url, GeneralEncrypt, importJWK } from "jose";
import { identityFrom, newIdentity as newFileIdentity, recipientFrom } from "#app/keys/index.ts";
import { sealIdentity } from "#app/keys/passphrase.ts";
import { wrongIdentity } from "#app/ui/wording/keys.ts";
import { newIdentity, provesKept, readIdentity } from "#app/ui/browser/identity.ts";
import type { Identity } from "#app/ui/browser/identity.ts";
import { unwrapKeys } from "#app/ui/browser/unwrap.ts";
import type { GeneralJwe } from "#app/ui/models.ts";

async function read(text: string, passphrase?: string): Promise<Identity> {
  const outcome = await readIdentity(text, passphrase);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.identity;
}

async function seal(key: Uint8Array, recipients: readonly object[]): Promise<GeneralJwe> {
  const envelope = new GeneralEncrypt(key).setProtectedHeader({ enc: "A256GCM", typ: "holdfast-key" });
  for (const jwk of recipients as { kid: string; alg: string; kty: string }[]) envelope.addRecipient(await importJWK(jwk, jwk.alg)).setUnprotectedHeader({ alg: jwk.alg, kid: jwk.kid });
  return (await envelope.encrypt()) as GeneralJwe;
}

describe("a new identity", () => {
  test("is one the command line reads, and its public half is a recipient of the same id", async () => {
    const made = await newIdentity();
    expect(identityFrom(JSON.parse(made.fileText)).keyId).toBe(made.keyId);
    expect(recipientFrom(made.publicHalf).keyId).toBe(made.keyId);
    expect(made.fileName).toBe(`holdfast-identity-${made.keyId.slice(0, 8)}.jwk`);
  });
  test("has nothing private in what is posted", async () => {
    const made = await newIdentity();
    const secret = (JSON.parse(made.fileText) as { d: string }).d;
    expect(secret.length).toBeGreaterThan(40);
    expect(JSON.stringify(made.publicHalf)).not.toContain(secret);
    expect(Object.keys(made.publicHalf).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });
  test("is proven kept by its own file and by no other", async () => {
    const [mine, other] = [await newIdentity(), await newIdentity()];
    expect(await provesKept(await read(mine.fileText), mine.publicHalf)).toBe(true);
    expect(await provesKept(await read(other.fileText), mine.publicHalf)).toBe(false);
    const patched = { ...(JSON.parse(mine.fileText) as object), d: (JSON.parse(other.fileText) as { d: string }).d };
    const outcome = await readIdentity(JSON.stringify(patched));
    expect(outcome.ok && (await provesKept(outcome.identity, mine.publicHalf))).toBe(false);
  });
});

describe("an identity file", () => {
  test.each([["", "not_an_identity"], ["{}", "not_an_identity"], ["[1]", "not_an_identity"], ["hello", "not_an_identity"], ['{"kty":"EC","d":"x"}', "not_an_identity"], ["x".repeat(300_000), "too_large"]])("that is %.20s is named %s", async (text, problem) => {
    expect(await readIdentity(text)).toEqual({ ok: false, problem });
  });
  test("of the public half is told apart", async () => {
    expect(await readIdentity(JSON.stringify((await newIdentity()).publicHalf))).toEqual({ ok: false, problem: "public_half" });
  });
  test("sealed by the command line opens with its passphrase, whichever way its letters were typed", async () => {
    const identity = await newFileIdentity();
    const text = JSON.stringify(await sealIdentity(identity, "caf\u00e9", 1000), null, 2);
    expect(await readIdentity(text)).toEqual({ ok: false, problem: "sealed" });
    expect(await readIdentity(text, "other")).toEqual({ ok: false, problem: "wrong_passphrase" });
    expect((await read(text, "cafe\u0301")).keyId).toBe(identity.keyId);
  });
});

describe("unwrapping in the browser", () => {
  test.each(["P-256", "P-384", "RSA-4096"] as const)("opens every content key with an identity of type %s", async (type) => {
    const [own, other] = [await newFileIdentity(type), await newFileIdentity()];
    const keys = [1, 2, 3].map((n) => new Uint8Array(32).fill(n));
    const sealed = await Promise.all(keys.map(async (key, i) => ({ keyId: `k${i}`, jwe: await seal(key, [other.recipient.jwk, own.recipient.jwk]) })));
    const outcome = await unwrapKeys(await read(JSON.stringify(own.jwk)), sealed, []);
    expect(outcome).toEqual({ ok: true, keys: Object.fromEntries(keys.map((key, i) => [`k${i}`, base64url.encode(key)])) });
  });
  test("with the wrong file says which key is needed", async () => {
    const [own, other] = [await newFileIdentity(), await newFileIdentity()];
    const sealed = [{ keyId: "k", jwe: await seal(new Uint8Array(32), [own.recipient.jwk]) }];
    const outcome = await unwrapKeys(await read(JSON.stringify(other.jwk)), sealed, []);
    expect(outcome).toEqual({ ok: false, problem: "wrong_identity", has: other.keyId, needs: [own.keyId] });
    expect(wrongIdentity(other.keyId, [own.keyId])).toContain(own.keyId);
  });
  test("tells a damaged envelope from a wrong file", async () => {
    const own = await newFileIdentity();
    const jwe = await seal(new Uint8Array(32), [own.recipient.jwk]);
    const cut = { ...jwe, ciphertext: `A${jwe.ciphertext.slice(1)}`, tag: "AAAAAAAAAAAAAAAAAAAAAA" };
    expect(await unwrapKeys(await read(JSON.stringify(own.jwk)), [{ keyId: "k", jwe: cut }], [])).toEqual({ ok: false, problem: "damaged", keyId: "k" });
  });
});
