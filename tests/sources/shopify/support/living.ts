/** A living shop that a restore writes to: what it holds as families, the changes between two times of it, and whether they agree. */
import type { ChangesOf, FamilyChange, RestoreLog, ReviseOutcome, ReviseResult, ReviseRun } from "#app/sources/port.ts";
import type { Kind } from "#app/sources/shopify/catalogue/kind.ts";
import { ShopifyRestoreTarget, shopifyComparison, type ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { MemoryRestoreLog } from "#tests/support/fakes-revision.ts";
import { optionsFor, sourceOf } from "./sandbox.ts";

/** Families by the id of their root, in reading order. */
export type Held = ReadonlyMap<string, readonly SourceRecord[]>;

export async function holding(shop: SandboxShop, catalogue?: readonly Kind[], options: Partial<ShopifySourceOptions> = {}): Promise<Held> {
  const records: SourceRecord[] = [];
  for await (const stream of sourceOf(shop, { ...options, ...(catalogue === undefined ? {} : { catalogue }) }).streams({ signal: new AbortController().signal })) {
    for await (const batch of stream.records()) records.push(...batch.map((record) => ({ ...record, bytes: Buffer.from(record.bytes) })));
    await stream.finish();
  }
  const held = new Map<string, SourceRecord[]>();
  for (const record of records) if (record.parentId === null) held.set(record.id, [record]);
  const roots = new Map<string, string>([...held.keys()].map((id) => [id, id]));
  const waiting = records.filter(({ parentId }) => parentId !== null);
  for (let left = -1; waiting.length > 0 && left !== waiting.length; ) {
    left = waiting.length;
    for (const record of waiting.splice(0)) {
      const root = roots.get(record.parentId!);
      if (root === undefined) waiting.push(record);
      else {
        roots.set(record.id, root);
        held.get(root)!.push(record);
      }
    }
  }
  return held;
}

/** Every family of either time. `ids`: old to new, of earlier restores. */
export function changesBetween(then: Held, now: Held, ids: ReadonlyMap<string, string> = new Map()): FamilyChange[] {
  const changes: FamilyChange[] = [];
  const seen = new Set<string>();
  for (const [id, family] of then) {
    const nowId = ids.get(id) ?? id;
    seen.add(nowId);
    changes.push({ kind: family[0]!.kind, id, then: family, now: now.get(nowId) ?? null });
  }
  for (const [id, family] of now) if (!seen.has(id)) changes.push({ kind: family[0]!.kind, id, then: null, now: family });
  return changes;
}

export const passOf = (changes: readonly FamilyChange[]): ChangesOf =>
  async function* (kinds) {
    await Promise.resolve();
    for (const change of changes) if (kinds.has(change.kind)) yield change;
  };

export interface Revised extends ReviseOutcome {
  readonly results: readonly ReviseResult[];
}

export async function reviseTo(shop: SandboxShop, changes: readonly FamilyChange[], o: Partial<ReviseRun> & { readonly options?: Partial<ShopifySourceOptions> & { readonly bulkFrom?: number }; readonly log?: RestoreLog } = {}): Promise<Revised> {
  const results: ReviseResult[] = [];
  const target = new ShopifyRestoreTarget(optionsFor(shop, o.options));
  const outcome = await target.revise(passOf(changes), {
    signal: new AbortController().signal,
    extras: "keep",
    log: new MemoryRestoreLog(),
    ids: { known: new Map(), same: true },
    ifChanged: () => "overwrite",
    onResult: (result) => void results.push(result),
    ...o,
  });
  return { ...outcome, results };
}

/** Names of what differs between what was and what is, "Kind.field" each once; extra records as "Kind (extra)". */
export function differencesOf(then: Held, now: Held, ids: ReadonlyMap<string, string>, o: { readonly extras?: boolean; readonly kinds?: readonly string[] } = {}): string[] {
  const forms = shopifyComparison.living(ids);
  const collect = (held: Held, form: (record: SourceRecord) => SourceRecord | null): Map<string, SourceRecord> => {
    const all = new Map<string, SourceRecord>();
    for (const family of held.values()) {
      if (o.kinds !== undefined && !o.kinds.includes(family[0]!.kind)) continue;
      for (const record of family) {
        const made = form(record);
        if (made !== null) all.set(made.id, made);
      }
    }
    return all;
  };
  const was = collect(then, forms.then);
  const is = collect(now, forms.now);
  const found = new Set<string>();
  for (const [id, record] of was) {
    const other = is.get(id);
    is.delete(id);
    if (other === undefined) found.add(`${record.kind} (missing)`);
    else if (!Buffer.from(record.bytes).equals(Buffer.from(other.bytes))) for (const field of shopifyComparison.fields(record.bytes, other.bytes)) found.add(`${record.kind}.${field}`);
  }
  if (o.extras !== false) for (const record of is.values()) found.add(`${record.kind} (extra)`);
  return [...found].sort();
}
