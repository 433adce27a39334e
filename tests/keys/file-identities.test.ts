import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { calculateJwkThumbprint, exportJWK, GeneralEncrypt, generateKeyPair, importJWK } from "jose";
import { newIdentity, openerFor, PASSPHRASE_ITERATIONS, readIdentityFile, readPassphraseFile, readRecipientFile, recipientFrom, thumbprint, writeIdentityFiles, type Identity } from "#app/keys/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "keys-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Wraps a key as another program would: jose's own encrypter, told nothing but the public halves. */
async function wrap(secret: Uint8Array, recipients: { jwk: object; alg: string; kid?: string }[]): Promise<Uint8Array> {
  const jwe = new GeneralEncrypt(secret).setProtectedHeader({ enc: "A256GCM" });
  for (const { jwk, alg, kid } of recipients) {
    jwe.addRecipient(await importJWK({ ...jwk }, alg)).setUnprotectedHeader(kid === undefined ? { alg } : { alg, kid });
  }
  return Buffer.from(JSON.stringify(await jwe.encrypt()));
}

const to = (identity: Identity) => ({ jwk: identity.recipient.jwk, alg: identity.algorithm, kid: identity.keyId });

describe("new identities", () => {
  test.each(["P-256", "P-384", "RSA-4096"] as const)("%s is named by the thumbprint another library computes, and round-trips through its files", async (type) => {
    const identity = await newIdentity(type);
    expect(identity.keyId).toBe(await calculateJwkThumbprint({ ...identity.recipient.jwk } as never, "sha256"));
    expect(Object.keys(identity.recipient.jwk).filter((member) => ["d", "p", "q", "dp", "dq", "qi"].includes(member))).toEqual([]);
    const files = await writeIdentityFiles(path.join(directory, "new"), identity);
    expect((await stat(files.identityFile)).mode & 0o777).toBe(0o600);
    expect(await readIdentityFile(files.identityFile)).toEqual(identity);
    expect(await readRecipientFile(files.recipientFile)).toEqual(identity.recipient);
    const secret = Buffer.from("0123456789abcdef0123456789abcdef");
    expect(Buffer.from((await openerFor(identity).open(await wrap(secret, [to(identity)])))!)).toEqual(secret);
  });

  test("the thumbprint is the one RFC 7638 section 3.1 gives for its example", () => {
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    expect(thumbprint({ kty: "RSA", n, e: "AQAB", alg: "RS256", kid: "2011-04-29" })).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  test("an existing file is never written over, and no half pair is left", async () => {
    const identity = await newIdentity();
    await writeFile(path.join(directory, "recipient.jwk"), "precious");
    await expect(writeIdentityFiles(directory, identity)).rejects.toMatchObject({ code: "keys.exists" });
    expect(await readFile(path.join(directory, "recipient.jwk"), "utf8")).toBe("precious");
    await expect(stat(path.join(directory, "identity.jwk"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("opening wrapped keys", () => {
  test("each of several recipients opens it, of whatever type, and a stranger is told null", async () => {
    const [a, b, c, stranger] = await Promise.all([newIdentity("P-256"), newIdentity("P-384"), newIdentity("RSA-4096"), newIdentity("P-256")]);
    const secret = Buffer.alloc(32, 7);
    const jwe = await wrap(secret, [to(a), to(b), to(c)]);
    for (const identity of [a, b, c]) expect(Buffer.from((await openerFor(identity).open(jwe))!)).toEqual(secret);
    expect(await openerFor(stranger).open(jwe)).toBeNull();
  });

  test("recipients without a name are tried; a stranger is still told null", async () => {
    const [a, b, stranger] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
    const jwe = await wrap(Buffer.alloc(32, 1), [a, b].map((identity) => ({ jwk: identity.recipient.jwk, alg: identity.algorithm })));
    expect(await openerFor(b).open(jwe)).toHaveLength(32);
    expect(await openerFor(stranger).open(jwe)).toBeNull();
  });

  test("damage to what is sealed to this key is an error, wherever it strikes", async () => {
    const identity = await newIdentity();
    const good = JSON.parse(Buffer.from(await wrap(Buffer.alloc(32, 1), [to(identity)])).toString()) as Record<string, unknown>;
    const flip = (text: unknown) => String(text).replace(/^./, (c) => (c === "A" ? "B" : "A"));
    const [recipient] = good["recipients"] as [Record<string, unknown>];
    for (const bad of [
      { ...good, ciphertext: flip(good["ciphertext"]) },
      { ...good, tag: flip(good["tag"]) },
      { ...good, iv: flip(good["iv"]) },
      { ...good, recipients: [{ ...recipient, encrypted_key: flip(recipient["encrypted_key"]) }] },
      { ...good, recipients: [] },
      { ...good, tag: undefined },
      { ...good, protected: "!" },
      [],
      "text",
    ]) {
      await expect(openerFor(identity).open(Buffer.from(JSON.stringify(bad)))).rejects.toMatchObject({ name: "KeyError", code: "keys.damaged" });
    }
    await expect(openerFor(identity).open(Buffer.from("{"))).rejects.toMatchObject({ code: "keys.damaged" });
  });

  test("an algorithm the suite does not have is not accepted, even with the right key", async () => {
    const identity = await newIdentity();
    const jwe = await new GeneralEncrypt(Buffer.alloc(32))
      .setProtectedHeader({ enc: "A128GCM" })
      .addRecipient(await importJWK({ ...identity.recipient.jwk }, "ECDH-ES+A256KW"))
      .setUnprotectedHeader({ alg: "ECDH-ES+A256KW", kid: identity.keyId })
      .encrypt();
    await expect(openerFor(identity).open(Buffer.from(JSON.stringify(jwe)))).rejects.toMatchObject({ code: "keys.damaged" });
  });
});

describe("passphrases", () => {
  test("a sealed identity opens with its passphrase only, at the iterations promised", async () => {
    const identity = await newIdentity();
    const { identityFile } = await writeIdentityFiles(directory, identity, "corréct horse");
    const text = await readFile(identityFile, "utf8");
    expect(text).not.toContain(identity.jwk.d);
    const header = JSON.parse(Buffer.from(JSON.parse(text).protected, "base64url").toString()) as { p2c: number };
    expect(header.p2c).toBe(PASSPHRASE_ITERATIONS);
    expect(PASSPHRASE_ITERATIONS).toBeGreaterThanOrEqual(600_000);
    expect(await readIdentityFile(identityFile, "corre\u0301ct horse")).toEqual(identity);
    await expect(readIdentityFile(identityFile)).rejects.toMatchObject({ code: "keys.passphrase_needed" });
    await expect(readIdentityFile(identityFile, "wrong")).rejects.toMatchObject({ code: "keys.passphrase_wrong" });
    await expect(readRecipientFile(identityFile)).rejects.toMatchObject({ code: "keys.identity_not_recipient" });
  });

  test("a passphrase file loses its last line break and nothing else, and may not be empty", async () => {
    const file = path.join(directory, "p");
    await writeFile(file, " two words \n\n");
    expect(await readPassphraseFile(file)).toBe(" two words \n");
    await writeFile(file, "\n");
    await expect(readPassphraseFile(file)).rejects.toMatchObject({ code: "keys.passphrase_empty" });
  });
});

describe("files that are not what was asked for", () => {
  async function file(content: unknown): Promise<string> {
    const name = path.join(directory, "k.jwk");
    await writeFile(name, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
    return name;
  }

  test("public and private halves are told apart both ways", async () => {
    const identity = await newIdentity();
    await expect(readIdentityFile(await file(identity.recipient.jwk))).rejects.toMatchObject({ code: "keys.recipient_not_identity" });
    await expect(readRecipientFile(await file(identity.jwk))).rejects.toMatchObject({ code: "keys.identity_not_recipient" });
  });

  test("weak, foreign and broken keys are refused, and no message repeats key material", async () => {
    const identity = await newIdentity();
    const other = await newIdentity();
    const { publicKey: rsa2048 } = await generateKeyPair("RSA-OAEP-256", { modulusLength: 2048, extractable: true });
    const { publicKey: ed25519 } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const cases: [unknown, string][] = [
      [await exportJWK(rsa2048), "keys.unsupported"],
      [await exportJWK(ed25519), "keys.unsupported"],
      ["not json", "keys.not_a_key"],
      [{ hello: 1 }, "keys.not_a_key"],
      [[], "keys.not_a_key"],
      [{ ...identity.recipient.jwk, x: "!!" }, "keys.damaged"],
      [{ ...identity.recipient.jwk, kid: other.keyId }, "keys.damaged"],
      ["x".repeat(70_000), "keys.not_a_key"],
    ];
    for (const [content, code] of cases) await expect(readRecipientFile(await file(content))).rejects.toMatchObject({ code });
    const mixed = { ...identity.jwk, d: other.jwk.d };
    const error = await readIdentityFile(await file(mixed)).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "keys.damaged" });
    expect(JSON.stringify(error) + String(error)).not.toContain(other.jwk.d);
    await expect(readIdentityFile(path.join(directory, "none"))).rejects.toMatchObject({ code: "keys.not_found" });
    expect(() => recipientFrom(null)).toThrow(expect.objectContaining({ code: "keys.not_a_key" }));
  });

  test("an identity that others may read is pointed out and still opens", async () => {
    const identity = await newIdentity();
    const name = await file(identity.jwk);
    let warned = 0;
    await readIdentityFile(name, undefined, () => warned++);
    expect(warned).toBe(0);
    await chmod(name, 0o644);
    expect(await readIdentityFile(name, undefined, () => warned++)).toEqual(identity);
    expect(warned).toBe(1);
  });
});
