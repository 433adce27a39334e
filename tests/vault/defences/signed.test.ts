/** What is signed or wrapped, forged by somebody who has every key but one, or who has them all and lies about one thing. Each test stands for one check. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { calculateJwkThumbprint } from "jose";
import type { JWK } from "jose";
import { verifySigned } from "#app/vault/crypto/signed.ts";
import { checkWrappedKey, wrapKey } from "#app/vault/crypto/wrapped-key.ts";
import { checkedRecipient, vaultIdOf } from "#app/vault/crypto/jwk.ts";
import { contentKeys, openVault, openVaultWithIdentity, readVaultDescription, verifyVault } from "#app/vault/index.ts";
import type { HostKeys, SnapshotManifest, VaultDescription } from "#app/vault/index.ts";
import { parseManifest } from "#app/vault/snapshot/manifest.ts";
import { parsePackList } from "#app/vault/snapshot/pack-list.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, SCRATCH, seededRandom, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";
import type { TestVault } from "#tests/support/vault-kit.ts";
import { b64, forgeSigned, sha256 } from "./forge.ts";

const DAMAGED = { code: "vault.damaged_object" };
let store: MemoryStore;
let test: TestVault;
let hostKeys: HostKeys;
let description: VaultDescription;
let manifests: SnapshotManifest[];
let kid: string;

beforeAll(async () => {
  store = new MemoryStore();
  test = await newTestVault(store, "defences");
  hostKeys = test.hostKeys;
  description = await readVaultDescription(store);
  for (const n of [10, 11, 12]) await snapshotOf(test.vault, Array.from({ length: n }, (_, i) => record("customers", `id${i}`, `SYNTHETIC ${i}`)));
  manifests = await (await test.reopen()).snapshots();
  kid = await calculateJwkThumbprint(description.signingPublicKey as JWK, "sha256");
});

const bytesOf = (envelope: unknown): Buffer => Buffer.from(JSON.stringify(envelope));
const payloadOf = (manifest: SnapshotManifest): Record<string, unknown> => JSON.parse(Buffer.from((JSON.parse(Buffer.from(store.objects.get(manifest.objectKey) as Uint8Array).toString()) as { payload: string }).payload, "base64url").toString()) as Record<string, unknown>;
const header = (typ: string, more: object = {}): object => ({ alg: "EdDSA", typ, kid, ...more });
const check = (bytes: Uint8Array): Promise<unknown> => verifySigned(bytes, "holdfast-snapshot", description.signingPublicKey, "snapshots/x");

describe("signed JSON", () => {
  it("is taken when everything is right, which makes the refusals below mean something", async () => {
    expect(await check(bytesOf(forgeSigned(header("holdfast-snapshot"), { a: 1 }, hostKeys.signingKey)))).toEqual({ a: 1 });
  });
  it("is refused when it was signed for another use", () => expect(check(bytesOf(forgeSigned(header("holdfast-vault"), { a: 1 }, hostKeys.signingKey)))).rejects.toMatchObject(DAMAGED));
  it("is refused when another key signed it", async () => {
    const other = await newTestVault(new MemoryStore(), "another");
    await expect(check(bytesOf(forgeSigned(header("holdfast-snapshot"), { a: 1 }, other.hostKeys.signingKey)))).rejects.toMatchObject(DAMAGED);
  });
  it("is refused when its header says more than ours do", () => expect(check(bytesOf(forgeSigned(header("holdfast-snapshot", { jku: "https://elsewhere.example" }), { a: 1 }, hostKeys.signingKey)))).rejects.toMatchObject(DAMAGED));
  it("is refused in any other spelling of the same bytes", async () => {
    const envelope = forgeSigned(header("holdfast-snapshot"), { a: 1 }, hostKeys.signingKey);
    const spellings = [`${JSON.stringify(envelope)} `, JSON.stringify({ signature: envelope.signature, protected: envelope.protected, payload: envelope.payload }), JSON.stringify({ ...envelope, signature: `${envelope.signature}=` })];
    for (const text of spellings) await expect(check(Buffer.from(text))).rejects.toMatchObject(DAMAGED);
    // The last character of 64 bytes in base64url carries four bits that no decoder looks at.
    const last = envelope.signature.slice(-1);
    const twin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("").find((char) => char !== last && Buffer.from(envelope.signature.slice(0, -1) + char, "base64url").equals(Buffer.from(envelope.signature, "base64url"))) as string;
    await expect(check(bytesOf({ ...envelope, signature: envelope.signature.slice(0, -1) + twin }))).rejects.toMatchObject(DAMAGED);
  });
  it("is refused with members beside the three", () => expect(check(bytesOf({ ...forgeSigned(header("holdfast-snapshot"), { a: 1 }, hostKeys.signingKey), header: {} }))).rejects.toMatchObject(DAMAGED));
});

describe("a description", () => {
  const put = async (payload: object, key = hostKeys.signingKey): Promise<MemoryStore> => {
    const copy = store.clone();
    copy.objects.set("vault.json", bytesOf(forgeSigned({ alg: "EdDSA", typ: "holdfast-vault", kid: await calculateJwkThumbprint({ kty: key.kty, crv: key.crv, x: key.x } as JWK, "sha256") }, payload, key)));
    return copy;
  };
  it("is refused when its vault id does not follow from its signing key", async () => {
    const other = await newTestVault(new MemoryStore(), "another");
    const { kty, crv, x } = other.hostKeys.signingKey;
    const forged = await put({ ...description, signingPublicKey: { kty, crv, x } }, other.hostKeys.signingKey);
    await expect(readVaultDescription(forged)).rejects.toMatchObject(DAMAGED);
  });
  it("of a later format is not damage", async () => expect(readVaultDescription(await put({ ...description, format: 99 }))).rejects.toMatchObject({ code: "vault.unsupported_format" }));
  it("is refused when it lacks what a description has", async () => {
    const { recipients: _, ...rest } = description;
    await expect(readVaultDescription(await put(rest))).rejects.toMatchObject(DAMAGED);
  });
  it("of another vault is refused by host keys, by an identity that knows the vault's id, and named by verify", async () => {
    const elsewhere = new MemoryStore();
    const other = await newTestVault(elsewhere, "another");
    await expect(openVault({ store: elsewhere, hostKeys, clock: steadyClock(), random: seededRandom("x"), scratchDirectory: SCRATCH })).rejects.toMatchObject({ code: "vault.wrong_keys" });
    await expect(openVault({ store: elsewhere, hostKeys: { ...hostKeys, vaultId: other.hostKeys.vaultId }, clock: steadyClock(), random: seededRandom("x"), scratchDirectory: SCRATCH })).rejects.toMatchObject({ code: "vault.wrong_keys" });
    await expect(openVaultWithIdentity({ store: elsewhere, opener: other.identity.opener, vaultId: hostKeys.vaultId })).rejects.toMatchObject({ code: "vault.wrong_keys" });
    expect((await verifyVault({ store: elsewhere, readData: true, hostKeys })).findings).toEqual([expect.objectContaining({ code: "description.other_vault" })]);
  });
});

describe("a manifest signed by the vault's own key", () => {
  const parse = (payload: object, name: string): Promise<unknown> => parseManifest(bytesOf(forgeSigned(header("holdfast-snapshot"), payload, hostKeys.signingKey)), name, description);
  const newest = (): SnapshotManifest => manifests[0] as SnapshotManifest;
  it("is refused when it names another vault", async () => {
    await parse(payloadOf(newest()), newest().objectKey);
    await expect(parse({ ...payloadOf(newest()), vaultId: "0".repeat(32) }, newest().objectKey)).rejects.toMatchObject(DAMAGED);
  });
  it("is refused under another name", () => expect(parse(payloadOf(newest()), (manifests[1] as SnapshotManifest).objectKey)).rejects.toMatchObject(DAMAGED));
  it("of a later format is not damage", () => expect(parse({ ...payloadOf(newest()), format: 99 }, newest().objectKey)).rejects.toMatchObject({ code: "vault.unsupported_format" }));
  it("is refused when a number is none, or a run too high to be walked", async () => {
    const payload = payloadOf(newest());
    await expect(parse({ ...payload, records: -1 }, newest().objectKey)).rejects.toMatchObject(DAMAGED);
    await expect(parse({ ...payload, runs: [{ ...newest().runs[0], height: 7 }] }, newest().objectKey)).rejects.toMatchObject(DAMAGED);
  });
});

describe("the chain of manifests", () => {
  /** Replaces the newest manifest by one that lies in `change`, signed and under the name that follows from it. */
  const lie = async (change: object): Promise<string[]> => {
    const copy = store.clone();
    const newest = manifests[0] as SnapshotManifest;
    copy.objects.delete(newest.objectKey);
    const payload = { ...payloadOf(newest), ...change } as { takenAt: string; snapshotId: string };
    copy.objects.set(`snapshots/${payload.takenAt.replaceAll("-", "").replaceAll(":", "")}-${payload.snapshotId}`, bytesOf(forgeSigned(header("holdfast-snapshot"), payload, hostKeys.signingKey)));
    return (await verifyVault({ store: copy, readData: true })).findings.map((finding) => finding.code);
  };
  const parent = (): object => (manifests[0] as SnapshotManifest).parent as object;
  it("holds as it is", async () => expect(await lie({})).toEqual([]));
  it("breaks when the parent's bytes are not the ones that were named", async () => expect(await lie({ parent: { ...parent(), digest: "0".repeat(64) } })).toContain("manifest.parent_mismatch"));
  it("breaks when a number is left out", async () => expect(await lie({ sequence: 4 })).toContain("manifest.parent_mismatch"));
  it("breaks when it was taken before its parent", async () => expect(await lie({ takenAt: "2001-01-01T00:00:00.000Z" })).toContain("manifest.parent_mismatch"));
  it("breaks when a later one claims to be the first", async () => expect(await lie({ parent: null })).toContain("manifest.parent_mismatch"));
  it("breaks when the parent is gone", async () => expect(await lie({ parent: { ...parent(), snapshotId: "0".repeat(16) } })).toContain("manifest.parent_missing"));
});

