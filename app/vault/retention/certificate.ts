/**
 * The end of a redaction: old keys and packs are destroyed, and a certificate says what was, what could not be, and how it was checked.
 * `redactions/<number>.certificate-<n>.json`, signed. It holds no id of a record, only keyed hashes and the names of sealed objects.
 */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, VaultError } from "../errors.ts";
import { packKey, packSecretKey, searchPartOf } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk } from "../ports.ts";
import { parityKey, protectedStore } from "../repair/parity-store.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { REDACTIONS } from "./redactions.ts";
import type { Redaction } from "./redactions.ts";
import { tryRemove } from "./remove.ts";

const CERTIFICATE = /^redactions\/(\d{10})\.certificate-(\d{1,6})\.json$/;
const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();

const CertificateShape = z.object({
  format: z.literal(1),
  type: z.literal("erasure"),
  vaultId: z.string(),
  /** Number of the redaction, and SHA-256 hex of its stored bytes. */
  redaction: Count.min(1),
  redactionDigest: Digest,
  /** Counts up when a later run destroys what the store would not let go before. */
  issue: Count.min(1),
  erasedAt: z.iso.datetime(),
  issuedAt: z.iso.datetime(),
  actor: z.string(),
  reason: z.string(),
  method: z.string(),
  records: Count,
  versions: Count,
  tombstones: z.array(z.string()),
  unopened: Count,
  store: z.object({ name: z.string(), earlierVersionsMayRemain: z.boolean() }),
  /** Names of objects that were asked for after their removal and were not there. */
  destroyed: z.object({ keys: z.array(z.string()), packs: z.array(z.string()), parity: z.array(z.string()), /** What they were searched by. */ search: z.array(z.string()).optional() }),
  remaining: z.array(z.object({ object: z.string(), code: z.string() })),
});
export type Certificate = z.infer<typeof CertificateShape>;

export interface IssuedCertificate {
  readonly object: string;
  /** SHA-256 hex of the stored bytes. */
  readonly digest: string;
  readonly certificate: Certificate;
  /** The stored bytes: flattened JWS. */
  readonly jws: string;
}

const METHOD =
  "Cryptographic erase (NIST SP 800-88): each pack that held the records was rewritten without them under a new key; the only copy of the old pack's wrapped key was removed, then the old pack, and both were asked for again.";

const METHOD_WHOLE =
  "Cryptographic erase (NIST SP 800-88) of the whole vault: every pack's wrapped key was removed, then the pack, and both were asked for again; then every snapshot's manifest, index and content key.";

export interface Completer {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly signingKey: Jwk;
  readonly clock: Clock;
}

