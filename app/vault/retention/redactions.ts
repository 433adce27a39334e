/**
 * What was erased (docs/design.md 8): which pack stands for which, which addresses are empty on purpose, and whose records a restore must
 * not bring back. Signed by the vault's key, so nobody else can pass damage off as an erasure.
 */
import { z } from "zod";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Jwk } from "../ports.ts";
import { SearchNames } from "../snapshot/pack-list.ts";
import type { VaultDescription } from "../types.ts";
import { readNumbered } from "./sequence.ts";
import type { Numbered } from "./sequence.ts";

export const REDACTIONS = "redactions";

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Hex32 = z.string().regex(/^[0-9a-f]{32}$/);
const Count = z.number().int().nonnegative();

const ReplacedShape = z.object({ id: Digest, size: Count, keyId: Hex32, keyDigest: Digest, search: SearchNames.optional() });
const RedactionShape = z.object({
  format: z.literal(1),
  vaultId: Hex32,
  sequence: Count.min(1),
  at: z.iso.datetime(),
  actor: z.string().min(1).max(1000),
  reason: z.string().min(1).max(1000),
  /** Records by key, and stored versions of them. */
  records: Count,
  versions: Count,
  /** Packs that no identity at hand opens; the index points at none of the erased records in them. */
  unopened: Count,
  /** Keyed hashes of the erased records' keys, 32 hex digits each. */
  tombstones: z.array(Hex32),
  packs: z.array(z.object({ from: Digest, to: ReplacedShape, /** frame, then ordinals */ erased: z.array(z.array(Count).min(2)) })),
  /** Packs that no snapshot needs and that cannot be read to their end: destroyed whole. */
  discarded: z.array(Digest),
  keys: z.array(z.object({ id: Hex32, digest: Digest })),
  /** The whole vault was erased: `discarded` are all its packs, and its snapshots are in the prune before. */
  whole: z.literal(true).optional(),
});

export type Redaction = z.infer<typeof RedactionShape>;

/** A pack that stands for another. */
export interface ReplacedPack {
  readonly id: string;
  /** Bytes stored. */
  readonly size: number;
  readonly keyId: string;
  /** SHA-256 hex of its `.key` object. */
  readonly keyDigest: string;
  /** Names of its search parts, as in PackInfo. */
  readonly search?: string[] | undefined;
}

export interface Redactions {
  /** Number of redactions that hold. */
  readonly size: number;
  /** The pack to read for the one the index names: itself, or what replaced it, or what replaced that. */
  packFor(packId: string): string;
  /** Null: it was never redacted. */
  replacement(packId: string): ReplacedPack | null;
  isErased(packId: string, frame: number, ordinal: number): boolean;
  /** The wrapped content keys that redactions made: digest of the first generation by key id. */
  readonly keys: ReadonlyMap<string, string>;
  /** Whether a record with this tombstone (see tombstones.ts) was erased. */
  hasTombstone(tombstone: string): boolean;
  /** Objects under redactions/ that are not what the vault's key signed, and numbers that were taken away. */
  readonly damaged: readonly string[];
  readonly missing: readonly string[];
}

export const NO_REDACTIONS: Redactions = {
  size: 0,
  packFor: (packId) => packId,
  replacement: () => null,
  isErased: () => false,
  keys: new Map(),
  hasTombstone: () => false,
  damaged: [],
  missing: [],
};

export async function signRedaction(redaction: Redaction, signingKey: Jwk): Promise<Buffer> {
  return signJson(redaction, "holdfast-redaction", signingKey);
}

/** Throws vault.damaged_object unless the vault's key signed these bytes as its `sequence`-th redaction. */
export async function parseRedaction(bytes: Uint8Array, object: string, sequence: number, description: VaultDescription): Promise<Redaction> {
  const parsed = RedactionShape.safeParse(await verifySigned(bytes, "holdfast-redaction", description.signingPublicKey, object));
  if (!parsed.success) throw damaged(object, "it lacks what a redaction has", parsed.error);
  if (parsed.data.vaultId !== description.vaultId || parsed.data.sequence !== sequence) throw damaged(object, "it belongs to another place");
  return parsed.data;
}

export function readRedactionRecords(store: ObjectStore, description: VaultDescription): Promise<Numbered<Redaction>> {
  return readNumbered(store, REDACTIONS, (bytes, object, sequence) => parseRedaction(bytes, object, sequence, description));
}

/** One listing, and one read for each redaction there ever was. */
export async function readRedactions(store: ObjectStore, description: VaultDescription): Promise<Redactions> {
  return redactionsOf(await readRedactionRecords(store, description));
}

interface Chain {
  current: ReplacedPack;
  readonly erased: Map<number, Set<number>>;
}

export function redactionsOf({ records, damaged, missing }: Numbered<Redaction>): Redactions {
  if (records.length === 0 && damaged.length === 0 && missing.length === 0) return NO_REDACTIONS;
  /** By the id of every pack of a chain but not its last: who names any of them means the last. */
  const chains = new Map<string, Chain>();
  const keys = new Map<string, string>();
  const tombstones = new Set<string>();
  for (const { record } of records) {
    for (const { from, to, erased } of record.packs) {
      const chain: Chain = chains.get(from) ?? { current: to, erased: new Map() };
      chain.current = to;
      for (const [frame, ...ordinals] of erased) {
        let set = chain.erased.get(frame as number);
        if (set === undefined) chain.erased.set(frame as number, (set = new Set()));
        for (const ordinal of ordinals) set.add(ordinal);
      }
      chains.set(from, chain).set(to.id, chain);
    }
    for (const { id, digest } of record.keys) keys.set(id, digest);
    for (const tombstone of record.tombstones) tombstones.add(tombstone);
  }
  return {
    size: records.length,
    packFor: (packId) => chains.get(packId)?.current.id ?? packId,
    replacement: (packId) => chains.get(packId)?.current ?? null,
    isErased: (packId, frame, ordinal) => chains.get(packId)?.erased.get(frame)?.has(ordinal) ?? false,
    keys,
    hasTombstone: (tombstone) => tombstones.has(tombstone),
    damaged,
    missing,
  };
}