describe("a pack list", () => {
  const list = (head: object, lines: readonly object[], end = "\n"): Buffer => Buffer.from([head, ...lines].map((line) => JSON.stringify(line)).join("\n") + end);
  const line = { id: "a".repeat(64), size: 1, keyId: "b".repeat(32), keyDigest: "c".repeat(64), records: 1, live: 1 };
  const head = { format: 1, type: "pack-list", vault: "d".repeat(32), count: 1 };
  const parse = (bytes: Buffer, packs: object = {}): unknown => parsePackList(bytes, { vaultId: "d".repeat(32), packs: { object: sha256(bytes), size: bytes.length, count: 1, bytes: 1, ...packs } });
  it("is read when all is right", () => expect(parse(list(head, [line]))).toEqual([line]));
  it("is refused under a name that is not its digest", () => expect(() => parse(list(head, [line]), { object: "e".repeat(64) })).toThrow(expect.objectContaining(DAMAGED)));
  it("is refused when it is of another vault", () => expect(() => parse(list({ ...head, vault: "0".repeat(32) }, [line]))).toThrow(expect.objectContaining(DAMAGED)));
  it("is refused when it has another number of lines than its head says", () => expect(() => parse(list({ ...head, count: 2 }, [line]), { count: 1 })).toThrow(expect.objectContaining(DAMAGED)));
  it("is refused when it has another number of lines than the manifest says", () => expect(() => parse(list({ ...head, count: 1 }, [line]), { count: 2 })).toThrow(expect.objectContaining(DAMAGED)));
  it("is refused when its last line has no end", () => expect(() => parse(list(head, [line], ""))).toThrow(expect.objectContaining(DAMAGED)));
});

