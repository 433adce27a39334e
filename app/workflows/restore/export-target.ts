/**
 * A restore whose target is a file for a named recipient: records as they were, one JSON object a line, in parts of some megabytes, each a General JSON JWE (RFC 7516) to
 * the recipient's key alone. It is written to the vault's storage; this host cannot read it back, so what is reported is what was written.
 */
import type { Assessment, ChangesOf, FamilyChange, RestoreTarget, ReviseOutcome, ReviseRun } from "#app/sources/port.ts";
import { checkedRecipient, putRestoreObject, restoreObjectNames, sealMessage, VaultError, type RestoreKeeper, type SourceRecord } from "#app/vault/index.ts";
import type { ExportDestination } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { fieldsOf } from "./plan-partial.ts";

/** Of records, before they are sealed: in memory twice while a part is sealed. */
const PART_BYTES = 8 * 1024 * 1024;
const NEWLINE = Uint8Array.of(0x0a);
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
      const parts = await Parts.open({ name, recipient, kind: "export" }, options);
      let restored = 0;
      for await (const { kind, id, then } of changes(options.kinds)) {
        run.signal.throwIfAborted();
        if (then === null) continue;
        if (restored % 500 === 0) await run.paused?.();
        for (const record of then) await parts.add(record);
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

class Parts {
  readonly #to: ExportDestination;
  readonly #o: ExportOptions;
  readonly #prefix: string;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #written = 0;

  private constructor(to: ExportDestination, o: ExportOptions, number: number) {
    this.#to = to;
    this.#o = o;
    this.#prefix = `${PREFIX}${String(number).padStart(4, "0")}-`;
  }

  /** A life that died leaves parts without an end: each has a number of its own. */
  static async open(to: ExportDestination, o: ExportOptions): Promise<Parts> {
    const numbers = (await restoreObjectNames(o.keeper.store, o.planId, PREFIX)).map((name) => Number(/^export-(\d+)-/.exec(name)?.[1] ?? 0));
    return new Parts(to, o, numbers.reduce((most, one) => Math.max(most, one), 0) + 1);
  }

  async add({ bytes }: SourceRecord): Promise<void> {
    this.#lines.push(Buffer.from(bytes), NEWLINE);
    this.#bytes += bytes.length + 1;
    if (this.#bytes >= PART_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#put("end", Buffer.from(JSON.stringify({ format: 1, parts: this.#written, recipient: this.#to.recipient.keyId })));
  }

  async #flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const text = Buffer.concat(this.#lines);
    for (const line of this.#lines) if (line !== NEWLINE) line.fill(0);
    this.#lines = [];
    this.#bytes = 0;
    const part = ++this.#written;
    const { keeper, planId } = this.#o;
    const sealed = await sealMessage(text, { typ: "holdfast-export", cty: "application/jsonl", vault: keeper.description.vaultId, plan: planId, part: String(part) }, [this.#to.recipient]);
    text.fill(0);
    await this.#put(String(part).padStart(6, "0"), sealed);
  }

  async #put(name: string, bytes: Buffer): Promise<void> {
    if (!(await putRestoreObject(this.#o.keeper, this.#o.planId, `${this.#prefix}${name}`, bytes))) throw new RunFailed("restore.contended", "another process carries out this plan");
  }
}
