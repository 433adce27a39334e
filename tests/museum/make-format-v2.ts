/**
 * Makes tests/museum/format-v2: a vault of format 2 that has lived (parity, rotation, hold, redaction, prune, ledger) as a folder, with the identity and host keys
 * that open it and the ledger's head an officer kept. Run once:
 *   node tests/museum/make-format-v2.ts
 * What it made is kept forever, so it refuses where there is one. Everything is synthetic, the keys too.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { contentKeys, openVaultWithIdentity } from "#app/vault/index.ts";
import { identityFrom, readAll } from "#tests/support/vault-kit.ts";
import { wholeVault } from "#tests/faults/whole-vault.ts";

const room = join(import.meta.dirname, "format-v2");
if (existsSync(room)) throw new Error("there is a museum piece already; it must never change");

const newJwk = async (crv: string): Promise<{ kty: string }> => (await exportJWK((await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv })).privateKey)) as { kty: string };
const jwks = [await newJwk("P-256"), await newJwk("P-384")] as const;
const { store, hostKeys, kept, identity } = await wholeVault("museum, format 2", [await identityFrom(jwks[0]), await identityFrom(jwks[1])]);

const vault = await openVaultWithIdentity({ store, opener: identity.opener });
const expected: unknown[] = [];
for (const { snapshotId, root, records, complete } of await vault.snapshots()) {
  const held = await readAll(vault, snapshotId, contentKeys(store, identity.opener), "key");
  expected.push({ snapshotId, root, records, complete, held: held.map(({ kind, id, parentId, bytes }) => [kind, id, parentId, Buffer.from(bytes).toString("utf8")]) });
}

const write = (path: string, body: Uint8Array | string): void => {
  mkdirSync(dirname(join(room, path)), { recursive: true });
  writeFileSync(join(room, path), body);
};
for (const [key, body] of store.objects) write(join("vault", key), body);
write("keys.json", `${JSON.stringify({ note: "SYNTHETIC: keys of a museum piece. They protect nothing.", identities: jwks, hostKeys: { ...hostKeys, indexKey: Buffer.from(hostKeys.indexKey).toString("hex") }, kept }, null, 1)}\n`);
write("expected.json", `${JSON.stringify(expected, null, 1)}\n`);
