/** A shop's own subscriptions: made, kept, withdrawn, and told of when they cannot be. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { SourceError } from "#app/sources/port.ts";
import { keepSubscriptions, MOST_TYPES } from "#app/workflows/capture/keep-subscriptions.ts";
import { measureRecoveryPoints, type MeasuredRecoveryPoint } from "#app/workflows/capture/measure-recovery-points.ts";
import { toldCatalogue } from "#app/workflows/capture/told-kinds.ts";
import type { ShopSubscription, SubscriptionPorts, SubscriptionState } from "#app/workflows/ports.ts";
import { SHOP } from "../support/linked-shop.ts";
import { capturedShop, type CapturedShop } from "./kit.ts";

const ADDRESS = "https://app.example.org/webhooks/changes";
const TOPICS = ["metaobjects/create", "metaobjects/delete", "metaobjects/update"];

/** A shop's side of it, in memory. */
class Subscribed {
  types: { type: string; count: number }[] = [];
  rows: ShopSubscription[] = [];
  fault: Error | null = null;
  calls: string[] = [];
  state: SubscriptionState | null = null;
  #n = 0;
  readonly ports: SubscriptionPorts = {
    address: ADDRESS,
    topics: new Map(TOPICS.map((topic) => [topic, ["id", "type", "updated_at"]])),
    records: { get: () => Promise.resolve(this.state), put: (state) => Promise.resolve(void (this.state = state)) },
    open: () =>
      Promise.resolve({
        types: () => this.#call("types", () => this.types),
        list: () => this.#call("list", () => [...this.rows]),
        create: (wanted, address) => this.#call("create", () => void this.rows.push({ ...wanted, address, id: `s${String(++this.#n)}` })),
        remove: (id) => this.#call("remove", () => void (this.rows = this.rows.filter((row) => row.id !== id))),
      }),
  };
  #call<T>(name: string, work: () => T): Promise<T> {
    this.calls.push(name);
    return this.fault === null ? Promise.resolve(work()) : Promise.reject(this.fault);
  }
  get filters(): string[] {
    return [...new Set(this.rows.map(({ filter }) => filter))].sort();
  }
}

let shop: CapturedShop;
let there: Subscribed;
const keep = (): Promise<SubscriptionState> => {
  there.calls = [];
  shop.process.time.advance(60_000);
  return keepSubscriptions({ ...shop.ports, subscriptions: there.ports }, { shop: SHOP, signal: new AbortController().signal });
};
const alerts = () => [...shop.process.alerts.open.values()].map(({ code, subject }) => [code, subject]);

beforeEach(async () => {
  shop = await capturedShop();
  there = new Subscribed();
  there.types = [{ type: "intake_form", count: 12 }, { type: "allergy", count: 3 }, { type: "banner", count: 0 }];
});

