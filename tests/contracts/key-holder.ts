/** What every holder of a private key promises, wherever it holds it. tests/keys/holders.test.ts runs it over each. */
import { expect, test } from "@jest/globals";
import { GeneralEncrypt, importJWK } from "jose";
import { newIdentity, type KeyHolder } from "#app/keys/index.ts";
import { contentKeys, openVaultWithIdentity, rotateRecipients } from "#app/vault/index.ts";
import type { Recipient } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, record, snapshotOf, steadyClock } from "#tests/support/vault-kit.ts";

/** Wraps as another program would: jose's own encrypter, told nothing but public halves. */
export async function wrapTo(secret: Uint8Array, recipients: readonly Recipient[], named = true): Promise<Uint8Array> {
  const jwe = new GeneralEncrypt(secret).setProtectedHeader({ enc: "A256GCM" });
  for (const { keyId, jwk } of recipients) {
    const alg = jwk.kty === "RSA" ? "RSA-OAEP-256" : "ECDH-ES+A256KW";
    jwe.addRecipient(await importJWK({ ...jwk } as never, alg)).setUnprotectedHeader(named ? { alg, kid: keyId } : { alg });
  }
  return Buffer.from(JSON.stringify(await jwe.encrypt()));
}

const SECRET = Buffer.from("0123456789abcdef0123456789abcdef");

export function keyHolderContract(open: () => Promise<KeyHolder>): void {
  test("opens what was wrapped to its public half, alone or among others, first or last", async () => {
    const holder = await open();
    const [other, another] = await Promise.all([newIdentity("P-256"), newIdentity("P-384")]);
    for (const recipients of [[holder.recipient], [other.recipient, holder.recipient], [holder.recipient, another.recipient]]) {
      expect(Buffer.from((await holder.opener.open(await wrapTo(SECRET, recipients)))!)).toEqual(SECRET);
    }
    expect(holder.opener.keyId).toBe(holder.recipient.keyId);
  });

  test("answers null for what was wrapped to others, named or not", async () => {
    const holder = await open();
    const others = await Promise.all([newIdentity("P-256"), newIdentity("P-384")]);
    const recipients = others.map((identity) => identity.recipient);
    expect(await holder.opener.open(await wrapTo(SECRET, recipients))).toBeNull();
    expect(await holder.opener.open(await wrapTo(SECRET, recipients, false))).toBeNull();
  });

  test("tries what names nobody", async () => {
    const holder = await open();
    const other = await newIdentity();
    expect(Buffer.from((await holder.opener.open(await wrapTo(SECRET, [other.recipient, holder.recipient], false)))!)).toEqual(SECRET);
  });

  test("calls damage by its name wherever it strikes, and never gives out other bytes", async () => {
    const holder = await open();
    const good = JSON.parse(Buffer.from(await wrapTo(SECRET, [holder.recipient])).toString()) as Record<string, unknown> & { recipients: [Record<string, unknown>] };
    const flip = (value: unknown) => {
      const bytes = Buffer.from(String(value), "base64url");
      bytes[bytes.length >> 1]! ^= 1;
      return bytes.toString("base64url");
    };
    const [recipient] = good.recipients;
    const bad = [
      { ...good, ciphertext: flip(good["ciphertext"]) },
      { ...good, tag: flip(good["tag"]) },
      { ...good, tag: String(good["tag"]).slice(0, 16) },
      { ...good, iv: flip(good["iv"]) },
      { ...good, protected: Buffer.from('{"enc":"A256GCM","x":1}').toString("base64url") },
      { ...good, aad: "YQ" },
      { ...good, recipients: [{ ...recipient, encrypted_key: flip(recipient["encrypted_key"]) }] },
      { ...good, recipients: [{ ...recipient, encrypted_key: "" }] },
      { ...good, recipients: [] },
      "text",
    ];
    for (const jwe of bad) await expect(holder.opener.open(Buffer.from(JSON.stringify(jwe)))).rejects.toMatchObject({ name: "KeyError", code: "keys.damaged", retry: "never" });
    await expect(holder.opener.open(Buffer.from("{"))).rejects.toMatchObject({ code: "keys.damaged" });
  });

  test("accepts no other content encryption than the suite's", async () => {
    const holder = await open();
    const alg = holder.recipient.jwk.kty === "RSA" ? "RSA-OAEP-256" : "ECDH-ES+A256KW";
    const jwe = await new GeneralEncrypt(SECRET)
      .setProtectedHeader({ enc: "A128GCM" })
      .addRecipient(await importJWK({ ...holder.recipient.jwk } as never, alg))
      .setUnprotectedHeader({ alg, kid: holder.recipient.keyId })
      .encrypt();
    await expect(holder.opener.open(Buffer.from(JSON.stringify(jwe)))).rejects.toMatchObject({ code: "keys.damaged" });
  });

  test("answers many at once, each with its own", async () => {
    const holder = await open();
    const wrapped = await Promise.all(Array.from({ length: 24 }, (_, i) => wrapTo(Buffer.alloc(32, i), [holder.recipient])));
    const opened = await Promise.all(wrapped.map((jwe) => holder.opener.open(jwe)));
    expect(opened.map((key) => Buffer.from(key!))).toEqual(wrapped.map((_, i) => Buffer.alloc(32, i)));
  });

  test("opens a vault, and rotates it over to another recipient", async () => {
    const store = new MemoryStore();
    const holder = await open();
    const next = await newIdentity();
    const { vault } = await newTestVault(store, holder.address, { recipient: holder.recipient, opener: holder.opener });
    await snapshotOf(vault, [record("customers", "id1", "synthetic")]);
    const read = await openVaultWithIdentity({ store, opener: holder.opener });
    expect(await readAll(read, "latest", contentKeys(store, holder.opener))).toHaveLength(1);
    expect(await rotateRecipients({ store, opener: holder.opener, add: [next.recipient], remove: [holder.recipient.keyId], clock: steadyClock() })).toMatchObject({ changed: true, keys: 3 });
    await expect(openVaultWithIdentity({ store, opener: holder.opener })).rejects.toMatchObject({ code: "vault.no_key" });
  });
}
