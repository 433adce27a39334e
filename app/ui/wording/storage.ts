/** What the storage check tried, in plain words, keyed by the step the workflow reports. */
import type { StorageCheckModel } from "../models.ts";

const STEPS: Record<string, readonly [done: string, failed: string]> = {
  address: ["Read the address", "Read the address: it cannot be used, so nothing was tried"],
  open: ["Reached the storage", "Could not reach the storage"],
  write: ["Wrote a small test object", "Could not write a test object"],
  "write-once": ["Saw that an object cannot be overwritten", "An object could be overwritten"],
  read: ["Read it back, byte for byte", "Could not read the test object back"],
  range: ["Read a part of it", "Could not read a part of the test object"],
  list: ["Found it in the listing", "Did not find it in the listing"],
  remove: ["Removed it again", "Could not remove the test object"],
  empty: ["Saw that no other vault is there", "There is already a vault at this address"],
};

export function checkStep(step: string, ok: boolean): string {
  const words = STEPS[step];
  if (!words) return ok ? `Tried “${step}”: worked` : `Tried “${step}”: did not work`;
  return ok ? words[0] : words[1];
}

export function checkAnswer(check: StorageCheckModel): string {
  return check.ok ? "This storage does what it must." : "This storage cannot be used yet.";
}
