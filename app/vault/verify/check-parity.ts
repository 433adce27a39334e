/** Parity that is needed and not there, or not what was written: found without any key. */
import { paritySize, readParity } from "../repair/parity.ts";
import { hasParity, parityKey } from "../repair/parity-store.ts";
import { faultOf } from "./audit.ts";
import type { Audit } from "./audit.ts";

/** `named`: every object the vault names; their parity is added. `promised`: all must be there, else what is there is checked. `read`: every byte of it, else presence and size. */
export async function checkParity(audit: Audit, sizes: ReadonlyMap<string, number>, named: Set<string>, promised: boolean, read: boolean): Promise<void> {
  for (const key of [...named]) {
    if (!hasParity(key)) continue;
    const name = parityKey(key);
    const size = sizes.get(name);
    if (size === undefined && !promised) continue;
    named.add(name);
    if (size === undefined) audit.find("parity.missing", name, `${key} could not be mended`);
    // A damaged object's size proves nothing about its parity.
    else if (sizes.has(key) && !audit.faulty(key) && size !== paritySize(sizes.get(key) as number)) audit.find("parity.damaged", name, "its length does not follow from its object's");
    else if (read) await checkBytes(audit, name);
  }
}

async function checkBytes(audit: Audit, name: string): Promise<void> {
  const bytes = await audit.read(name);
  if (bytes === null) {
    audit.find("parity.missing", name);
    return;
  }
  try {
    if (!readParity(bytes, name).whole) audit.find("parity.damaged", name, "its digest is not the one at its end");
  } catch (error) {
    audit.find("parity.damaged", name, faultOf(error).message);
  }
}
