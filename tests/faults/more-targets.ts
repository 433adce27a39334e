/** Fuzz targets beyond packs and trees: what is signed about a vault, the journal, the search, shares of an identity, the rest of the ledger. */
import { createHash, createPrivateKey, sign, type JsonWebKey as NodeJsonWebKey } from "node:crypto";
import { checkProof, cosignaturesOf, parseVerifierKey, parseWitnessKey, verifierKey } from "#app/ledger/index.ts";
import { hashesOf } from "#app/ledger/tile-reader.ts";
import { newIdentity, openerFor, parseShare, sealShare, shareFile, shareSheet, splitIdentity, unsealShare } from "#app/keys/index.ts";
import { decodeShare, encodeShare } from "#app/keys/shares/share.ts";
import { preAuthEncoding } from "#app/vault/attest/index.ts";
import { parseDrillObject } from "#app/vault/attest/drills.ts";
import { recipientsOfWrappedKey } from "#app/vault/crypto/wrapped-key.ts";
import { checkRecoveryKit, readHolds, sealMessage, VaultError } from "#app/vault/index.ts";
import type { VaultDescription } from "#app/vault/index.ts";
import { decodeEntries, encodeEntries } from "#app/vault/journal/entries.ts";
import { parseCut } from "#app/vault/journal/cut.ts";
import { entriesOf, parseSegment } from "#app/vault/journal/segment.ts";
import { unwrapPackSecret } from "#app/vault/pack/secret.ts";
import { parseKeyDigests, readRecipients } from "#app/vault/recipients/current.ts";
import { checkRequestObject } from "#app/vault/retention/requests.ts";
import { checkRestoreObject } from "#app/vault/restores/objects.ts";
import { parseRoster } from "#app/vault/roster/roster.ts";
import { decodeHead, PartBlocks } from "#app/vault/search/part.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { seededRandom } from "#tests/support/vault-kit.ts";
import { forgeSigned } from "#tests/vault/defences/forge.ts";
import type { Target } from "./fuzz.test.ts";
import { ledgerOf, type WholeVault } from "./whole-vault.ts";

const SIGNED = "signed whatever it says";
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

