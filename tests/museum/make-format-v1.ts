/**
 * Makes tests/museum/format-v1: a small vault of format 1 as a folder, with the identity and host keys that open it. Run once:
 *   node tests/museum/make-format-v1.ts
 * What it made is kept forever; running it again makes another vault, so it refuses where there is one. Everything is synthetic, the keys too.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { createVault, openVault } from "#app/vault/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { identityFrom, record, SCRATCH, seededRandom, shopRecords, steadyClock } from "#tests/support/vault-kit.ts";

const room = join(import.meta.dirname, "format-v1");
if (existsSync(room)) throw new Error("there is a museum piece already; it must never change");

const pair = await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv: "P-256" });
const jwk = (await exportJWK(pair.privateKey)) as { kty: string };
const { recipient } = await identityFrom(jwk);
const store = new MemoryStore();
const clock = steadyClock();
const random = seededRandom("museum, format 1");
const { hostKeys } = await createVault({ store, recipients: [recipient], clock, random });
const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 2000, packBytes: 6000 } });

const first: SourceRecord[] = [...shopRecords(60), record("orders", "gid://synthetic/Order/1", "SYNTHETIC order"), record("lines", "l1", "SYNTHETIC line 1", "gid://synthetic/Order/1"), record("lines", "l2", "SYNTHETIC line 2", "gid://synthetic/Order/1")];
const second = [...first.slice(3, -2), first[first.length - 1] as SourceRecord, first[first.length - 2] as SourceRecord, record("customers", "caf\u00e9 \u{1f600}", "SYNTHETIC \u00e9")];
const third = second.map((item, i) => (i % 40 === 0 ? { ...item, bytes: Buffer.from(`SYNTHETIC changed ${i}`) } : item));
const states = [first, second, third];
const expected: unknown[] = [];
for (const [i, records] of states.entries()) {
  const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "museum.jsonl" }, orderedKinds: new Set(["lines"]) });
  await writer.write(records, "museum");
  if (i === 2) writer.gap({ code: "record.invalid_json", stream: "museum", line: 7 });
  const { snapshotId, root, added, changed, removed, carried, complete } = await writer.commit();
  expected.push({ snapshotId, root, added, changed, removed, carried, complete, records: records.map(({ kind, id, parentId, bytes }) => [kind, id, parentId, Buffer.from(bytes).toString("utf8")]) });
}

const write = (path: string, body: Uint8Array | string): void => {
  mkdirSync(dirname(join(room, path)), { recursive: true });
  writeFileSync(join(room, path), body);
};
for (const [key, body] of store.objects) write(join("vault", key), body);
write("keys.json", `${JSON.stringify({ note: "SYNTHETIC: keys of a museum piece. They protect nothing.", identity: jwk, hostKeys: { ...hostKeys, indexKey: Buffer.from(hostKeys.indexKey).toString("hex") } }, null, 1)}\n`);
write("expected.json", `${JSON.stringify(expected, null, 1)}\n`);
