import { VaultError } from "#app/vault/errors.ts";

/** Doubles; refuses negative numbers with a coded error, and ends its thread at 13. */
export function double(task: number): number {
  if (task < 0) throw new VaultError("vault.damaged_object", "it is negative", { object: "packs/ab/cd", retry: "later" });
  if (task === 13) process.exit(1);
  return task * 2;
}