export async function moreTargets(world: WholeVault, description: VaultDescription): Promise<Readonly<Record<string, Target>>> {
  const { store, hostKeys } = world;
  const named = (pattern: RegExp): [string, Uint8Array][] => [...store.objects].filter(([key]) => pattern.test(key));
  const first = (pattern: RegExp): [string, Uint8Array] => named(pattern)[0]!;
  const bodies = (pattern: RegExp): Uint8Array[] => named(pattern).map(([, bytes]) => bytes);
  /** A decoder of a signed object: by itself, and with a right signature over whatever the payload has become. */
  const both = (name: string, typ: string, [, bytes]: readonly [string, Uint8Array], decode: Target["decode"]): Record<string, Target> => ({
    [name]: { samples: [bytes], decode },
    [`${name}, ${SIGNED}`]: { samples: [payloadOf(bytes)], decode: (payload) => decode(Buffer.from(JSON.stringify(forgeSigned({ alg: "EdDSA", typ, kid: "x" }, utf8(payload), hostKeys.signingKey)))) },
  });
  const [requestKey] = first(/^requests\//);
  const [restoreKey] = first(/^restores\//);
  const [drillKey, drill] = first(/^drills\//);
  const [rosterKey] = first(/^access\/roster\//);
  const [partKey, part] = first(/^search\//);
  const [packKeyName, packKey] = first(/^packs\/..\/[0-9a-f]{64}\.key$/);
  const list = await readRecipients(store, description);
  const shares = await splitIdentity(await newIdentity("P-256"), { shares: 3, threshold: 2, random: seededRandom("shares") });
  const share = shares[0]!;
  const officer = await newIdentity("P-256");
  const sealed = Buffer.from(JSON.stringify(await sealShare(share, officer.recipient)));
  const officerOpener = openerFor(officer);
  const at = new Date("2026-03-02T00:00:00.000Z");
  const pack = "ab".repeat(32);
  const entries = encodeEntries([{ change: "upsert", kind: "customers", id: "id1", occurredAt: at, receivedAt: at, fetchedAt: at, records: [{ key: { kind: "customers", id: "id1", parentId: null }, digest: Buffer.alloc(16, 7), pack, frame: 0, ordinal: 1, place: 2 }] }], [pack]);
  const cut = Buffer.from(JSON.stringify({ format: 1, vaultId: description.vaultId, sequence: 1, at: at.toISOString(), actor: "cli", through: { sequence: 1, digest: pack } }));
  const recovery = first(/^recover\/[^/]+\/manifest\.json$/);
  const folder = recovery[0].slice(0, -"/manifest.json".length);
  const cosigned = bodies(/^ledger\/cosigned\//);
  const vkey = verifierKey(`holdfast.ledger/${description.vaultId}`, description.signingPublicKey);
  const witness = parseWitnessKey(world.witness)!;
  const proof = Buffer.from((await ledgerOf(store, description.vaultId, null).prove(1))!);
  const blocks = (): PartBlocks => new PartBlocks(Buffer.from(description.vaultId, "hex"), Buffer.alloc(32, 1), part, partKey);
  const tiles = bodies(/^ledger\/tile\/\d/);
  return {
    ...both("request", "holdfast-request", first(/^requests\//), (bytes) => checkRequestObject(bytes, requestKey, description)),
    ...both("restore", "holdfast-restore", first(/^restores\//), (bytes) => checkRestoreObject(bytes, restoreKey, description, hostKeys.indexKey)),
    ...both("roster", "holdfast-roster", first(/^access\/roster\//), (bytes) => parseRoster(bytes, rosterKey, 1, description)),
    ...both("journal segment", "holdfast-journal", first(/^journal\//), async (bytes) => entriesOf(await parseSegment(bytes, 1, description), description.vaultId, hostKeys.indexKey)),
    [`cut of the journal, ${SIGNED}`]: { samples: [cut], decode: (payload) => parseCut(Buffer.from(JSON.stringify(forgeSigned({ alg: "EdDSA", typ: "holdfast-journal-cut", kid: "x" }, utf8(payload), hostKeys.signingKey))), "x", 1, description) },
    "journal entries": { samples: [entries], decode: (bytes) => decodeEntries(bytes, [pack], "x") },
    "drill's record": { samples: [drill], decode: (bytes) => parseDrillObject(bytes, drillKey, description) },
    [`drill's record, ${SIGNED}`]: { samples: [Buffer.from((JSON.parse(utf8(drill)) as { payload: string }).payload, "base64")], decode: (payload) => parseDrillObject(dsse(drill, payload, hostKeys.signingKey), drillKey, description) },
    hold: { samples: bodies(/^holds\//), decode: async (bytes) => damagedIf((await readHolds(withOne(first(/^holds\//)[0], bytes), description)).damaged) },
    "recovery program's list": { samples: [recovery[1]], decode: (bytes) => checkRecoveryKit(withOne(recovery[0], bytes, store.objects), description, folder) },
    "digests of keys": { samples: bodies(/^recipients\/keys-/), decode: (bytes) => parseKeyDigests(bytes, { ...list, keys: { ...list.keys, digest: createHash("sha256").update(bytes).digest("hex") } } as never) },
    "wrapped key's recipients": { samples: bodies(/^keys\//), decode: (bytes) => recipientsOfWrappedKey(bytes, "x") },
    "wrapped key, by its recipient": { samples: [await sealMessage(Buffer.from("SYNTHETIC"), { typ: "x" }, [officer.recipient])], decode: async (bytes) => (await officerOpener.open(bytes)) ?? damagedIf(["x"]) },
    "pack secret": { samples: [packKey], decode: (bytes) => unwrapPackSecret(bytes, packKeyName.slice(9, 73), Buffer.alloc(32, 1), Buffer.from(description.vaultId, "hex"), "x") },
    "search part's head": { samples: [part.subarray(0, 200)], decode: (bytes) => decodeHead(bytes, partKey) },
    "search part's names": { samples: [part.subarray(0, 400)], decode: (bytes) => blocks().openTable(0, bytes) },
    share: { samples: [Buffer.from(JSON.stringify(shareFile(share))), Buffer.from(shareSheet(share))], decode: (bytes) => parseShare(utf8(bytes), "x") },
    "share with a right checksum": { samples: [encodeShare(share).subarray(0, -8)], decode: (body) => decodeShare(Buffer.concat([body, createHash("sha256").update("holdfast share v1\0").update(body).digest().subarray(0, 8)]), "x") },
    "sealed share": { samples: [sealed], decode: (bytes) => unsealShare(utf8(bytes), officerOpener, "x") },
    "ledger proof, checked": { samples: [proof], decode: (bytes) => checkProof(utf8(bytes), { publicKey: description.signingPublicKey, witnesses: [witness] }) },
    "ledger cosignature": { samples: cosigned, decode: (bytes) => cosignaturesOf(utf8(bytes), [witness]) },
    "ledger key": { samples: [Buffer.from(vkey), Buffer.from(world.witness)], decode: (bytes) => [parseVerifierKey(utf8(bytes)), parseWitnessKey(utf8(bytes))] },
    "ledger tile": { samples: tiles, decode: hashesOf },
  };
}

function payloadOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from((JSON.parse(utf8(bytes)) as { payload: string }).payload, "base64url");
}

/** The envelope of a drill's record around another statement, rightly signed. */
function dsse(envelope: Uint8Array, statement: Uint8Array, key: object): Uint8Array {
  const given = JSON.parse(utf8(envelope)) as { payloadType: string; payload: string; signatures: { keyid: string; sig: string }[] };
  const sig = sign(null, preAuthEncoding(given.payloadType, statement), createPrivateKey({ key: key as NodeJsonWebKey, format: "jwk" })).toString("base64");
  return Buffer.from(JSON.stringify({ payloadType: given.payloadType, payload: Buffer.from(statement).toString("base64"), signatures: [{ keyid: given.signatures[0]!.keyid, sig }] }));
}

function withOne(key: string, bytes: Uint8Array, others: Iterable<[string, Uint8Array]> = []): MemoryStore {
  const store = new MemoryStore();
  for (const [name, body] of others) store.objects.set(name, body);
  store.objects.set(key, bytes);
  return store;
}

/** Where damage is answered and not thrown. */
function damagedIf(objects: readonly string[]): void {
  if (objects.length > 0) throw new VaultError("vault.damaged_object", "damaged");
}
