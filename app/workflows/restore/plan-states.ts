/** The two sides of a restore: the shop as of the chosen moment, from the vault, and as it is now. Opens records with the keys that were handed in, and only those that are asked for. */
import type { ChangesOf, RestoreTarget } from "#app/sources/port.ts";
import { familyIndex, stateAt, type ContentKeys, type FamilyIndex, type ObjectStore, type Overlay, type RecordKey, type SnapshotManifest, type SourceRecord, type Vault } from "#app/vault/index.ts";
import type { CurrentRecords, RestorePlanRow, RestoreSelection } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { kindOfId } from "../compliance/person-records.ts";
import { partOf } from "./plan-partial.ts";
import { plannedFamilies } from "./plan-store.ts";
import { decisionOf, decisionsOf, type RestorePlan } from "./plan-types.ts";

export interface OpenStates {
  readonly shop: string;
  readonly vault: Vault;
  readonly store: ObjectStore;
  readonly keys: ContentKeys;
  readonly at: Date;
  /** Null: the newest that was committed by then. */
  readonly base: SnapshotManifest | null;
  /** What the shop has now; null: it is asked record by record. */
  readonly before: SnapshotManifest | null;
  /** The shop itself; absent: nothing can be asked of it. */
  readonly current: CurrentRecords | null;
  /** A target that has nothing of the vault's shop: another shop, a sandbox. */
  readonly emptyTarget: boolean;
  /** Another shop, with what earlier restores created there: by the vault's ids, and how to read it. Null: there is none, or nothing of ours is kept in it. */
  readonly elsewhere: { readonly known: ReadonlyMap<string, string>; readonly read: RestoreTarget["read"] } | null;
  readonly scratchDirectory: string;
  readonly signal: AbortSignal;
}

export interface RestoreStates {
  readonly overlay: Overlay;
  readonly then: FamilyIndex;
  /** Null: the shop is asked record by record. */
  readonly now: FamilyIndex | null;
  readonly isTombstoned: (key: RecordKey) => boolean;
  /** Root first; without whoever was erased. Null: it was not there. `erased`: it was, and is not to come back. */
  openThen(kind: string, id: string): Promise<{ readonly records: readonly SourceRecord[] | null; readonly erased: boolean }>;
  /** A root without what belongs to it; null: erased, or not there. */
  openRootThen(id: string): Promise<SourceRecord | null>;
  /** Everything that the shop has now, where there is a snapshot of it; null: it is asked record by record. */
  recordsNow(): AsyncIterable<readonly SourceRecord[]> | null;
  /** Null: it is not there. */
  openNow(kind: string, id: string): Promise<readonly SourceRecord[] | null>;
}

export async function openStates(o: OpenStates): Promise<RestoreStates> {
  const { vault, store, signal } = o;
  const reading = { store, description: vault.description, indexKey: vault.indexKey };
  const then = await stateAt({ ...reading, keys: o.keys, at: o.at, scratchDirectory: o.scratchDirectory, ...(o.base === null ? {} : { base: o.base }) });
  const isTombstoned = await vault.tombstones();
  const before = o.before === null ? null : vault.read(o.before, o.keys, { threads: 0 });
  const index = familyIndex(reading, { manifest: then.overlay.base, overlay: then.overlay });
  return {
    overlay: then.overlay,
    then: index,
    now: o.before === null ? null : familyIndex(reading, { manifest: o.before }),
    isTombstoned,
    async openThen(kind, id) {
      const records = await then.tree(id);
      const [root] = records;
      if (root?.kind === kind && root.parentId === null) {
        const allowed = records.filter((record) => !isTombstoned(record));
        if (allowed[0] === root) return { records: allowed, erased: false };
      }
      return { records: null, erased: (await index.family(kind, id)).length > 0 };
    },
    async openRootThen(id) {
      const record = (await then.get(id))?.record ?? null;
      return record === null || record.parentId !== null || isTombstoned(record) ? null : record;
    },
    recordsNow: () => before?.records() ?? null,
    async openNow(kind, id) {
      if (o.elsewhere !== null) return openThere(o.elsewhere, kind, id, signal);
      if (o.emptyTarget) return null;
      if (before !== null) {
        const records = await before.tree(id);
        return records[0]?.kind === kind && records[0].parentId === null ? records : null;
      }
      if (o.current === null) throw new RunFailed("restore.shop_unreachable", "nothing can be asked of the shop record by record");
      return o.current.fetch(o.shop, kind, id, signal);
    },
  };
}

