/**
 * Erases a whole vault (docs/design.md 8.4): every snapshot, every pack's key, the journal. What stays is who it was for (description, index key), what
 * was done (prunes, redactions, holds, ledger), and a certificate. It takes no identity, because keys are destroyed and nothing is opened.
 *
 * First a signed prune names all snapshots, so that their absence is nobody's theft; then a signed redaction names all packs; then manifests go, then keys,
 * then packs. Broken off anywhere, running it again finishes it.
 */
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk } from "../ports.ts";
import { protectedStore } from "../repair/parity-store.ts";
import type { VaultDescription } from "../types.ts";
import { barredBy } from "./barred.ts";
import type { Barred } from "./barred.ts";
import { completeRedactions } from "./certificate.ts";
import type { IssuedCertificate } from "./certificate.ts";
import { readManifests } from "./needed.ts";
import { PRUNES, readPrunes, signPrune } from "./prunes.ts";
import { readRedactionRecords, REDACTIONS, signRedaction } from "./redactions.ts";
import { tryRemove } from "./remove.ts";
import type { Kept } from "./remove.ts";
import { claim, numbered } from "./sequence.ts";

export interface EraseVault {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly signingKey: Jwk;
  readonly clock: Clock;
  readonly actor: string;
  /** Stored in clear and signed: no names. */
  readonly reason: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface ErasedVault {
  readonly snapshots: number;
  readonly packs: number;
  /** Of this erasure, or of one that was broken off. Empty: nothing was left to erase. */
  readonly certificates: readonly IssuedCertificate[];
  /** What the store would not let go. */
  readonly kept: readonly Kept[];
}

export type EraseVaultOutcome =
  | { readonly kind: "done"; readonly report: ErasedVault }
  | ({ readonly kind: "refused" } & Barred)
  | { readonly kind: "refused"; readonly code: "redaction.contended"; readonly details: readonly string[] };

/** What only snapshots need. Never the description, the index key, the host's key, lists of recipients, holds, prunes, redactions or the ledger. */
const CONTENTS = /^(?:parity\/)?(?:snapshots\/|packs\/|search\/|tree\/|keys\/[0-9a-f]{32}(?:\.g\d+)?\.jwe$|journal\/)|^(?:disclosures\/|restores\/|prunes\/doomed-)/;

export async function eraseVault(o: EraseVault): Promise<EraseVaultOutcome> {
  const { store, description, signingKey, clock, actor, reason } = o;
  const barred = await barredBy(o, "all");
  if (barred !== null) return { kind: "refused", ...barred };
  const contended = { kind: "refused", code: "redaction.contended", details: [] } as const;
  const at = clock.now().toISOString();
  const earlier = await readRedactionRecords(store, description);
  const { valid } = await readManifests(store, description);
  const packs = new Set<string>();
  for await (const { key } of store.list("packs/")) {
    const id = /^packs\/..\/([0-9a-f]{64})(?:\.key)?$/.exec(key)?.[1];
    if (id !== undefined) packs.add(id);
  }

  if (valid.length > 0) {
    const { next } = await readPrunes(store, description);
    const expired = valid.map(({ snapshotId, digest, objectKey, takenAt }) => ({ snapshotId, digest, object: objectKey, takenAt, why: "erased" }));
    const record = { format: 1, vaultId: description.vaultId, sequence: next, at, graceMs: 0, actor, policy: "none", kept: [], expired, doomed: null } as const;
    if (!(await claim(store, numbered(PRUNES, next), await signPrune({ ...record, kept: [] }, signingKey)))) return contended;
  }
  const records = [...earlier.records];
  if (packs.size > 0 && !records.some(({ record }) => record.whole === true && [...packs].every((id) => record.discarded.includes(id)))) {
    const most = valid.reduce((most, manifest) => Math.max(most, manifest.records), 0);
    const record = { format: 1, vaultId: description.vaultId, sequence: earlier.next, at, actor, reason, records: most, versions: most, unopened: 0, tombstones: [], packs: [], discarded: [...packs].sort(), keys: [], whole: true } as const;
    const object = numbered(REDACTIONS, earlier.next);
    const signed = { ...record, tombstones: [], packs: [], discarded: [...record.discarded], keys: [] };
    if (!(await claim(store, object, await signRedaction(signed, signingKey)))) return contended;
    records.push({ sequence: earlier.next, object, record: signed });
  }
  const kept: Kept[] = [];
  const safe = protectedStore(store, description);
  const remove = async (keys: readonly string[]): Promise<void> => {
    for (const [i, key] of keys.entries()) {
      o.signal?.throwIfAborted();
      const stayed = await tryRemove(key.startsWith("parity/") ? store : safe, key);
      if (stayed !== null) kept.push(stayed);
      o.onProgress?.({ done: i + 1, total: keys.length });
    }
  };
  // Without its manifest a snapshot does not exist; from here on nothing promises what is about to go.
  await remove((await namesOf(store)).filter((key) => key.startsWith("snapshots/")));
  const certificates = await completeRedactions(o, records);
  await remove((await namesOf(store)).filter((key) => CONTENTS.test(key)));
  return { kind: "done", report: { snapshots: valid.length, packs: packs.size, certificates, kept } };
}

async function namesOf(store: ObjectStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list("")) names.push(key);
  return names;
}
