/** A segment: a signed object that names the one before it, the packs its records lie in, and holds its sealed entries (docs/design.md 9.2). */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged } from "../errors.ts";
import type { Jwk } from "../ports.ts";
import { SearchNames } from "../snapshot/pack-list.ts";
import type { PackInfo, VaultDescription } from "../types.ts";
import { openEntries, type EntriesPlace } from "./entries.ts";
import { journalObject } from "./names.ts";
import type { JournalEntry, JournalSegment } from "./types.ts";

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Hex32 = z.string().regex(/^[0-9a-f]{32}$/);
const Count = z.number().int().nonnegative();
const Base64Url = z.string().regex(/^[A-Za-z0-9_-]*$/);
const Head = z.object({ sequence: Count.min(1), digest: Digest });
const Pack = z.object({ id: Digest, size: Count, keyId: Hex32, keyDigest: Digest, records: Count, search: SearchNames.optional() });
const Payload = z.object({
  format: z.literal(1),
  vaultId: Hex32,
  sequence: Count.min(1),
  at: z.iso.datetime(),
  previous: Head.nullable(),
  upserts: Count,
  tombstones: Count,
  pack: Pack.nullable(),
  kept: z.array(Pack).max(65_536),
  keys: z.array(z.object({ id: Hex32, digest: Digest })).max(65_536),
  recipients: z.object({ sequence: Count, digest: Digest }).optional(),
  salt: Digest,
  entries: Base64Url,
});
export type SegmentPayload = z.infer<typeof Payload>;

export function signSegment(payload: SegmentPayload, signingKey: Jwk): Promise<Buffer> {
  return signJson(payload, "holdfast-journal", signingKey);
}

/** Ids in the order of the segment's table: its own pack first. */
export function packTable({ pack, kept }: Pick<JournalSegment, "pack" | "kept">): string[] {
  return [...(pack === null ? [] : [pack.id]), ...kept.map(({ id }) => id)];
}

/** Throws vault.damaged_object unless the vault's key signed these bytes as this segment. */
export async function parseSegment(bytes: Uint8Array, sequence: number, description: VaultDescription): Promise<JournalSegment> {
  const objectKey = journalObject(sequence);
  const parsed = Payload.safeParse(await verifySigned(bytes, "holdfast-journal", description.signingPublicKey, objectKey));
  if (!parsed.success) throw damaged(objectKey, "it lacks what a segment has", parsed.error);
  const { data } = parsed;
  if (data.vaultId !== description.vaultId || data.sequence !== sequence) throw damaged(objectKey, "it belongs to another place");
  if (data.previous !== null && data.previous.sequence >= sequence) throw damaged(objectKey, "it names a later segment as the one before it");
  const { at, previous, upserts, tombstones, pack, kept, keys, recipients, salt, entries } = data;
  const live = (info: z.infer<typeof Pack>): PackInfo => ({ ...info, live: info.records });
  return {
    sequence,
    digest: sha256(bytes),
    objectKey,
    at,
    previous,
    upserts,
    tombstones,
    records: pack?.records ?? 0,
    pack: pack === null ? null : live(pack),
    kept: kept.map(live),
    keys,
    recipients,
    salt: Buffer.from(salt, "hex"),
    sealed: Buffer.from(entries, "base64url"),
  };
}

export function placeOf(segment: Pick<JournalSegment, "sequence" | "salt" | "pack" | "kept" | "objectKey">, vaultId: string): EntriesPlace {
  return { vaultId, sequence: segment.sequence, salt: segment.salt, packs: packTable(segment), object: segment.objectKey };
}

/** Throws vault.damaged_object. Takes the index key. */
export function entriesOf(segment: JournalSegment, vaultId: string, indexKey: Uint8Array): JournalEntry[] {
  const entries = openEntries(segment.sealed, indexKey, placeOf(segment, vaultId));
  const upserts = entries.filter(({ change }) => change === "upsert").length;
  if (upserts !== segment.upserts || entries.length - upserts !== segment.tombstones) throw damaged(segment.objectKey, "it has another number of entries than it says");
  return entries;
}
