/** Removing, where "no" is an answer: a lock that still holds or a right that is missing is told, not thrown. */
import { StoreError } from "../object-store.ts";
import type { ObjectStore, StoreErrorCode } from "../object-store.ts";

/** An object that the store would not let go. */
export interface Kept {
  readonly object: string;
  readonly code: StoreErrorCode;
}

const ANSWERS: readonly StoreErrorCode[] = ["store.locked", "store.refused", "store.read_only"];

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
