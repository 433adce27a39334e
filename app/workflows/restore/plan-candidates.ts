/** Which families a restore has to look at: what differs, of what was chosen. From the index where that is enough. */
import { changedRoots, type ChangedRoot, type ObjectStore, type SnapshotManifest, type Vault } from "#app/vault/index.ts";
import { REFERRING_KINDS } from "../compliance/person-records.ts";
import type { RestoreSelection } from "../ports.ts";
import { rootsOf, type RestoreStates } from "./plan-states.ts";

/** What a person's own record does not hold and names them: their orders, too. */
const NAMING_KINDS: ReadonlySet<string> = new Set(["Order", ...REFERRING_KINDS]);

export interface CandidatesOf {
  readonly selection: RestoreSelection;
  readonly states: RestoreStates;
  readonly vault: Vault;
  readonly store: ObjectStore;
  /** Null: the shop is asked record by record, or has nothing yet. */
  readonly before: SnapshotManifest | null;
  readonly emptyTarget: boolean;
  readonly scratchDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (found: number) => void;
}

/** `then`, `now` empty: not there then, or now. For chosen records `now` is null: nobody has asked yet. */
export type Candidate = Omit<ChangedRoot, "now"> & { readonly now: ChangedRoot["now"] | null };

/** Whether the whole shop is compared, so that what it has now must be in a snapshot. */
export function isWide({ scope }: RestoreSelection): boolean {
  return scope === "everything" || scope === "kinds" || scope === "namespace";
}

export async function* candidates(o: CandidatesOf): AsyncGenerator<Candidate> {
  const { selection, states } = o;
  const kinds = selection.scope === "kinds" ? new Set(selection.kinds) : null;
  if (isWide(selection)) {
    if (o.before !== null && !o.emptyTarget) {
      const reading = { store: o.store, description: o.vault.description, indexKey: o.vault.indexKey };
      yield* changedRoots({ ...reading, then: { manifest: states.overlay.base, overlay: states.overlay }, now: { manifest: o.before }, kinds, scratchDirectory: o.scratchDirectory, signal: o.signal, onProgress: o.onProgress });
      return;
    }
    for await (const { kind, id } of states.then.roots()) if (kinds === null || kinds.has(kind)) yield { kind, id, then: await states.then.family(kind, id), now: [] };
    return;
  }
  const ids = selection.scope === "person" ? await idsOfPeople(o, selection.ids) : (selection as { readonly ids: readonly string[] }).ids;
  const told = new Set<string>();
  for (const id of ids) {
    for (const root of await rootsOf(states, id)) {
      const key = `${root.kind}\0${root.id}`;
      if (told.has(key)) continue;
      told.add(key);
      yield { ...root, then: await states.then.family(root.kind, root.id), now: o.emptyTarget ? [] : null };
    }
  }
}

/** Their own records, and records of others' kinds that name them as a whole value: an order's customer, a draft's. Opens those kinds' roots, and nothing else. */
async function idsOfPeople({ states, signal, onProgress }: CandidatesOf, people: readonly string[]): Promise<readonly string[]> {
  const needles = people.flatMap((id) => [JSON.stringify(id), JSON.stringify(id).replaceAll("/", "\\/")]).map((text) => Buffer.from(text, "utf8"));
  const ids = [...people];
  let looked = 0;
  for await (const { kind, id } of states.then.roots()) {
    if (!NAMING_KINDS.has(kind)) continue;
    signal.throwIfAborted();
    onProgress(++looked);
    const root = await states.openRootThen(id);
    if (root?.kind !== kind) continue;
    const text = Buffer.from(root.bytes.buffer, root.bytes.byteOffset, root.bytes.byteLength);
    if (needles.some((needle) => text.includes(needle))) ids.push(id);
  }
  return ids;
}
