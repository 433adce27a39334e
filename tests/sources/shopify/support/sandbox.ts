/** A source on a real sandbox server, over HTTP, with pauses cut short. */
import { startSandbox, type SandboxOptions, type SandboxShop } from "#app/sandbox/index.ts";
import { ShopifyRestoreTarget, ShopifySource, realSleep, type ShopifySourceOptions, type Sleep } from "#app/sources/shopify/index.ts";
import { holdDocumentsToNeeds } from "#tests/support/sent-documents.ts";
import type { Source, SourceRun, StreamOutcome } from "#app/sources/port.ts";

// Whatever these suites send is held against what the API change guard knows.
holdDocumentsToNeeds();

/** Pauses keep their order and lose their length. */
export const briefly: Sleep = (ms, signal) => realSleep(Math.min(ms, 5), signal);

export function optionsFor(shop: SandboxShop, o: Partial<ShopifySourceOptions> = {}): ShopifySourceOptions {
  return { shop: shop.shop, baseUrl: shop.url, accessToken: () => Promise.resolve(shop.accessToken), clock: { now: () => new Date() }, sleep: briefly, ...o };
}

export const sourceOf = (shop: SandboxShop, o: Partial<ShopifySourceOptions> = {}): ShopifySource => new ShopifySource(optionsFor(shop, o));
export const targetOf = (shop: SandboxShop): ShopifyRestoreTarget => new ShopifyRestoreTarget(optionsFor(shop));

/** Closes what was started, whatever the test's end. */
export class Sandboxes {
  readonly #started: SandboxShop[] = [];
  async start(options: SandboxOptions): Promise<SandboxShop> {
    const shop = await startSandbox({ rateLimit: "off", ...options });
    this.#started.push(shop);
    return shop;
  }
  async close(): Promise<void> {
    for (const shop of this.#started.splice(0)) await shop.close();
  }
}

export interface Reading {
  readonly kinds: Record<string, number>;
  readonly ids: ReadonlySet<string>;
  readonly outcomes: Record<string, StreamOutcome>;
}

export async function readAll(source: Source, run: Partial<SourceRun> = {}, onBatch: (stream: string, n: number) => void = () => undefined): Promise<Reading> {
  const kinds: Record<string, number> = {};
  const ids = new Set<string>();
  const outcomes: Record<string, StreamOutcome> = {};
  for await (const stream of source.streams({ signal: new AbortController().signal, ...run })) {
    let n = 0;
    for await (const batch of stream.records()) {
      for (const record of batch) {
        kinds[record.kind] = (kinds[record.kind] ?? 0) + 1;
        ids.add(`${record.parentId ?? ""} ${record.id}`);
      }
      onBatch(stream.name, n++);
    }
    outcomes[stream.name] = await stream.finish();
  }
  return { kinds, ids, outcomes };
}

export const gapsOf = ({ outcomes }: Reading): string[] => Object.values(outcomes).flatMap(({ gaps }) => gaps.map(({ code, stream }) => `${stream}: ${code}`));
