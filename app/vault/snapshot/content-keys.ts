import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys, KeyOpener } from "../ports.ts";
export function contentKeys(store: ObjectStore, opener: KeyOpener): ContentKeys { throw new Error("not yet"); }
