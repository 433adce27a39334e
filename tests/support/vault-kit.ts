/** What vault tests share: a steady clock, seeded randomness, an identity, records with the synthetic mark. */
import { createHash } from "node:crypto";
import { generalDecrypt, generateKeyPair, exportJWK, calculateJwkThumbprint, importJWK } from "jose";
import type { JWK } from "jose";
import { contentKeys, createVault, openVault } from "#app/vault/index.ts";
import type { Clock, ContentKeys, HostKeys, KeyOpener, ObjectStore, PublicJwk, Random, Recipient, SnapshotSummary, SourceRecord, TermSource, Vault } from "#app/vault/index.ts";

export function steadyClock(start = "2026-03-01T08:00:00.000Z", stepMs = 1000): Clock {
  let now = Date.parse(start) - stepMs;
  return { now: () => new Date((now += stepMs)) };
}

/** SHA-256 in counter mode: the same bytes for the same seed, on every machine. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return (bytes) => {
    const out = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at += 32) createHash("sha256").update(`${seed}/${counter++}`).digest().copy(out, at);
    return out;
  };
}

/** A small generator of numbers in [0, 1). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface TestIdentity {
  readonly recipient: Recipient;
  readonly opener: KeyOpener;
}

export async function testIdentity(type: "P-256" | "P-384" | "RSA" = "P-256"): Promise<TestIdentity> {
  const alg = type === "RSA" ? "RSA-OAEP-256" : "ECDH-ES+A256KW";
  const pair = await generateKeyPair(alg, { extractable: true, ...(type === "RSA" ? { modulusLength: 3072 } : { crv: type }) });
  return identityFrom((await exportJWK(pair.privateKey)) as JWK & { kty: string }, alg);
}

export async function identityFrom(jwk: JWK & { kty: string }, alg = "ECDH-ES+A256KW"): Promise<TestIdentity> {
  const { kty, crv, x, y, n, e } = jwk;
  const publicJwk = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as PublicJwk;
  const keyId = await calculateJwkThumbprint(publicJwk as JWK, "sha256");
  const key = await importJWK(jwk, alg);
  const opener: KeyOpener = {
    keyId,
    async open(jwe) {
      const envelope = JSON.parse(Buffer.from(jwe).toString("utf8")) as { recipients: { header: { kid: string } }[] };
      if (!envelope.recipients.some((recipient) => recipient.header.kid === keyId)) return null;
      return (await generalDecrypt(envelope as never, key)).plaintext;
    },
  };
  return { recipient: { keyId, jwk: publicJwk }, opener };
}

export interface TestVault {
  readonly vault: Vault;
  readonly hostKeys: HostKeys;
  readonly identity: TestIdentity;
  readonly keys: ContentKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly reopen: (store?: ObjectStore) => Promise<Vault>;
}

export const SCRATCH = "/tmp/holdfast-test-scratch";

let shared: Promise<TestIdentity> | null = null;

export async function newTestVault(store: ObjectStore, seed = "vault", given?: TestIdentity, indexKey?: Uint8Array): Promise<TestVault> {
  const identity = given ?? (await (shared ??= testIdentity()));
  const clock = steadyClock();
  const random = seededRandom(seed);
  const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random, ...(indexKey === undefined ? {} : { indexKey }) });
  const reopen = (from: ObjectStore = store): Promise<Vault> => openVault({ store: from, hostKeys, clock, random, scratchDirectory: SCRATCH });
  return { vault: await reopen(), hostKeys, identity, keys: contentKeys(store, identity.opener), clock, random, reopen };
}

export function record(kind: string, id: string, body: string | Uint8Array, parentId: string | null = null): SourceRecord {
  return { kind, id, parentId, bytes: typeof body === "string" ? Buffer.from(body, "utf8") : body };
}

/** Customers with metafields, as one JSON line each, in the order a bulk export gives them. */
export function shopRecords(customers: number, seed = 1): SourceRecord[] {
  const number = seededNumbers(seed);
  const records: SourceRecord[] = [];
  for (let i = 0; i < customers; i++) {
    const id = `gid://shopify/Customer/${7_000_000_000 + i * 37}`;
    records.push(record("customers", id, JSON.stringify({ id, firstName: "SYNTHETIC", note: `synthetic ${number()}` })));
    const fields = Math.floor(number() * 4);
    for (let f = 0; f < fields; f++) {
      const child = `gid://shopify/Metafield/${9_000_000_000 + Math.floor(number() * 1e9)}`;
      records.push(record("metafields", child, JSON.stringify({ id: child, key: `synthetic_${f}`, value: String(number()), __parentId: id }), id));
    }
  }
  return records;
}

export async function snapshotOf(vault: Vault, records: readonly SourceRecord[], options: { batch?: number; orderedKinds?: ReadonlySet<string>; stream?: string; terms?: TermSource } = {}): Promise<SnapshotSummary> {
  const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "synthetic.jsonl" }, ...(options.orderedKinds === undefined ? {} : { orderedKinds: options.orderedKinds }), ...(options.terms === undefined ? {} : { terms: options.terms }) });
  const batch = options.batch ?? 100;
  for (let at = 0; at < records.length; at += batch) await writer.write(records.slice(at, at + batch), options.stream ?? "synthetic");
  return writer.commit();
}

/** Everything a snapshot holds, copied out. */
export async function readAll(vault: Vault, reference: string, keys: ContentKeys, order: "stored" | "key" = "stored"): Promise<SourceRecord[]> {
  const all: SourceRecord[] = [];
  for await (const batch of vault.read(await vault.resolve(reference), keys).records({ order })) for (const item of batch) all.push({ ...item, bytes: Uint8Array.from(item.bytes) });
  return all;
}
