/** What lies in one copy of a vault and not in the other, or differs, among the objects that nobody's absence tells: by itself each copy looks whole. */
import { lockClassOf, packKey, promisedDigest, searchPartOf } from "../format/names.ts";
import type { Copies, ObjectStore } from "../object-store.ts";
import type { Finding } from "../types.ts";

/** Objects that are never removed but on purpose, one and all: manifests, the journal, records of what was done, the ledger. Packs, indexes and keys are missed by whoever names them. */
export function isLasting(key: string): boolean {
  if (promisedDigest(key) !== null || searchPartOf(key) !== null || key === packKey(key)) return false;
  return /^(?:restores|ledger\/checkpoints|ledger\/cosigned)\//.test(key) || lockClassOf(key) === "full";
}

/** `said`: names that other findings are about already. */
export async function compareCopies({ each }: Copies, said: ReadonlySet<string>): Promise<Finding[]> {
  const findings: Finding[] = [];
  const held = new Map<string, Set<string>>();
  for (const { name, store } of each) {
    for await (const { key } of store.list("")) {
      if (!isLasting(key)) continue;
      const holders = held.get(key);
      if (holders === undefined) held.set(key, new Set([name]));
      else holders.add(name);
    }
  }
  for (const [object, holders] of held) {
    const lacking = each.filter(({ name }) => !holders.has(name));
    for (const { name, store } of lacking) {
      // Written or removed since it was listed.
      const [here, elsewhere] = await Promise.all([store.get(object), someOf(each, holders, object)]);
      if (here === null && elsewhere !== null) findings.push({ code: "copy.missing", object, copy: name, detail: `the ${name} copy lacks it` });
    }
    if (lacking.length > 0 || said.has(object)) continue;
    const [one, ...others] = await Promise.all(each.map(({ store }) => store.get(object)));
    if (others.some((other) => one != null && other !== null && Buffer.compare(one, other) !== 0)) findings.push({ code: "copy.diverged", object, detail: "the copies hold different bytes under this name" });
  }
  return findings;
}

async function someOf(each: Copies["each"], holders: ReadonlySet<string>, object: string): Promise<Uint8Array | null> {
  const holder = each.find(({ name }) => holders.has(name))?.store as ObjectStore;
  return holder.get(object);
}
