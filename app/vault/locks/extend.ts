/**
 * Keeps locked what a snapshot that stays rests on, however long ago it was written (docs/design.md 8.8).
 *
 * A lock is for a period and is set anew when half of it is over, so that there is always half a period left, and not a day more than a period to wait once
 * something may go. How far the locks are is read off one object of each class (the description, and the index key as it is wrapped now), whose lock is always
 * the last to be set anew: three or four requests when there is nothing to do, one for each object when there is, and a sweep that was broken off is begun again.
 */
import { DESCRIPTION, lockClassOf, lockDaysOf, MANIFEST_NAME, wrappedKeyObject, wrappedKeyOf } from "../format/names.ts";
import { cutThrough, readCuts } from "../journal/cut.ts";
import { journalSequenceOf } from "../journal/names.ts";
import { JournalNeeds } from "../journal/needs.ts";
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock } from "../ports.ts";
import { readRecipients } from "../recipients/current.ts";
import { Needed, readManifests } from "../retention/needed.ts";
import { readPrunes, SWEEPABLE } from "../retention/prunes.ts";
import { readRedactions } from "../retention/redactions.ts";
import type { VaultDescription } from "../types.ts";

const DAY = 24 * 3_600_000;
/** Requests at once. */
const AT_ONCE = 16;

export interface ExtendLocks {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Answers how many objects' locks were set anew. 0 where the store locks nothing, and when more than half of each period is left. */
export async function extendLocks({ store, description, clock, signal }: ExtendLocks): Promise<number> {
  const { locks } = store;
  if (locks === undefined) return 0;
  const now = clock.now().getTime();
  const due: { readonly kind: "full" | "keys"; readonly witness: string; readonly until: Date }[] = [];
  const index = wrappedKeyOf(description.indexKeyObject);
  const { generation } = await readRecipients(store, description);
  for (const witness of [DESCRIPTION, ...(index === null ? [] : [wrappedKeyObject(index.name, generation)])]) {
    const kind = lockClassOf(witness);
    const period = (lockDaysOf(witness, locks.days) ?? 0) * DAY;
    const ends = (await locks.until(witness))?.getTime() ?? 0;
    if (kind !== null && ends - now < period / 2) due.push({ kind, witness, until: new Date(now + period) });
  }
  if (due.length === 0) return 0;
  const names = await namesToKeep(store, description);
  let extended = 0;
  for (const { kind, witness, until } of due) {
    const queue = names.filter((name) => lockClassOf(name) === kind && name !== witness).values();
    const one = async (): Promise<void> => {
      for (const name of queue) {
        signal?.throwIfAborted();
        await locks.extend(name, until);
        extended++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    await locks.extend(witness, until);
    extended++;
  }
  return extended;
}

/** What is to stay locked. What a prune or a cut has said goodbye to is not: its lock runs out, and then it goes. */
async function namesToKeep(store: ObjectStore, description: VaultDescription): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list("")) if (lockClassOf(key) !== null) names.push(key);
  const goodbye = await said(store, description);
  // As long as something cannot be read, nobody can tell what it needs.
  return goodbye === null ? names : names.filter((name) => !goodbye(name, names));
}

/** Null: not known. */
async function said(store: ObjectStore, description: VaultDescription): Promise<((name: string, names: readonly string[]) => boolean) | null> {
  const { valid, damaged } = await readManifests(store, description);
  const redactions = await readRedactions(store, description);
  const prunes = await readPrunes(store, description);
  const cuts = await readCuts(store, description);
  if (damaged.length + redactions.damaged.length + redactions.missing.length + prunes.damaged.length + prunes.missing.length + cuts.damaged.length > 0) return null;
  const needed = new Needed(store, redactions);
  try {
    for (const manifest of valid) if (prunes.expired.get(manifest.snapshotId) !== manifest.digest) await needed.add(manifest);
    const through = cutThrough(cuts);
    const journal = new JournalNeeds(store, description, (sequence) => sequence > through);
    for await (const pack of journal.packs()) needed.addPacks([pack]);
    if (journal.damaged.size > 0) return null;
    const { generation } = await readRecipients(store, description);
    const inForce = new Map<string, number>();
    for await (const { key } of store.list("keys/")) {
      const wrapped = wrappedKeyOf(key);
      if (wrapped !== null && wrapped.generation <= generation) inForce.set(wrapped.name, Math.max(inForce.get(wrapped.name) ?? 0, wrapped.generation));
    }
    return (name) => {
      const segment = journalSequenceOf(name);
      if (segment !== null) return segment <= through;
      const wrapped = wrappedKeyOf(name);
      // What a rotation replaced must be destroyed as soon as may be.
      if (wrapped !== null && wrapped.generation < (inForce.get(wrapped.name) ?? 0)) return true;
      return (SWEEPABLE.test(name) || MANIFEST_NAME.test(name)) && !needed.has(name);
    };
  } catch (error) {
    if (error instanceof VaultError && (error.code === "vault.damaged_object" || error.code === "vault.missing_object")) return null;
    throw error;
  }
}
