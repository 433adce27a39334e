/** Restores records that a test made up into a sandbox shop, and reads the shop back. */
import type { RecordsOf, RestoreOutcome } from "#app/sources/port.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { sourceOf, targetOf } from "./sandbox.ts";

export const gid = (kind: string, n: number): string => `gid://shopify/${kind}/${n}`;

export function made(kind: string, n: number, fields: object, parentId: string | null = null): SourceRecord {
  const id = gid(kind, n);
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify({ id, ...fields, ...(parentId === null ? {} : { __parentId: parentId }) })) };
}

/** As a snapshot hands them out: roots of the kinds asked for, each with its children behind it. */
export const passes = (records: readonly SourceRecord[]): RecordsOf =>
  async function* (kinds) {
    await Promise.resolve();
    for (const root of records) if (root.parentId === null && kinds.has(root.kind)) yield [root, ...records.filter(({ parentId }) => parentId === root.id)];
  };

export const restore = (shop: SandboxShop, records: readonly SourceRecord[], signal = new AbortController().signal): Promise<RestoreOutcome> => targetOf(shop).apply(passes(records), { signal });

/** Everything the shop holds now, parsed, by kind. */
export async function heldBy(shop: SandboxShop): Promise<Map<string, Record<string, unknown>[]>> {
  const held = new Map<string, Record<string, unknown>[]>();
  for await (const stream of sourceOf(shop).streams({ signal: new AbortController().signal })) {
    for await (const batch of stream.records()) {
      for (const { kind, bytes } of batch) held.set(kind, [...(held.get(kind) ?? []), JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>]);
    }
    await stream.finish();
  }
  return held;
}
