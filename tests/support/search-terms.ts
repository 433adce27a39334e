/** Terms of test records, for vaults that shall have something to be searched by: a word that all share, and one of each record's own. */
import { createHash } from "node:crypto";
import type { TermSource } from "#app/vault/index.ts";

export const testTerms: TermSource = {
  version: 1,
  kinds: new Set(["customers"]),
  read: (_kind, bytes, start, end, found) => {
    found(3, "synthetic");
    found(3, wordOf(bytes.subarray(start, end)));
  },
};

/** A record's own word. */
export function wordOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
