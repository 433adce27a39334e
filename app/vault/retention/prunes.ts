/**
 * Prunes as they are written down (docs/design.md 8): `prunes/<number>.json`, signed, says which snapshots went and why; the list of objects
 * that nothing needs any more rests beside it, named by its digest, until the sweep has removed them.
 */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Jwk } from "../ports.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { numbered, readNumbered } from "./sequence.ts";
import type { Numbered } from "./sequence.ts";

export const PRUNES = "prunes";
const DOOMED = /^prunes\/doomed-([0-9a-f]{64})$/;

/**
 * What a prune may ever remove beside manifests: packs with their keys and what they are searched by, blocks and pack lists, content keys, and the parity of these and of
 * manifests. Never the description, an index or host key, a signature or the ledger.
 */
export const SWEEPABLE = /^(?:search\/[0-9a-f]{2}\/[0-9a-f]{64}\.\d{1,6}\.[0-9a-f]{32}|(?:parity\/)?(?:packs\/[0-9a-f]{2}\/[0-9a-f]{64}(?:\.key)?|tree\/[0-9a-f]{2}\/[0-9a-f]{64}|keys\/[0-9a-f]{32}(?:\.g\d+)?\.jwe)|parity\/snapshots\/[0-9TZ.]+-[0-9a-f]{16})$/;

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Id = z.string().regex(/^[0-9a-f]{16}$/);
const Count = z.number().int().nonnegative();
const PruneShape = z.object({
  format: z.literal(1),
  vaultId: z.string(),
  sequence: Count.min(1),
  at: z.iso.datetime(),
  /** What it dooms is not removed before `at` plus this, so that a run that began before can still commit. */
  graceMs: Count,
  actor: z.string().min(1).max(1000),
  policy: z.string(),
  kept: z.array(z.object({ snapshotId: Id, reasons: z.array(z.object({ code: z.string(), detail: z.string().optional() })) })),
  expired: z.array(z.object({ snapshotId: Id, digest: Digest, object: z.string(), takenAt: z.string(), why: z.string() })),
  /** SHA-256 hex of the list of doomed objects; null: it dooms none. */
  doomed: z.object({ digest: Digest, count: Count, bytes: Count }).nullable(),
});
export type PruneRecord = z.infer<typeof PruneShape>;

export interface Prunes {
  readonly records: readonly PruneRecord[];
  /** Snapshots that a signed prune removed: digest of the manifest by snapshot id. */
  readonly expired: ReadonlyMap<string, string>;
  readonly damaged: readonly string[];
  readonly missing: readonly string[];
  readonly next: number;
}

export async function signPrune(record: PruneRecord, signingKey: Jwk): Promise<Buffer> {
  return signJson(record, "holdfast-prune", signingKey);
}

/** Throws vault.damaged_object unless the vault's key signed these bytes as its `sequence`-th prune. */
export async function parsePrune(bytes: Uint8Array, object: string, sequence: number, description: VaultDescription): Promise<PruneRecord> {
  const parsed = PruneShape.safeParse(await verifySigned(bytes, "holdfast-prune", description.signingPublicKey, object));
  if (!parsed.success) throw damaged(object, "it lacks what a prune has", parsed.error);
  if (parsed.data.vaultId !== description.vaultId || parsed.data.sequence !== sequence) throw damaged(object, "it belongs to another place");
  return parsed.data as PruneRecord;
}

export async function readPrunes(store: ObjectStore, description: VaultDescription): Promise<Prunes> {
  const found: Numbered<PruneRecord> = await readNumbered(store, PRUNES, (bytes, object, sequence) => parsePrune(bytes, object, sequence, description));
  const expired = new Map<string, string>();
  for (const { record } of found.records) {
    for (const { snapshotId, digest } of record.expired) expired.set(snapshotId, digest);
    // It survived an earlier one (a hold came in between, or a lock): from here on its absence is no prune's doing.
    for (const { snapshotId } of record.kept) expired.delete(snapshotId);
  }
  return { records: found.records.map(({ record }) => record), expired, damaged: found.damaged, missing: found.missing, next: found.next };
}

/** A prune whose doomed objects are not all gone. */
export interface DueList {
  readonly object: string;
  readonly record: PruneRecord;
  /** When the sweep may begin. */
  readonly due: number;
}

/** Lists that are still there, each with the prune that named it; read from the newest prune back, as far as it takes. */
export async function openLists(store: ObjectStore, description: VaultDescription): Promise<DueList[]> {
  const lists = new Map<string, string>();
  let newest = 0;
  for await (const { key } of store.list(`${PRUNES}/`)) {
    const digest = DOOMED.exec(key)?.[1];
    if (digest !== undefined) lists.set(digest, key);
    newest = Math.max(newest, Number(/^prunes\/(\d{10})\.json$/.exec(key)?.[1] ?? 0));
  }
  const open: DueList[] = [];
  for (let sequence = newest; sequence > 0 && lists.size > open.length; sequence--) {
    const object = numbered(PRUNES, sequence);
    const bytes = await store.get(object);
    if (bytes === null) continue;
    let record: PruneRecord;
    try {
      record = await parsePrune(bytes, object, sequence, description);
    } catch (error) {
      // Not what we signed: no sweep will go by it either. `verify` names it.
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      continue;
    }
    const name = record.doomed === null ? undefined : lists.get(record.doomed.digest);
    if (name !== undefined) open.push({ object: name, record, due: Date.parse(record.at) + record.graceMs });
  }
  return open;
}

/** Lists that no prune names: their writer died or came too late. Removing one that is about to be named only puts its objects off to the next prune. */
export async function strayLists(store: ObjectStore, { records }: Prunes): Promise<string[]> {
  const named = new Set(records.flatMap(({ doomed }) => (doomed === null ? [] : [doomed.digest])));
  const stray: string[] = [];
  for await (const { key } of store.list(`${PRUNES}/doomed-`)) {
    const digest = DOOMED.exec(key)?.[1];
    if (digest !== undefined && !named.has(digest)) stray.push(key);
  }
  return stray;
}

/** Lists whose bytes are not those of their name. */
export async function damagedLists(store: ObjectStore): Promise<string[]> {
  const wrong: string[] = [];
  for await (const { key } of store.list(`${PRUNES}/doomed-`)) {
    const digest = DOOMED.exec(key)?.[1];
    const bytes = digest === undefined ? null : await store.get(key);
    if (bytes !== null && sha256(bytes) !== digest) wrong.push(key);
  }
  return wrong;
}

export async function writeDoomed(store: ObjectStore, keys: readonly string[]): Promise<string> {
  const bytes = Buffer.from(keys.map((key) => `${key}\n`).join(""), "latin1");
  const digest = sha256(bytes);
  const object = `${PRUNES}/doomed-${digest}`;
  const there = await store.get(object);
  // A list of the same garbage that rotted, or was torn when it was written.
  if (there !== null && sha256(there) !== digest) await store.remove(object);
  await putExact(store, object, bytes);
  return digest;
}

/** Empty when the list is gone, its sweep being over, or is not what the prune named: then nothing may be removed on its word, and the next prune makes another. */
export async function readDoomed(store: ObjectStore, { object, record }: DueList): Promise<string[]> {
  const bytes = await store.get(object);
  if (bytes === null) return [];
  if (sha256(bytes) !== record.doomed?.digest) return [];
  return Buffer.from(bytes).toString("latin1").split("\n").filter((key) => SWEEPABLE.test(key));
}
