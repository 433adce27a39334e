/** What packs are searched by (docs/design.md 11): there where a signed list names it, what its own name says, and all of its generation. Takes no key. */
import { sha256 } from "../crypto/digest.ts";
import { searchObject, searchPartOf } from "../format/names.ts";
import { searchedPacks } from "../search/listing.ts";
import { decodeHead, isWhole } from "../search/part.ts";
import type { StoredPart } from "../search/part.ts";
import type { Audit } from "./audit.ts";
import { faultOf } from "./audit.ts";

/** By pack: the parts that it is searched by, all of a generation. */
export type SearchedBy = ReadonlyMap<string, readonly StoredPart[]>;

/** `packs`: those that are needed, with the names of their parts as they were written with them. `read`: every byte, else presence, and the answer is empty. Adds to `named`. */
export async function checkSearch(audit: Audit, sizes: ReadonlyMap<string, number>, packs: ReadonlyMap<string, readonly string[]>, named: Set<string>, read: boolean): Promise<SearchedBy> {
  const searchedBy = new Map<string, readonly StoredPart[]>();
  const renewed = new Set<string>();
  for (const { pack, generations } of searchedPacks(sizes.keys())) {
    if (!packs.has(pack)) continue;
    for (const object of generations.flat()) {
      named.add(object);
      if ((searchPartOf(object)?.generation ?? 0) > 0) renewed.add(pack);
    }
    if (!read) continue;
    const parts = [];
    for (const objects of generations) parts.push(await readParts(audit, objects));
    const whole = parts.find((of) => isWhole(of.map(({ head }) => head)));
    const [newest = []] = parts;
    if (whole !== undefined) searchedBy.set(pack, whole);
    // Of those that were written with the pack its list says which they are, and each that is missing is told; what is damaged has been.
    else if (renewed.has(pack) && newest[0] !== undefined && newest.length === generations[0]?.length) audit.find("search.missing", newest[0].object, `the pack has ${newest[0].head.parts} parts, of which ${newest.length} are there; what is in the others is found by id only`);
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
  return searchedBy;
}

/** Those that are sound. */
async function readParts(audit: Audit, objects: readonly string[]): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for (const object of objects) {
    const bytes = await audit.read(object);
    const digest = bytes === null ? "" : sha256(bytes);
    if (bytes === null) audit.find("search.missing", object, "it was listed but is not there");
    else if (!digest.startsWith(searchPartOf(object)?.digest ?? "-")) audit.find("search.damaged", object, "its digest is not the one in its name; records in its pack may not be found by it");
    else {
      try {
        parts.push({ object, head: decodeHead(bytes, object).head, digest });
      } catch (error) {
        audit.find("search.damaged", object, faultOf(error).message);
      }
    }
  }
  return parts;
}
