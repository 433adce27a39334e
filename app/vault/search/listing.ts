/** Which packs can be searched: their parts, as the store lists them. Of several generations the newest whole one counts. */
import { searchPartOf } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";

export interface SearchedPack {
  readonly pack: string;
  /** Object names, by generation, newest first. */
  readonly generations: readonly (readonly string[])[];
}

/** Of any names of objects: those of parts, by the pack they belong to. */
export function searchedPacks(objects: Iterable<string>): SearchedPack[] {
  const packs = new Map<string, Map<number, string[]>>();
  for (const key of objects) {
    const part = searchPartOf(key);
    if (part === null) continue;
    let generations = packs.get(part.pack);
    if (generations === undefined) packs.set(part.pack, (generations = new Map<number, string[]>()));
    const parts = generations.get(part.generation);
    if (parts === undefined) generations.set(part.generation, [key]);
    else parts.push(key);
  }
  return [...packs].map(([pack, generations]) => ({ pack, generations: [...generations].sort(([a], [b]) => b - a).map(([, parts]) => parts) }));
}

export async function listSearchParts(store: ObjectStore): Promise<SearchedPack[]> {
  const objects: string[] = [];
  for await (const { key } of store.list("search/")) objects.push(key);
  return searchedPacks(objects);
}
