/**
 * Makes tests/museum/search: a vault with search parts of three snapshots, an erasure and a part that was made anew, with the identity and host keys that
 * open it, and what is found in it. Run once:
 *   node tests/museum/make-search.ts
 * What it made is kept forever, so it refuses where there is one. Everything is synthetic, the keys too.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { queryTerms, recordTerms, type Query } from "#app/terms/index.ts";
import { contentKeys, findInVault, rebuildSearch, redact, searchKeys, type SourceRecord } from "#app/vault/index.ts";
import { Bucket } from "#tests/faults/whole-vault.ts";
import { identityFrom, newTestVault } from "#tests/support/vault-kit.ts";

const room = join(import.meta.dirname, "search");
if (existsSync(room)) throw new Error("there is a museum piece already; it must never change");

const jwk = (await exportJWK((await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv: "P-256" })).privateKey)) as { kty: string };
const store = new Bucket();
const { vault, hostKeys, clock, random, identity } = await newTestVault(store, "museum, search", await identityFrom(jwk));
const record = (kind: string, number: number, members: object, parentId: string | null = null): SourceRecord => {
  const id = `gid://synthetic/${kind}/${number}`;
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify({ id, note: "SYNTHETIC", ...members })) };
};
const person = (n: number, name: string): SourceRecord => record("Customer", n, { firstName: "Synthetic", lastName: name, email: `person${n}@example.com`, phone: `+1555555${String(n).padStart(4, "0")}` });
const order = (n: number, of: number): SourceRecord => record("Order", n, { name: `#S${1000 + n}`, customer: { id: `gid://synthetic/Customer/${of}` } });
const take = async (records: readonly SourceRecord[], terms: boolean): Promise<void> => {
  const writer = await vault.beginSnapshot({ source: { type: "museum", name: "synthetic" }, ...(terms ? { terms: recordTerms } : {}) });
  await writer.write(records, "all");
  await writer.commit();
};
const people = [1, 2, 3, 4].map((n) => person(n, "Ærø"));
await take([person(9, "Before")], false);
await take([person(9, "Before"), ...people, record("MailingAddress", 8, { firstName: "Clara", phone: "30 12 99 99", countryCodeV2: "DK" }, people[0]?.id)], true);
await take([person(9, "Before"), ...people.slice(1), person(1, "Moved"), order(5, 2), order(6, 3)], true);
const keys = contentKeys(store, identity.opener);
await redact({ store, description: vault.description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, contentKeys: keys, clock, random, ids: ["gid://synthetic/Customer/4"], tree: true, actor: "cli", reason: "case 1", terms: recordTerms });
await rebuildSearch({ store, description: vault.description, contentKeys: keys, terms: recordTerms, random });

const asked: readonly Query[] = [
  { field: "name", value: "aero" }, { field: "name", value: "synthetic moved" }, { field: "name", value: "before" }, { field: "name", value: "clara" },
  { field: "email", value: "person1@example.com" }, { field: "email", value: "person4@example.com" }, { field: "phone", value: "+15555550002" }, { field: "phone", value: "+4530129999" }, { field: "order", value: "S1005" }, { field: "customer", value: "gid://synthetic/Customer/3" },
];
const at = "2027-01-01T00:00:00.000Z";
const answers = [];
for (const query of asked) {
  const { found, unsearched, faults } = await findInVault({ store, description: vault.description, indexKey: hostKeys.indexKey, at: new Date(at), searchKeys: searchKeys(store, vault.description, contentKeys(store, identity.opener)), query: queryTerms(query) });
  answers.push({ query: queryTerms(query), found, unsearched, faults });
}

const write = (path: string, body: Uint8Array | string): void => {
  mkdirSync(dirname(join(room, path)), { recursive: true });
  writeFileSync(join(room, path), body);
};
for (const [key, body] of store.objects) write(join("vault", key), body);
write("keys.json", `${JSON.stringify({ note: "SYNTHETIC: keys of a museum piece. They protect nothing.", identity: jwk, hostKeys: { ...hostKeys, indexKey: Buffer.from(hostKeys.indexKey).toString("hex") } }, null, 1)}\n`);
write("expected.json", `${JSON.stringify({ at, answers }, null, 1)}\n`);
