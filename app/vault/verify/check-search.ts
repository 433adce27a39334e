/** What packs are searched by (docs/design.md 11): there where a signed list names it, and what its own name says. Takes no key. */
import { sha256 } from "../crypto/digest.ts";
import { searchObject, searchPartOf } from "../format/names.ts";
import type { Audit } from "./audit.ts";

/** `packs`: those that are needed, with the names of their parts as they were written with them. `read`: every byte, else presence. Adds to `named`. */
export async function checkSearch(audit: Audit, sizes: ReadonlyMap<string, number>, packs: ReadonlyMap<string, readonly string[]>, named: Set<string>, read: boolean): Promise<void> {
  const renewed = new Set<string>();
  for (const key of sizes.keys()) {
    const part = searchPartOf(key);
    if (part === null || !packs.has(part.pack)) continue;
    named.add(key);
    if (part.generation > 0) renewed.add(part.pack);
    if (!read) continue;
    const bytes = await audit.read(key);
    if (bytes === null) audit.find("search.missing", key, "it was listed but is not there");
    else if (!sha256(bytes).startsWith(part.digest)) audit.find("search.damaged", key, "its digest is not the one in its name; records in its pack may not be found by it");
  }
  for (const [pack, names] of packs) {
    // What was made anew stands in for what was written with the pack.
    if (renewed.has(pack)) continue;
    for (const name of names) {
      const object = searchObject(pack, name);
      named.add(object);
      if (!sizes.has(object)) audit.find("search.missing", object, "records in its pack are found by their ids only, until the search is rebuilt");
    }
  }
}
