/** Is the shop as it was? Both states are read from the shop with the app's source, brought into the comparable form, and written as two snapshots of a scratch vault: equal content, equal roots. */
import { randomBytes } from "node:crypto";
import { ShopifySource, realSleep, shopifyComparison } from "#app/sources/shopify/index.ts";
import { scratchRooms } from "#app/platform/scratch.ts";
import type { Comparable, ScratchSpace } from "#app/workflows/ports.ts";
import { ShopComparison, type Difference } from "#app/workflows/drill/compare-shops.ts";
import type { SnapshotManifest } from "#app/vault/index.ts";
import type { ShopProcess } from "../soak/processes.ts";

const systemClock = { now: () => new Date() };
const systemRandom = (bytes: number): Uint8Array => randomBytes(bytes);

export class ShopTwice {
  readonly #shop: ShopProcess;
  readonly #scratch: ScratchSpace;
  readonly #comparison: ShopComparison;
  readonly #form: { current: () => Comparable };
  #then: SnapshotManifest | null = null;

  private constructor(shop: ShopProcess, scratch: ScratchSpace, comparison: ShopComparison, form: { current: () => Comparable }) {
    this.#shop = shop;
    this.#scratch = scratch;
    this.#comparison = comparison;
    this.#form = form;
  }

  static async open(shop: ShopProcess, directory: string): Promise<ShopTwice> {
    const scratch = await scratchRooms(directory).open();
    const form = { current: (): Comparable => shopifyComparison.living(new Map()).then };
    const comparison = await ShopComparison.open({ clock: systemClock, random: systemRandom }, scratch, { original: form.current, restored: () => form.current(), fields: shopifyComparison.fields, losses: shopifyComparison.losses });
    return new ShopTwice(shop, scratch, comparison, form);
  }

  /** Remembers the shop as it is. Answers the root, and how many records of each kind there are. */
  async remember(): Promise<{ readonly root: string; readonly counts: Readonly<Record<string, number>> }> {
    this.#then = await this.#read();
    return { root: this.#then.root, counts: countsOf(this.#then) };
  }

  /** Compares the shop as it is now. `ids`: old to new. */
  async compare(ids: ReadonlyMap<string, string>): Promise<{ readonly root: string; readonly counts: Readonly<Record<string, number>>; readonly differences: readonly Difference[] }> {
    if (this.#then === null) throw new Error("There is nothing to compare with.");
    this.#form.current = () => shopifyComparison.living(ids, new Set(ids.keys())).now;
    const now = await this.#read();
    return { root: now.root, counts: countsOf(now), differences: await this.#comparison.differences(this.#then, now) };
  }

  close(): Promise<void> {
    return this.#scratch.remove();
  }

  async #read(): Promise<SnapshotManifest> {
    const { shop, url, accessToken } = this.#shop;
    const source = new ShopifySource({ shop, baseUrl: url, accessToken: () => Promise.resolve(accessToken), clock: systemClock, sleep: realSleep });
    const { manifest, unread } = await this.#comparison.restored(source, new Map(), new AbortController().signal, () => undefined);
    if (unread !== null) throw new Error(`The shop could not be read whole: ${unread.firstCode}`);
    return manifest;
  }
}

function countsOf({ kinds }: SnapshotManifest): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(kinds).map(([kind, { records }]) => [kind, records] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}
