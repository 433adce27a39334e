/**
 * Shops that cost next to nothing to have: a source that waits, as a run waits while Shopify prepares its bulk operation, and then gives made-up records. All
 * else of a run is real: lease, heartbeats, vault, ledger, catalog. How large a shop is stands in its name: "small-12-20", "huge-0-200000".
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Source, SourceStream } from "#app/sources/port.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import type { ShopConnections } from "#app/workflows/ports.ts";

const BATCH = 500;
const RECORD_BYTES = 900;
/** Of the records of a shop, so many have changed whenever it is read: one in a hundred, and at least one. */
const CHANGED = 0.01;

export const shopName = (class_: string, n: number, customers: number): string => `${class_}-${String(n)}-${String(customers)}.myshopify.com`;

function customersOf(shop: string): number {
  return Number(/-(\d+)\.myshopify\.com$/.exec(shop)?.[1] ?? 0);
}

export function syntheticShops(waitMs: number): ShopConnections {
  return {
    openSource: (shop) => {
      const customers = customersOf(shop);
      const source: Source = {
        description: { type: "shopify", name: shop },
        orderedKinds: new Set(),
        async *streams({ signal, onProgress }) {
          onProgress?.({ stream: "customers", phase: "running", resume: {} });
          await pause(waitMs, undefined, { signal });
          yield stream(shop, customers);
        },
      };
      return Promise.resolve(source);
    },
  };
}

function stream(shop: string, customers: number): SourceStream {
  const changed = Math.max(1, Math.floor(customers * CHANGED));
  const revision = Date.now();
  let bytesRead = 0;
  return {
    name: "customers",
    async *records() {
      let batch: SourceRecord[] = [];
      for (let n = 0; n < customers; n++) {
        const id = `gid://shopify/Customer/${String(7_000_000_000_000 + n)}`;
        const text = `{"id":"${id}","note":"synthetic, not a person","shop":"${shop}","revision":${String(n < changed ? revision : 0)},"filler":"${filler(n)}"}`;
        const bytes = Buffer.from(text);
        bytesRead += bytes.length;
        batch.push({ kind: "Customer", id, parentId: null, bytes });
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (batch.length > 0) yield batch;
    },
    finish: () => Promise.resolve({ gaps: [], counts: { Customer: { expected: customers, at: new Date().toISOString() } }, bytesRead }),
  };
}

function filler(n: number): string {
  let text = "";
  for (let word = n; text.length < RECORD_BYTES - 200; word = (word * 1_103_515_245 + 12_345) % 2_147_483_648) text += `${word.toString(36)} `;
  return text;
}
