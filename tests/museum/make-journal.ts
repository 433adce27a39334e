/**
 * Makes tests/museum/journal: a vault of format 2 with a snapshot and a journal of upserts and a tombstone, with the identity and host keys that open it, and
 * what the shop was at each segment. Run once:
 *   node tests/museum/make-journal.ts
 * What it made is kept forever, so it refuses where there is one. Everything is synthetic, the keys too.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { lastStates } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { identityFrom, newTestVault, snapshotOf } from "#tests/support/vault-kit.ts";
import { allOf, customer, stateOf, upsert, writerOn } from "#tests/vault/journal/kit.ts";

const room = join(import.meta.dirname, "journal");
if (existsSync(room)) throw new Error("there is a museum piece already; it must never change");

const jwk = (await exportJWK((await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv: "P-256" })).privateKey)) as { kty: string };
const store = new MemoryStore();
const kit = await newTestVault(store, "museum, journal", await identityFrom(jwk));
const { vault, hostKeys, clock } = kit;
await snapshotOf(vault, [1, 2, 3].flatMap((n) => customer(n, "as snapshotted", n)));
const [snapshot = null] = await vault.snapshots();

const writer = await writerOn(kit, store);
const states: { at: string; sequence: number; lines: string[] }[] = [];
const seal = async (changes: Parameters<typeof writer.append>[0]): Promise<void> => {
  const { segment } = await writer.append(changes);
  states.push({ at: segment.at, sequence: segment.sequence, lines: await allOf(await stateOf(kit, store, new Date(segment.at))) });
};
await seal([upsert(kit, customer(2, "changed", 3)), upsert(kit, customer(4, "new"))]);
const last = await lastStates({ store, description: vault.description, indexKey: hostKeys.indexKey, snapshot }).find("Customer", "gid://shopify/Customer/3", null);
const at = clock.now();
await seal([{ change: "tombstone", kind: "Customer", id: "gid://shopify/Customer/3", occurredAt: null, receivedAt: at, fetchedAt: at, last }]);
await seal([upsert(kit, customer(2, "changed again", 0)), upsert(kit, customer(1, "changed", 2))]);
writer.close();

const write = (path: string, body: Uint8Array | string): void => {
  mkdirSync(dirname(join(room, path)), { recursive: true });
  writeFileSync(join(room, path), body);
};
for (const [key, body] of store.objects) write(join("vault", key), body);
write("keys.json", `${JSON.stringify({ note: "SYNTHETIC: keys of a museum piece. They protect nothing.", identity: jwk, hostKeys: { ...hostKeys, indexKey: Buffer.from(hostKeys.indexKey).toString("hex") } }, null, 1)}\n`);
write("expected.json", `${JSON.stringify({ head: writer.head?.digest, states }, null, 1)}\n`);
