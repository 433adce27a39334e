/** A workflow's "no", on its way to becoming one sentence (wording.ts). */
import type { HoldCode } from "#app/workflows/prune/hold-snapshots.ts";
import type { PruneCode } from "#app/workflows/prune/prune-vault.ts";
import type { RedactCode } from "#app/workflows/redact/redact-records.ts";

export type RefusedCode = HoldCode | PruneCode | RedactCode;

export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: RefusedCode;
  /** The stored object concerned; or the objects, the first named. */
  readonly object: string | undefined;
  constructor(code: RefusedCode, message: string, object?: string) {
    super(message);
    this.code = code;
    this.object = object;
  }
}
