/**
 * A restore whose target is a file for a named recipient: records as they were, one JSON object a line, in parts of some megabytes, each a General JSON JWE (RFC 7516) to
 * the recipient's key alone. It is written to the vault's storage; this host cannot read it back, so what is reported is what was written.
 */
import type { Assessment, ChangesOf, FamilyChange, RestoreTarget, ReviseOutcome, ReviseRun } from "#app/sources/port.ts";
import { checkedRecipient, putRestoreObject, restoreObjectNames, VaultError, type RestoreKeeper } from "#app/vault/index.ts";
import type { ExportDestination } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { fieldsOf } from "./plan-partial.ts";
import { SealedParts } from "./sealed-parts.ts";

const PREFIX = "export-";

/** A key that we seal to, whose id is its thumbprint (RFC 7638). */
export async function isExportable({ recipient }: ExportDestination): Promise<boolean> {
  try {
    await checkedRecipient(recipient);
    return true;
  } catch (error) {
    if (error instanceof VaultError) return false;
    throw error;
  }
}

export interface ExportOptions {
  readonly keeper: RestoreKeeper;
  readonly planId: string;
  /** Root kinds of the plan. */
  readonly kinds: ReadonlySet<string>;
}

/** Null options: only to plan. */
export function exportTarget({ name, recipient }: ExportDestination, options: ExportOptions | null): RestoreTarget {
  return {
    description: { type: "jsonl", name },
    orderedKinds: new Set(),
    assess,
    apply: () => Promise.reject(new TypeError("an export is made of a plan")),
    async *read() {
      // Nothing of it can be opened here.
    },
    async revise(changes: ChangesOf, run: ReviseRun): Promise<ReviseOutcome> {
      if (options === null) throw new TypeError("there is nowhere to write an export to");
      const parts = await openParts({ name, recipient, kind: "export" }, options);
      let restored = 0;
      for await (const { kind, id, then } of changes(options.kinds)) {
        run.signal.throwIfAborted();
        if (then === null) continue;
        if (restored % 500 === 0) await run.paused?.();
        for (const record of then) await parts.sealed.add(record);
        restored++;
        await run.onResult?.({ kind, id, outcome: "restored" });
      }
      await parts.finish();
      return { ids: new Map(), counts: { restored, "restored-with-losses": 0, refused: 0, skipped: 0 }, costPoints: 0 };
    },
  };
}

/** Names of the finished export's parts, in order; empty: none was finished. */
export async function exportParts(store: RestoreKeeper["store"], planId: string): Promise<readonly string[]> {
  const names = await restoreObjectNames(store, planId, PREFIX);
  const whole = names.filter((name) => name.endsWith("-end")).at(-1);
  return whole === undefined ? [] : names.filter((name) => name !== whole && name.startsWith(whole.slice(0, -"end".length)));
}

function assess({ then }: FamilyChange): Assessment {
  if (then === null) return { action: "none", changes: [], losses: [], costPoints: 0 };
  return { action: "create", changes: then.map((record) => ({ kind: record.kind, id: record.id, fields: Object.keys(fieldsOf(record) ?? {}) })), losses: [], costPoints: 0 };
}

/** A life that died leaves parts without an end: each has a number of its own. */
async function openParts({ recipient }: ExportDestination, { keeper, planId }: ExportOptions): Promise<{ readonly sealed: SealedParts; finish(): Promise<void> }> {
  const numbers = (await restoreObjectNames(keeper.store, planId, PREFIX)).map((name) => Number(/^export-(\d+)-/.exec(name)?.[1] ?? 0));
  const prefix = `${PREFIX}${String(numbers.reduce((most, one) => Math.max(most, one), 0) + 1).padStart(4, "0")}-`;
  const put = async (name: string, bytes: Buffer): Promise<void> => {
    if (!(await putRestoreObject(keeper, planId, `${prefix}${name}`, bytes))) throw new RunFailed("restore.contended", "another process carries out this plan");
  };
  const sealed = new SealedParts({ recipient, vaultId: keeper.description.vaultId, planId, put: (part, bytes) => put(String(part).padStart(6, "0"), bytes) });
  return {
    sealed,
    async finish() {
      await sealed.finish();
      await put("end", Buffer.from(JSON.stringify({ format: 1, parts: sealed.parts, recipient: recipient.keyId })));
    },
  };
}
