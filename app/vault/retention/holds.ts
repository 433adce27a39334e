/**
 * Holds: what must not be pruned, by whom, why, since when. `holds/<id>.json`, and `holds/<id>.released-<n>.json` when it ends: both signed,
 * written once and never removed, so that a hold's history stays. A release has a random name, so that one torn by a store can be given again.
 */
import { z } from "zod";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk, Random } from "../ports.ts";
import { protectedStore } from "../repair/parity-store.ts";
import type { VaultDescription } from "../types.ts";
import { claim } from "./sequence.ts";

const HOLD = /^holds\/([0-9a-f]{16})\.json$/;
const RELEASE = /^holds\/([0-9a-f]{16})\.released-[0-9a-f]{8}\.json$/;
const Id = z.string().regex(/^[0-9a-f]{16}$/);
const Text = z.string().min(1).max(1000);

/**
 * A legal hold: records that the law, or a court, bids to keep. Besides holding its snapshots it bars the erasure of whom it is about, until the
 * time it names or its release.
 */
const LegalShape = z.object({
  /** Why these records must be kept, in words: "litigation", "duty to retain medical records". */
  basis: z.string().min(3).max(200),
  /** Where that is written: a statute's section, a court's file number. */
  citation: z.string().min(3).max(300),
  /** When it ends for erasures by itself; null: with its release only. */
  until: z.iso.datetime().nullable(),
  /** Keyed hashes of the ids of whom it is about (hold-subjects.ts); "all": everybody. */
  subjects: z.union([z.literal("all"), z.array(z.string().regex(/^[0-9a-f]{32}$/)).min(1).max(1000)]),
});
export type LegalBasis = z.infer<typeof LegalShape>;

const HoldShape = z.object({
  format: z.literal(1),
  vaultId: z.string(),
  holdId: Id,
  name: z.string().min(1).max(100),
  reason: Text,
  by: Text,
  at: z.iso.datetime(),
  /** "all": every snapshot there is and every one taken while the hold lasts. */
  snapshots: z.union([z.literal("all"), z.array(Id).min(1).max(10_000)]),
  legal: LegalShape.optional(),
});
const ReleaseShape = z.object({ format: z.literal(1), vaultId: z.string(), holdId: Id, reason: Text, by: Text, at: z.iso.datetime() });

export type Hold = Omit<z.infer<typeof HoldShape>, "format" | "vaultId">;
export type Release = Omit<z.infer<typeof ReleaseShape>, "format" | "vaultId">;

export interface Holds {
  readonly inForce: readonly Hold[];
  /** With how each ended. */
  readonly released: readonly { readonly hold: Hold; readonly release: Release }[];
  /** Objects under holds/ that are not what the vault's key signed. */
  readonly damaged: readonly string[];
  /** Those of them that may be holds in force: nobody can say what they hold, so nothing may go until they are mended or released. */
  readonly blocking: readonly string[];
}

/** A release that is damaged releases nothing. */
export async function readHolds(store: ObjectStore, description: VaultDescription): Promise<Holds> {
  const holds = new Map<string, Hold>();
  const releases = new Map<string, Release>();
  const broken: string[] = [];
  for await (const { key } of store.list("holds/")) {
    const hold = HOLD.exec(key)?.[1];
    const released = RELEASE.exec(key)?.[1];
    if (hold === undefined && released === undefined) continue;
    try {
      const payload = await read(store, key, description);
      if (hold !== undefined) holds.set(hold, checked(HoldShape, payload, hold, key, description));
      else if (released !== undefined) releases.set(released, checked(ReleaseShape, payload, released, key, description));
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      broken.push(key);
    }
  }
  const all = [...holds.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
  return {
    inForce: all.filter(({ holdId }) => !releases.has(holdId)),
    released: all.flatMap((hold) => {
      const release = releases.get(hold.holdId);
      return release === undefined ? [] : [{ hold, release }];
    }),
    damaged: broken,
    blocking: broken.filter((key) => !releases.has(HOLD.exec(key)?.[1] ?? "") && HOLD.test(key)),
  };
}

async function read(store: ObjectStore, key: string, description: VaultDescription): Promise<unknown> {
  const bytes = await store.get(key);
  if (bytes === null) throw missing(key);
  return verifySigned(bytes, "holdfast-hold", description.signingPublicKey, key);
}

function checked<T extends { readonly vaultId: string; readonly holdId: string }>(shape: z.ZodType<T>, payload: unknown, id: string, key: string, description: VaultDescription): T {
  const parsed = shape.safeParse(payload);
  if (!parsed.success) throw damaged(key, "it lacks what a hold has", parsed.error);
  if (parsed.data.vaultId !== description.vaultId || parsed.data.holdId !== id) throw damaged(key, "it belongs to another place");
  return parsed.data;
}

export interface Holder {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly signingKey: Jwk;
  readonly clock: Clock;
}

export async function placeHold(holder: Holder & { readonly random: Random }, o: Pick<Hold, "name" | "reason" | "by" | "snapshots" | "legal">): Promise<Hold> {
  const hold: Hold = { holdId: Buffer.from(holder.random(8)).toString("hex"), ...o, at: holder.clock.now().toISOString() };
  await write(holder, `holds/${hold.holdId}.json`, HoldShape.parse({ format: 1, vaultId: holder.description.vaultId, ...hold }));
  return hold;
}

/** Null: no hold of this id is in force. One that is damaged can be released by its id. */
export async function releaseHold(holder: Holder & { readonly random: Random }, holdId: string, o: Pick<Release, "reason" | "by">): Promise<Release | null> {
  const { inForce, blocking } = await readHolds(holder.store, holder.description);
  if (!inForce.some((hold) => hold.holdId === holdId) && !blocking.includes(`holds/${holdId}.json`)) return null;
  const release: Release = { holdId, ...o, at: holder.clock.now().toISOString() };
  await write(holder, `holds/${holdId}.released-${Buffer.from(holder.random(4)).toString("hex")}.json`, ReleaseShape.parse({ format: 1, vaultId: holder.description.vaultId, ...release }));
  return release;
}

/** Its name is drawn at random, so its parity is never in another's way. */
async function write({ store, description, signingKey }: Holder, key: string, payload: unknown): Promise<void> {
  const bytes = await signJson(payload, "holdfast-hold", signingKey);
  if (!(await claim(protectedStore(store, description), key, bytes))) throw damaged(key, "something else is stored under its name");
}

/** Whether a hold in force covers a snapshot. */
export function holdsOn(holds: readonly Hold[], snapshotId: string): readonly Hold[] {
  return holds.filter(({ snapshots }) => snapshots === "all" || snapshots.includes(snapshotId));
}

/** Legal holds in force that bar the erasure of any of these subjects (keyed hashes). What a hold bars ends with its time; what it holds from prunes, with its release. */
export function holdsAgainst(holds: readonly Hold[], subjects: ReadonlySet<string>, now: Date): readonly Hold[] {
  return holds.filter(({ legal }) => {
    if (legal === undefined || (legal.until !== null && new Date(legal.until) <= now)) return false;
    return legal.subjects === "all" || legal.subjects.some((subject) => subjects.has(subject));
  });
}
