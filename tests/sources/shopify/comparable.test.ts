import { describe, expect, it } from "@jest/globals";
import { shopifyComparison } from "#app/sources/shopify/comparable.ts";
import type { SourceRecord } from "#app/vault/index.ts";

const gid = (kind: string, n: number | string): string => `gid://shopify/${kind}/${n}`;

function record(kind: string, fields: Record<string, unknown>, parentId: string | null = null): SourceRecord {
  const full = { ...fields, ...(parentId === null ? {} : { __parentId: parentId }) };
  return { kind, id: String(fields["id"]), parentId, bytes: Buffer.from(JSON.stringify(full)) };
}

const seen = (one: SourceRecord | null): unknown => one && { kind: one.kind, id: one.id, parentId: one.parentId, fields: JSON.parse(Buffer.from(one.bytes).toString()) as unknown };

/** A shop of one family of records, with ids that begin at `base`. */
function shop(base: number, o: { value?: string; reference?: string; addressFirst?: 1 | 2; createdAt?: string; swapItems?: boolean } = {}): SourceRecord[] {
  const customer = gid("Customer", base);
  const order = gid("Order", base);
  const address = (n: number): SourceRecord => record("MailingAddress", { id: `${gid("MailingAddress", base + n)}?model_name=CustomerAddress`, address1: `${n} SYNTHETIC Street`, country: "Spelt somehow" }, customer);
  const items = ["Lens", "Pump"].map((title, n) => ({ title, n }));
  if (o.swapItems === true) items.reverse();
  return [
    record("Customer", { id: customer, createdAt: o.createdAt ?? "2024-01-01T00:00:00Z", note: "SYNTHETIC", tags: ["a"], defaultAddress: { id: `${gid("MailingAddress", base + 2)}?model_name=CustomerAddress` }, defaultEmailAddress: { emailAddress: "x@example.com", marketingState: "NOT_SUBSCRIBED", marketingOptInLevel: null, marketingUpdatedAt: null } }),
    ...(o.addressFirst === 2 ? [address(2), address(1)] : [address(1), address(2)]),
    record("Metafield", { id: gid("Metafield", base), namespace: "health", key: "plan", type: "single_line_text_field", value: o.value ?? "SYNTHETIC plan", createdAt: o.createdAt ?? "2024-01-01T00:00:00Z" }, customer),
    record("Metafield", { id: gid("Metafield", base + 1), namespace: "health", key: "carer", type: "customer_reference", value: o.reference ?? customer }, customer),
    record("Order", { id: order, customer: { id: customer }, note: null }),
    ...items.map(({ title, n }) => record("LineItem", { id: gid("LineItem", base + n), title, quantity: 1, product: null }, order)),
  ];
}

const ids = new Map([
  [gid("Customer", 100), gid("Customer", 900)],
  [gid("Order", 100), gid("Order", 900)],
]);

function compared(records: SourceRecord[], side: "original" | "restored"): Map<string, unknown> {
  const comparable = side === "original" ? shopifyComparison.original() : shopifyComparison.restored(ids);
  return new Map(records.map((one) => comparable(one)).flatMap((one) => (one === null ? [] : [[one.id, seen(one)] as const])));
}

const sorted = (map: Map<string, unknown>): unknown[] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe("two shops that differ only in what a platform never gives back", () => {
  it("are equal although every id, time and the order of addresses is another", () => {
    const original = compared(shop(100), "original");
    const restored = compared(shop(900, { createdAt: "2026-11-22T00:00:00Z", addressFirst: 2 }), "restored");
    expect(sorted(restored)).toEqual(sorted(original));
    expect(original.size).toBe(8);
  });
});

describe("a shop that came back wrong", () => {
  const original = compared(shop(100), "original");
  const differing = (restored: SourceRecord[]): string[] => {
    const other = compared(restored, "restored");
    return [...new Set([...original.keys(), ...other.keys()])].filter((id) => JSON.stringify(original.get(id)) !== JSON.stringify(other.get(id)));
  };

  it("shows a metafield with another value under the original owner's id", () => {
    expect(differing(shop(900, { value: "something else" }))).toEqual([`${gid("Customer", 100)}#metafield/health.plan`]);
  });

  it("shows a reference that still points to the original's id", () => {
    expect(differing(shop(900, { reference: gid("Customer", 901) }))).toEqual([`${gid("Customer", 100)}#metafield/health.carer`]);
  });

  it("shows line items in another order", () => {
    expect(differing(shop(900, { swapItems: true }))).toHaveLength(2);
  });

  it("shows a customer whom nobody restored", () => {
    const stranger = record("Customer", { id: gid("Customer", 7), note: null });
    expect(differing([...shop(900), stranger])).toEqual([`new:${gid("Customer", 7)}`]);
  });

  it("shows another default address", () => {
    const restored = shop(900).map((one) => (one.kind === "Customer" ? record("Customer", { ...(JSON.parse(Buffer.from(one.bytes).toString()) as object), id: one.id, defaultAddress: { id: `${gid("MailingAddress", 901)}?model_name=CustomerAddress` } }) : one));
    expect(differing(restored)).toHaveLength(4);
  });
});

describe("fields", () => {
  it("names what differs, by name and never by value", () => {
    const a = Buffer.from('{"note":"SYNTHETIC-A","tags":["x"],"same":{"a":1,"b":2}}');
    const b = Buffer.from('{"tags":["y"],"note":"SYNTHETIC-B","same":{"b":2,"a":1}}');
    expect(shopifyComparison.fields(a, b)).toEqual(["note", "tags"]);
  });

  it("takes an absent field and a null one as the same", () => {
    expect(shopifyComparison.fields(Buffer.from('{"note":null}'), Buffer.from("{}"))).toEqual([]);
  });
});

describe("references out of the snapshot", () => {
  it("are not compared: no restore creates a product", () => {
    const metafield = record("Metafield", { id: gid("Metafield", 1), namespace: "n", key: "k", type: "product_reference", value: gid("Product", 5) }, gid("Customer", 100));
    expect(shopifyComparison.original()(metafield)).toBeNull();
    expect(shopifyComparison.losses).toContainEqual({ kind: "Metafield", field: "value (reference to a product, variant or collection)", reason: "kind.not_restored" });
  });

  it("are left alone in a note, where they are only text", () => {
    const note = `see ${gid("Customer", 900)}`;
    const original = seen(shopifyComparison.original()(record("Customer", { id: gid("Customer", 100), note })));
    const restored = seen(shopifyComparison.restored(ids)(record("Customer", { id: gid("Customer", 900), note })));
    expect(restored).toEqual(original);
  });
});