/** Whether another shop's own state of a record counts. A part of one cannot be told from a part of another under other ids, so nothing of it is put there. */
export function isWholeElsewhere({ target, selection }: Pick<RestorePlanRow, "target" | "selection">): boolean {
  return target.kind === "shop" && selection.scope !== "namespace" && selection.scope !== "field";
}

/** What another shop has of a record that an earlier restore created there. What it has of its own is none of ours. */
async function openThere({ known, read }: NonNullable<OpenStates["elsewhere"]>, kind: string, id: string, signal: AbortSignal): Promise<readonly SourceRecord[] | null> {
  const there = known.get(id);
  if (there === undefined) return null;
  for await (const { records } of read([{ kind, id: there }], signal)) return records;
  return null;
}

/** What is to be put back of a family: all of it, or the part that was chosen. Null: nothing. */
export function meant(selection: RestoreSelection, then: readonly SourceRecord[] | null, now: readonly SourceRecord[] | null, root: { readonly id: string }): { readonly then: readonly SourceRecord[] | null; readonly now: readonly SourceRecord[] | null } | null {
  if (selection.scope === "namespace" || selection.scope === "field") {
    const part = partOf(selection, then ?? [], now ?? []);
    return part === null ? null : { then: part, now };
  }
  if (selection.scope === "records" && !selection.ids.includes(root.id)) {
    // A record beneath the root was chosen, not the root: the rest stays as it is today.
    let part = now ?? [];
    for (const id of selection.ids) part = partOf({ scope: "beneath", id }, then ?? [], part) ?? part;
    return now === null ? null : { then: part, now };
  }
  return { then, now };
}

/** The root that an id belongs to: itself, or what it hangs on, then or now. */
export async function rootsOf(states: RestoreStates, id: string): Promise<readonly { readonly kind: string; readonly id: string }[]> {
  const found = new Map<string, { kind: string; id: string }>();
  for (const index of [states.then, states.now]) for (const root of (await index?.rootsWith(id)) ?? []) found.set(root.kind, root);
  if (found.size > 0) return [...found.values()];
  const record = await states.then.rootAbove(id);
  if (record !== null) return [record];
  // Known to nobody but the shop: made after the moment.
  return kindOfId(id) === "" ? [] : [{ kind: kindOfId(id), id }];
}

/** The plan's families as a target takes them: those that are to be put back, opened one at a time, one pass over the plan for each set of root kinds. */
export function changesOf(plan: RestorePlan, states: RestoreStates, o: { readonly store: ObjectStore; readonly vault: Vault; readonly signal: AbortSignal }): ChangesOf {
  const decisions = decisionsOf(plan);
  const reader = { store: o.store, description: o.vault.description, indexKey: o.vault.indexKey };
  return async function* (rootKinds) {
    for await (const family of plannedFamilies(reader, plan)) {
      o.signal.throwIfAborted();
      if (!rootKinds.has(family.kind) || family.action === "none" || family.action === "refuse" || decisionOf(plan.rule, decisions, family) !== "overwrite") continue;
      const now = await states.openNow(family.kind, family.nowId ?? family.id);
      // What only names others is put back as it is today.
      const then = family.only === "references" ? now : (await states.openThen(family.kind, family.id)).records;
      const change = family.only === "references" ? { then, now } : meant(plan.selection, then, now, family);
      if (change === null || (change.then === null && change.now === null)) continue;
      yield { kind: family.kind, id: family.id, ...change };
    }
  };
}
