/** Removing, where "no" is an answer: a lock that still holds or a right that is missing is told, not thrown. */
import { StoreError } from "../object-store.ts";
import type { ObjectStore, StoreErrorCode } from "../object-store.ts";

/** An object that the store would not let go. */
export interface Kept {
  readonly object: string;
  readonly code: StoreErrorCode;
}

/** Locks looked at at once. */
const AT_ONCE = 16;

const ANSWERS: readonly StoreErrorCode[] = ["store.locked", "store.refused", "store.read_only"];

/** Of these names, what a lock would keep at that moment. One request each. */
export async function lockedAt({ locks }: ObjectStore, keys: Iterable<string>, now: Date): Promise<Kept[]> {
  const locked: Kept[] = [];
  if (locks === undefined) return locked;
  const queue = [...keys].values();
  const one = async (): Promise<void> => {
    for (const object of queue) {
      const until = await locks.until(object);
      if (until !== null && until > now) locked.push({ object, code: "store.locked" });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return locked.sort((a, b) => (a.object < b.object ? -1 : 1));
}

/** Null: it is gone. Throws StoreError for everything that may be different the next time. */
export async function tryRemove(store: ObjectStore, object: string): Promise<Kept | null> {
  try {
    await store.remove(object);
    return null;
  } catch (error) {
    if (error instanceof StoreError && ANSWERS.includes(error.code)) return { object, code: error.code };
    throw error;
  }
}
