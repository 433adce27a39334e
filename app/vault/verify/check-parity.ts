/** Parity that is needed and not there, or not what was written: found without any key. */
import { sha256 } from "../crypto/digest.ts";
import { promisedDigest } from "../format/names.ts";
import { paritySize, readParity } from "../repair/parity.ts";
import { hasParity, mustHaveParity, parityKey } from "../repair/parity-store.ts";
import { faultOf } from "./audit.ts";
import type { Audit } from "./audit.ts";

/** `named`: every object the vault names; their parity is added. `promised`: all must be there, else what is there is checked. `read`: every byte of it, else presence and size. */
export async function checkParity(audit: Audit, sizes: ReadonlyMap<string, number>, named: Set<string>, promised: boolean, read: boolean): Promise<void> {
  for (const key of [...named]) {
    if (!hasParity(key)) continue;
    const name = parityKey(key);
    const size = sizes.get(name);
    if (size === undefined && !(promised && mustHaveParity(key))) continue;
    named.add(name);
    if (size === undefined) audit.find("parity.missing", name, `${key} could not be mended`);
    // A damaged object's size proves nothing about its parity.
    else if (sizes.has(key) && !audit.faulty(key) && size !== paritySize(sizes.get(key) as number)) audit.find("parity.damaged", name, "its length does not follow from its object's");
    else if (read) await checkBytes(audit, name, sizes.has(key) && !audit.faulty(key) ? key : null);
  }
}

/** `object`: what it must be the parity of; null when that is damaged itself. */
async function checkBytes(audit: Audit, name: string, object: string | null): Promise<void> {
  const bytes = await audit.read(name);
  if (bytes === null) {
    audit.find("parity.missing", name);
    return;
  }
  try {
    const { digest, whole } = readParity(bytes, name);
    if (!whole) audit.find("parity.damaged", name, "its digest is not the one at its end");
    else if (object !== null && (await digestOf(audit, object)) !== digest) audit.find("parity.damaged", name, "it is of another object");
  } catch (error) {
    audit.find("parity.damaged", name, faultOf(error).message);
  }
}

/** What is large says its digest in its name. */
async function digestOf(audit: Audit, object: string): Promise<string | null> {
  const promised = promisedDigest(object);
  if (promised !== null) return promised;
  const bytes = await audit.read(object);
  return bytes === null ? null : sha256(bytes);
}
