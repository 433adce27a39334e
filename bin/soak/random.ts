/** The same numbers for the same seed: SHA-256 of seed and count, as fractions from 0 to 1. What happens when is drawn from it; time itself is not. */
import { createHash } from "node:crypto";

export function seeded(seed: string): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${seed} ${String(count++)}`).digest().readUInt32BE(0) / 2 ** 32;
}