describe("a wrapped key", () => {
  const name = { vault: "a".repeat(32), key: "b".repeat(32), use: "content" as const };
  it.each([["vault", { ...name, vault: "0".repeat(32) }], ["key", { ...name, key: "0".repeat(32) }], ["use", { ...name, use: "index" as const }]])("is refused as another %s's", async (_, other) => {
    const jwe = await wrapKey(Buffer.alloc(32, 1), name, [test.identity.recipient]);
    expect(() => checkWrappedKey(jwe, name, "keys/x")).not.toThrow();
    expect(() => checkWrappedKey(jwe, other, "keys/x")).toThrow(expect.objectContaining(DAMAGED));
  });
  it("is refused when it is an envelope of another use or algorithm", () => {
    const envelope = (more: object): Buffer => bytesOf({ protected: b64({ enc: "A256GCM", typ: "holdfast-key", ...name, ...more }), recipients: [{ header: { alg: "ECDH-ES+A256KW", kid: "x" } }] });
    expect(() => checkWrappedKey(envelope({}), name, "keys/x")).not.toThrow();
    for (const more of [{ typ: "JOSE" }, { enc: "A128CBC-HS256" }]) expect(() => checkWrappedKey(envelope(more), name, "keys/x")).toThrow(expect.objectContaining(DAMAGED));
  });
  it("that opens to something which is no key is damage", async () => {
    const copy = store.clone();
    const keyId = (manifests[0] as SnapshotManifest).keyIds[0] as string;
    const opener = { open: () => Promise.resolve(new Uint8Array(31)) };
    await expect(contentKeys(copy, opener).get(keyId)).rejects.toMatchObject(DAMAGED);
  });
  it("of one snapshot does not pass for another's", async () => {
    const copy = store.clone();
    const ids = [...copy.objects.keys()].filter((key) => /^keys\/[0-9a-f]{32}\.jwe$/.test(key));
    copy.objects.set(ids[0] as string, copy.objects.get(ids[1] as string) as Uint8Array);
    await expect(contentKeys(copy, test.identity.opener).get((ids[0] as string).slice(5, 37))).rejects.toMatchObject(DAMAGED);
  });
});

