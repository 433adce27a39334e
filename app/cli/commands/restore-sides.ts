/** The two sides of a restore from the command line: the vault at a snapshot or at any second between two, and the shop that is written to, with what earlier restores created there. */
import type { FamilyChange, RestoreTarget } from "#app/sources/port.ts";
import { contentKeys, type ObjectStore, type RestoreKeeper, type SnapshotManifest, type SourceRecord, type Vault } from "#app/vault/index.ts";
import { knownIds } from "#app/workflows/restore/apply-log.ts";
import { candidates } from "#app/workflows/restore/plan-candidates.ts";
import { openStates, type RestoreStates } from "#app/workflows/restore/plan-states.ts";
import type { RestoreSelection } from "#app/workflows/ports.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { openerFrom, openToWrite, type IdentityOptions } from "../open-vault.ts";
import { openTarget } from "../open-target.ts";
import { withScratch } from "../scratch.ts";

const AT_ONCE = 100;

export interface Moment {
  readonly address: string;
  /** A snapshot's id, "latest", "latest~2" …; null: `at` says which is beneath it. */
  readonly snapshot: string | null;
  /** A second that the journal knows; null: the snapshot's own. */
  readonly at: string | null;
}

export interface Opened {
  readonly states: RestoreStates;
  readonly vault: Vault;
  readonly store: ObjectStore;
  readonly scratchDirectory: string;
  readonly keeper: RestoreKeeper;
  /** The snapshot, or the one beneath the moment. */
  readonly base: SnapshotManifest;
  /** What the records go back to, ISO 8601 UTC. */
  readonly at: string;
  readonly vaultId: string;
}

export interface Sides extends Opened {
  readonly target: RestoreTarget;
  readonly ids: { readonly known: ReadonlyMap<string, string>; readonly same: boolean };
}

export interface Root {
  readonly kind: string;
  readonly id: string;
}

export async function withMoment<T>(cli: Cli, o: Moment, keys: IdentityOptions, work: (opened: Opened) => Promise<T>): Promise<T> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { store, vault, hostKeys } = await openToWrite(cli, o.address, scratchDirectory);
    const opener = await openerFrom(cli, keys);
    if (opener === null) throw new CliError("cli.usage", "a restore opens the snapshot: give --identity");
    const base = o.snapshot === null ? await beneath(cli, vault, o.at) : await vault.resolve(o.snapshot);
    const at = o.at ?? base.takenAt;
    const states = await openStates({ shop: base.source.name, vault, store, keys: contentKeys(store, opener), at: new Date(at), base, before: null, current: null, emptyTarget: true, elsewhere: null, scratchDirectory, signal: cli.signal });
    const keeper: RestoreKeeper = { store, description: vault.description, indexKey: vault.indexKey, signingKey: hostKeys.signingKey, random: cli.random };
    return work({ states, vault, store, scratchDirectory, keeper, base, at, vaultId: vault.description.vaultId });
  });
}

export async function withSides<T>(cli: Cli, o: Moment & { readonly to: string }, keys: IdentityOptions, work: (sides: Sides) => Promise<T>): Promise<T> {
  return withMoment(cli, o, keys, async (opened) => {
    const target = await openTarget(cli, o.to);
    const { name } = target.description;
    return work({ ...opened, target, ids: { known: await knownIds(opened.keeper, name), same: opened.base.source.name === name } });
  });
}

/** The newest snapshot that was committed by then. */
async function beneath(cli: Cli, vault: Vault, at: string | null): Promise<SnapshotManifest> {
  const base = at === null || new Date(at) > cli.clock.now() ? undefined : (await vault.snapshots()).find(({ takenAt }) => takenAt <= at);
  if (base === undefined) throw new CliError("cli.usage", "there is no copy from that moment: choose one between the first snapshot and now");
  return base;
}

/** What was chosen, as it was then; without whoever was erased. */
export async function* chosenRoots(cli: Cli, { states, vault, store, scratchDirectory }: Opened, selection: RestoreSelection): AsyncGenerator<Root> {
  for await (const { kind, id, then } of candidates({ selection, states, vault, store, before: null, emptyTarget: true, scratchDirectory, signal: cli.signal, onProgress: (looked) => cli.progress(`looking · ${looked}`) })) if (then.length > 0) yield { kind, id };
}

export async function treeOf({ states }: Pick<Opened, "states">, { kind, id }: Root): Promise<readonly SourceRecord[]> {
  return (await states.openThen(kind, id)).records ?? [];
}

/** Each family as it was and as the target has it. */
export async function* sides(cli: Cli, { states, target, ids }: Pick<Sides, "states" | "target" | "ids">, roots: AsyncIterable<Root> | Iterable<Root>): AsyncGenerator<FamilyChange> {
  const idNow = (id: string): string | undefined => ids.known.get(id) ?? (ids.same ? id : undefined);
  let part: Root[] = [];
  const flush = async function* (): AsyncGenerator<FamilyChange> {
    cli.signal.throwIfAborted();
    const now = new Map<string, FamilyChange["now"]>();
    for await (const { id, records } of target.read(part.flatMap(({ kind, id }) => (idNow(id) === undefined ? [] : [{ kind, id: idNow(id)! }])), cli.signal)) now.set(id, records);
    for (const root of part) {
      const then = await treeOf({ states }, root);
      if (then.length > 0) yield { ...root, then, now: now.get(idNow(root.id) ?? "") ?? null };
    }
    part = [];
  };
  for await (const root of roots) {
    part.push({ kind: root.kind, id: root.id });
    if (part.length >= AT_ONCE) yield* flush();
  }
  if (part.length > 0) yield* flush();
}