/** Destroys what the redactions replaced and is still there; answers a certificate for each redaction that has none or whose remains changed. */
export async function completeRedactions(o: Completer, redactions: readonly { readonly sequence: number; readonly object: string; readonly record: Redaction }[]): Promise<IssuedCertificate[]> {
  if (redactions.length === 0) return [];
  const { store } = o;
  const issues = new Map<number, number>();
  const names = new Map<number, number>();
  for await (const { key } of store.list(`${REDACTIONS}/`)) {
    const [, sequence, number] = CERTIFICATE.exec(key) ?? [];
    if (sequence !== undefined) names.set(Number(sequence), Math.max(names.get(Number(sequence)) ?? 0, Number(number)));
  }
  const { found, damaged: torn } = await sortedOut(store, o.description);
  for (const { certificate } of found) issues.set(certificate.redaction, certificate.issue);
  const there = new Set<string>();
  for (const folder of ["packs/", "parity/", "search/"]) for await (const { key } of store.list(folder)) there.add(key);
  const issued: IssuedCertificate[] = [];
  for (const { sequence, object, record } of redactions) {
    const old = [...record.packs.map(({ from }) => from), ...record.discarded];
    // The parity of a small object is a copy of it, so it is a copy of the key, too.
    const keys = old.map(packSecretKey);
    const packs = old.map(packKey);
    const replaced = new Set(old);
    // Noise without the pack's key, all of it: it goes for tidiness.
    const search = [...there].filter((key) => replaced.has(searchPartOf(key)?.pack ?? ""));
    const groups = { keys, packs, parity: [...keys, ...packs].map(parityKey) };
    const left = [...keys, ...keys.map(parityKey), ...packs, ...packs.map(parityKey), ...search].filter((key) => there.has(key));
    const before = issues.get(sequence) ?? 0;
    if (left.length === 0 && before > 0) continue;
    const remaining: Certificate["remaining"] = [];
    // Keys first: from then on nobody opens a pack that a lock holds on to.
    for (const key of left) {
      const kept = await tryRemove(store, key);
      if (kept !== null) remaining.push(kept);
      else if ((await store.get(key, { offset: 0, length: 1 })) !== null) remaining.push({ object: key, code: "store.failed" });
    }
    if (before > 0 && remaining.length === left.length) continue;
    const stays = new Set(remaining.map((kept) => kept.object));
    const gone = (keys: readonly string[]): string[] => keys.filter((key) => !stays.has(key));
    const bytes = await store.get(object);
    if (bytes === null) throw damaged(object, "it was read a moment ago and is gone");
    // Its number had to be taken before its parity could be written.
    if (before === 0 && o.description.parity === true) await putExact(protectedStore(store, o.description), object, bytes);
    issued.push(
      await issue(o, {
        format: 1,
        type: "erasure",
        vaultId: o.description.vaultId,
        redaction: sequence,
        redactionDigest: sha256(bytes),
        issue: (names.get(sequence) ?? 0) + 1,
        erasedAt: record.at,
        issuedAt: o.clock.now().toISOString(),
        actor: record.actor,
        reason: record.reason,
        method: record.whole === true ? METHOD_WHOLE : METHOD,
        records: record.records,
        versions: record.versions,
        tombstones: record.tombstones,
        unopened: record.unopened,
        store: { name: store.traits.name, earlierVersionsMayRemain: store.traits.versioned },
        destroyed: { keys: gone(groups.keys), packs: gone(groups.packs), parity: gone(groups.parity.filter((key) => there.has(key))), ...(search.length === 0 ? {} : { search: gone(search) }) },
        remaining,
      }),
    );
  }
  // What was torn or has rotted certifies nothing; once there is a sound one in its place it need not be found again and again.
  for (const object of torn) {
    const redaction = Number(CERTIFICATE.exec(object)?.[1]);
    if (!issues.has(redaction) && !issued.some(({ certificate }) => certificate.redaction === redaction)) continue;
    await tryRemove(protectedStore(store, o.description), object);
  }
  return issued;
}

async function issue({ store, description, signingKey }: Completer, certificate: Certificate): Promise<IssuedCertificate> {
  const bytes = await signJson(certificate, "holdfast-certificate", signingKey);
  const object = `${REDACTIONS}/${String(certificate.redaction).padStart(10, "0")}.certificate-${certificate.issue}.json`;
  await putExact(protectedStore(store, description), object, bytes);
  return { object, digest: sha256(bytes), certificate, jws: bytes.toString("utf8") };
}

/** Throws vault.damaged_object unless the vault's key signed these bytes for this name. */
export async function parseCertificate(bytes: Uint8Array, object: string, description: VaultDescription): Promise<IssuedCertificate> {
  const parsed = CertificateShape.safeParse(await verifySigned(bytes, "holdfast-certificate", description.signingPublicKey, object));
  if (!parsed.success) throw damaged(object, "it lacks what a certificate has", parsed.error);
  const [, sequence, number] = CERTIFICATE.exec(object) ?? [];
  if (parsed.data.vaultId !== description.vaultId || parsed.data.redaction !== Number(sequence) || parsed.data.issue !== Number(number)) throw damaged(object, "it belongs to another place");
  return { object, digest: sha256(bytes), certificate: parsed.data, jws: Buffer.from(bytes).toString("utf8") };
}

/** All certificates that hold, in order. */
export async function readCertificates(store: ObjectStore, description: VaultDescription): Promise<IssuedCertificate[]> {
  return (await sortedOut(store, description)).found;
}

/** Objects with the name of a certificate that are none. */
export async function damagedCertificates(store: ObjectStore, description: VaultDescription): Promise<string[]> {
  return (await sortedOut(store, description)).damaged;
}

async function sortedOut(store: ObjectStore, description: VaultDescription): Promise<{ found: IssuedCertificate[]; damaged: string[] }> {
  const found: IssuedCertificate[] = [];
  const wrong: string[] = [];
  for await (const { key } of store.list(`${REDACTIONS}/`)) {
    if (!CERTIFICATE.test(key)) continue;
    const bytes = await store.get(key);
    if (bytes === null) continue;
    try {
      found.push(await parseCertificate(bytes, key, description));
    } catch (error) {
      // It certifies nothing; the next run issues another.
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      wrong.push(key);
    }
  }
  return { found, damaged: wrong };
}