describe("a recipient", () => {
  it("is refused when its key id is another key's", async () => {
    const [a, b] = [await testIdentity(), await testIdentity("P-384")];
    await expect(checkedRecipient({ keyId: a.recipient.keyId, jwk: b.recipient.jwk })).rejects.toMatchObject({ code: "vault.bad_recipient" });
  });
  it("is refused when its RSA key is too short, or its curve none of ours", async () => {
    const short = { kty: "RSA", n: Buffer.concat([Buffer.of(0x80), Buffer.alloc(255, 1)]).toString("base64url"), e: "AQAB" };
    await expect(checkedRecipient({ keyId: await calculateJwkThumbprint(short as JWK, "sha256"), jwk: short })).rejects.toMatchObject({ code: "vault.bad_recipient" });
    const other = { kty: "EC", crv: "secp256k1", x: "AA", y: "AA" };
    await expect(checkedRecipient({ keyId: await calculateJwkThumbprint(other as JWK, "sha256"), jwk: other })).rejects.toMatchObject({ code: "vault.bad_recipient" });
  });
  it("is refused, in words of our own, when its key lacks a member", async () => {
    await expect(checkedRecipient({ keyId: "x", jwk: { kty: "EC", crv: "P-256", x: "AA" } })).rejects.toMatchObject({ code: "vault.bad_recipient" });
  });
  it("keeps no private half, whatever it was given", async () => {
    const { recipient } = await testIdentity();
    expect(await checkedRecipient({ keyId: recipient.keyId, jwk: { ...recipient.jwk, d: "secret" } as never })).toEqual(recipient);
  });
});

describe("the vault's id", () => {
  it("is half of the signing key's thumbprint", async () => {
    expect(await vaultIdOf(description.signingPublicKey)).toBe(hostKeys.vaultId);
    expect(Buffer.from(kid, "base64url").toString("hex").startsWith(hostKeys.vaultId)).toBe(true);
  });
});