describe("a shop's own subscriptions", () => {
  it("are three for each type, and are made once however often it is looked", async () => {
    expect(await keep()).toMatchObject({ types: 3, missing: 0, failures: 0, code: null });
    expect(there.filters).toEqual(["type:allergy", "type:banner", "type:intake_form"]);
    expect(there.rows.map(({ topic, filter }) => `${topic} ${filter}`).sort()).toEqual(TOPICS.flatMap((topic) => ["allergy", "banner", "intake_form"].map((type) => `${topic} type:${type}`)).sort());
    const { since } = there.state!;
    expect(await keep()).toMatchObject({ since });
    expect(there.calls).toEqual(["types", "list"]);
    expect(alerts()).toEqual([]);
  });

  it("go when their type does, when they lead elsewhere, and where there are two", async () => {
    await keep();
    there.types = there.types.filter(({ type }) => type !== "allergy");
    there.rows.push({ ...there.rows.find(({ filter }) => filter === "type:banner")!, id: "again" }, { id: "old", topic: TOPICS[0]!, filter: "type:intake_form", address: "https://before.example.org/webhooks/changes" });
    await keep();
    expect(there.filters).toEqual(["type:banner", "type:intake_form"]);
    expect(there.rows).toHaveLength(6);
    expect(there.rows.every(({ address }) => address === ADDRESS)).toBe(true);
  });

  it("count anew from when one had to be made again, because nobody knows since when it was gone", async () => {
    const { since } = await keep();
    there.rows.splice(1, 1);
    const again = await keep();
    expect(there.rows).toHaveLength(9);
    expect(again.since!.getTime()).toBeGreaterThan(since!.getTime());
  });

  it("are retried when the shop is away for a moment, told of when it happens twice, and no longer when they are there", async () => {
    there.fault = new SourceError("source.unreachable", "no answer");
    expect(await keep()).toMatchObject({ failures: 1, since: null, code: "source.unreachable" });
    expect(alerts()).toEqual([]);
    await keep();
    expect(alerts()).toEqual([["alert.not_subscribed", "stream:metaobjects"]]);
    there.fault = null;
    expect(await keep()).toMatchObject({ failures: 0, code: null });
    expect(alerts()).toEqual([]);
    there.fault = new TypeError("a fault of ours");
    await expect(keep()).rejects.toThrow("a fault of ours");
  });

  it("have a bound, types with entries first; what is left out is told of and counts as copied by snapshots alone", async () => {
    there.types = [...Array.from({ length: MOST_TYPES }, (_, n) => ({ type: `empty_${String(n).padStart(3, "0")}`, count: 0 })), ...Array.from({ length: MOST_TYPES - 1 }, (_, n) => ({ type: `full_${String(n).padStart(3, "0")}`, count: 1 }))];
    expect(await keep()).toMatchObject({ types: MOST_TYPES, missing: 0 });
    expect(there.filters.filter((filter) => filter.startsWith("type:full_"))).toHaveLength(MOST_TYPES - 1);
    expect(alerts()).toEqual([]);
    there.types.push({ type: "zzz_one", count: 1 }, { type: "zzz_two", count: 4 });
    expect(await keep()).toMatchObject({ missing: 1, since: null });
    expect(alerts()).toEqual([["alert.not_subscribed", "stream:metaobjects"]]);
  });

  it("are asked for in no shop that does not let its entries be read", async () => {
    Object.assign(shop.ports, { platforms: { get: () => Promise.resolve({ surroundings: { scopes: ["read_customers"] } }) } });
    expect(await keep()).toMatchObject({ types: 0, since: null, code: null });
    expect(there.calls).toEqual([]);
  });
});

describe("the recovery point of metaobjects", () => {
  const row = async (): Promise<MeasuredRecoveryPoint> => (await measureRecoveryPoints(shop.ports, { shop: SHOP })).find(({ stream }) => stream === "metaobjects")!;

  it("is by snapshots until the subscriptions are there and a snapshot begun since then has shown that all was heard of", async () => {
    const capture = { ...shop.capture, subscriptions: there.ports, captureCatalogue: { ...shop.capture.captureCatalogue, kinds: [...shop.capture.captureCatalogue.kinds, { kind: "Metaobject", stream: "metaobjects", streams: ["metaobjects"], types: ["Metaobject"], kinds: ["Metaobject"], hasTopics: true, perShop: true as const, fetch: "record" as const }] } };
    Object.assign(shop.ports, capture, { capture });
    await shop.snapshot();
    expect(await row()).toMatchObject({ basis: "snapshot", why: "not-subscribed" });
    await shop.reconcile(await shop.snapshot());
    await keep();
    // That snapshot was begun before: it shows nothing of what the subscriptions tell.
    expect(await row()).toMatchObject({ basis: "snapshot", why: "not-reconciled" });
    const told = async (since: Date): Promise<boolean | undefined> => (await toldCatalogue(capture, SHOP, since)).kinds.find(({ kind }) => kind === "Metaobject")?.hasTopics;
    expect(await told(new Date(there.state!.since!.getTime() - 1))).toBe(false);
    expect(await told(there.state!.since!)).toBe(true);
    await shop.reconcile(await shop.snapshot());
    expect(await row()).toMatchObject({ basis: "capture", why: "proven" });
    there.rows.pop();
    await keep();
    expect(await row()).toMatchObject({ basis: "snapshot", why: "not-reconciled" });
  });
});
