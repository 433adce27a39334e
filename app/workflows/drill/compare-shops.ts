/**
 * Is the restored shop the same as the snapshot? Both are brought into comparable form and written as two snapshots of one scratch vault
 * (sealed to a key that only this process has): equal content gives equal roots, and what differs is found by comparing the two trees.
 */
import type { Source } from "#app/sources/port.ts";
import { contentKeys, createVault, openVault, type SnapshotManifest, type SnapshotReader, type SourceRecord, type Vault } from "#app/vault/index.ts";
import type { Comparable, Comparison, Ports, ScratchSpace } from "../ports.ts";

/** Records that are looked at one by one to name the fields that differ; beyond these only their number is told, by kind. */
const NAMED = 500;

export interface Difference {
  readonly kind: string;
  /** "(missing)": not in the restored shop. "(unexpected)": only there. "(not looked at)": beyond the limit. */
  readonly field: string;
  readonly records: number;
}

/** A source that could not be read whole: what it holds cannot be compared. */
export interface Unread {
  readonly gaps: number;
  readonly firstCode: string;
}

export class ShopComparison {
  readonly #vault: Vault;
  readonly #scratch: ScratchSpace;
  readonly #comparison: Comparison;

  private constructor(vault: Vault, scratch: ScratchSpace, comparison: Comparison) {
    this.#vault = vault;
    this.#scratch = scratch;
    this.#comparison = comparison;
  }

  static async open(ports: Pick<Ports, "clock" | "random">, scratch: ScratchSpace, comparison: Comparison): Promise<ShopComparison> {
    const { clock, random } = ports;
    const { store, directory } = scratch;
    const { hostKeys } = await createVault({ store, recipients: [scratch.recipient], clock, random });
    return new ShopComparison(await openVault({ store, hostKeys, clock, random, scratchDirectory: directory }), scratch, comparison);
  }

  /** Reads the restored shop. Answers what could not be read, if anything. */
  async restored(source: Source, ids: ReadonlyMap<string, string>, signal: AbortSignal, onRecords: (records: number) => void): Promise<{ manifest: SnapshotManifest; unread: Unread | null }> {
    const comparable = this.#comparison.restored(ids);
    const gaps: string[] = [];
    const manifest = await this.#write("restored", async (write) => {
      let records = 0;
      const found: Record<string, number> = {};
      const expected: Record<string, number> = {};
      for await (const stream of source.streams({ signal })) {
        for await (const batch of stream.records()) {
          for (const record of batch) found[record.kind] = (found[record.kind] ?? 0) + 1;
          await write(batch, comparable);
          onRecords((records += batch.length));
        }
        const outcome = await stream.finish();
        gaps.push(...outcome.gaps.map(({ code }) => code));
        for (const [kind, count] of Object.entries(outcome.counts)) expected[kind] = count.expected;
      }
      for (const [kind, count] of Object.entries(expected)) if (count !== (found[kind] ?? 0)) gaps.push("count.mismatch");
    });
    return { manifest, unread: gaps[0] === undefined ? null : { gaps: gaps.length, firstCode: gaps[0] } };
  }

  /** The snapshot itself, in key order so that places of line items are their own. */
  original(reader: SnapshotReader, signal: AbortSignal): Promise<SnapshotManifest> {
    const comparable = this.#comparison.original();
    return this.#write("original", async (write) => {
      for await (const batch of reader.records({ order: "key" })) {
        signal.throwIfAborted();
        await write(batch, comparable);
      }
    });
  }

  /** By kind and field, sorted; empty when the roots are equal. */
  async differences(original: SnapshotManifest, restored: SnapshotManifest): Promise<readonly Difference[]> {
    if (original.root === restored.root) return [];
    const { ids, byKind } = await this.#vault.diff(original, restored, { idLimit: NAMED });
    const keys = contentKeys(this.#scratch.store, this.#scratch.opener);
    const before = this.#vault.read(original, keys);
    const after = this.#vault.read(restored, keys);
    const tally = new Tally();

    for (const id of ids.changed) {
      const [one, other] = [await before.get(id), await after.get(id)];
      // What was erased on purpose since the snapshot is nothing to compare.
      if (one?.record && other?.record) tally.add(one.record.kind, this.#comparison.fields(one.record.bytes, other.record.bytes));
    }
    for (const id of ids.moved) {
      const moved = await before.get(id);
      if (moved?.record) tally.add(moved.record.kind, ["(order)"]);
    }
    // A child whose key is its content shows as one missing and one unexpected: the two are laid side by side again.
    const unexpected = await group(after, ids.added);
    for (const id of ids.removed) {
      const record = (await before.get(id))?.record ?? null;
      if (record === null) continue;
      const twin = record.parentId === null ? undefined : unexpected.get(place(record))?.shift();
      tally.add(record.kind, twin === undefined ? ["(missing)"] : this.#comparison.fields(record.bytes, twin.bytes));
    }
    for (const record of [...unexpected.values()].flat()) tally.add(record.kind, ["(unexpected)"]);
    for (const [kind, { added, changed, removed, moved }] of Object.entries(byKind)) {
      const seen = tally.looked(kind);
      // A pair of missing and unexpected was looked at once.
      const rest = Math.max(added, removed) + changed + moved - seen;
      if (rest > 0 && ids.added.length + ids.changed.length + ids.removed.length + ids.moved.length >= NAMED) tally.add(kind, ["(not looked at)"], rest);
    }
    return tally.all();
  }

  async #write(name: string, fill: (write: (batch: readonly SourceRecord[], form: Comparable) => Promise<void>) => Promise<void>): Promise<SnapshotManifest> {
    const writer = await this.#vault.beginSnapshot({ source: { type: "drill", name } });
    try {
      await fill(async (batch, form) => {
        const comparable: SourceRecord[] = [];
        for (const record of batch) {
          const one = form(record);
          if (one !== null) comparable.push(one);
        }
        if (comparable.length > 0) await writer.write(comparable, name);
      });
      return (await writer.commit()).manifest;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }
}

async function group(reader: SnapshotReader, ids: readonly string[]): Promise<Map<string, SourceRecord[]>> {
  const groups = new Map<string, SourceRecord[]>();
  for (const id of ids) {
    const found = await reader.get(id);
    if (found === null || found.record === null) continue;
    // Bytes are only lent; this one is kept until its twin is met.
    const record = { ...found.record, bytes: found.record.bytes.slice() };
    const there = groups.get(place(record));
    if (there === undefined) groups.set(place(record), [record]);
    else there.push(record);
  }
  return groups;
}

function place(record: SourceRecord): string {
  return `${record.kind} ${record.parentId ?? ""}`;
}

class Tally {
  readonly #counts = new Map<string, Difference>();
  readonly #looked = new Map<string, number>();

  add(kind: string, fields: readonly string[], records = 1): void {
    this.#looked.set(kind, (this.#looked.get(kind) ?? 0) + records);
    for (const field of fields) {
      const key = `${kind} ${field}`;
      this.#counts.set(key, { kind, field, records: (this.#counts.get(key)?.records ?? 0) + records });
    }
  }

  looked(kind: string): number {
    return this.#looked.get(kind) ?? 0;
  }

  all(): readonly Difference[] {
    return [...this.#counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, difference]) => difference);
  }
}
