/** What is particular about putting single kinds back. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { contentRecords } from "#app/sources/shopify/catalogue/content.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { Sandboxes } from "./support/sandbox.ts";
import { gid, heldBy, made, restore } from "./support/restoring.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

const person = (n: number): SourceRecord => made("Customer", n, { firstName: "SYNTHETIC", lastName: String(n), locale: "en", tags: [], taxExempt: false, taxExemptions: [] });
const usd = (amount: string): object => ({ amount, currencyCode: "USD" });

async function file(n: number, bytes: Buffer, o: { kind?: string; lose?: number } = {}): Promise<SourceRecord[]> {
  const kind = o.kind ?? "GenericFile";
  const url = `https://cdn.example.com/cdn/shop/files/rx-${n}.txt?v=1`;
  const root = made(kind, n, { __typename: kind, alt: "SYNTHETIC", fileStatus: "READY", mimeType: "text/plain", originalFileSize: bytes.length, url });
  const children: SourceRecord[] = [];
  for await (const record of contentRecords(root.id, (async function* () { yield await Promise.resolve(bytes); })())) children.push(record);
  return [root, ...children.filter((_, at) => at !== o.lose)];
}

describe("files", () => {
  it("come back byte for byte, and what refers to them finds them", async () => {
    const bytes = Buffer.from("SYNTHETIC prescription ".repeat(60_000));
    const target = await sandboxes.start({ empty: true });
    const outcome = await restore(target, [...(await file(1, bytes)), person(1), made("Metafield", 1, { namespace: "rx", key: "scan", type: "file_reference", value: gid("GenericFile", 1) }, gid("Customer", 1))]);
    expect(outcome.refused).toEqual([]);
    const held = await heldBy(target);
    expect(held.get("FileContent")).toEqual([expect.objectContaining({ size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") })]);
    expect(held.get("GenericFile")).toEqual([expect.objectContaining({ alt: "SYNTHETIC", mimeType: "text/plain" })]);
    expect(held.get("Metafield")).toEqual([expect.objectContaining({ key: "scan", value: outcome.ids.get(gid("GenericFile", 1)) })]);
  });

  it("are refused by name when a piece is missing, when nothing was captured, and when they are larger than the platform takes", async () => {
    const target = await sandboxes.start({ empty: true });
    const large = Buffer.alloc(33 * 1024 * 1024);
    for (let n = 0; n < large.length; n += 512 * 1024) large.writeUInt32BE(n, n);
    const { refused, created } = await restore(target, [...(await file(1, Buffer.from("SYNTHETIC"), { lose: 0 })), made("GenericFile", 2, { fileStatus: "READY", url: "https://cdn.example.com/a.txt" }), ...(await file(3, large)), ...(await file(4, Buffer.from("SYNTHETIC whole")))]);
    expect(refused).toEqual([
      { id: gid("GenericFile", 1), kind: "GenericFile", code: "file_content_damaged" },
      { id: gid("GenericFile", 2), kind: "GenericFile", code: "file_content_missing" },
      { id: gid("GenericFile", 3), kind: "GenericFile", code: "file_too_large" },
    ]);
    expect(created).toBe(1);
  }, 60_000);
});

describe("what would mislead the shop", () => {
  it("is not written: completed drafts, and gift cards with nothing left on them", async () => {
    const draft = (n: number, completedAt: string | null): SourceRecord[] => [
      made("DraftOrder", n, { name: `#D${n}`, completedAt, customer: null, note2: "SYNTHETIC", tags: [], customAttributes: [{ key: "Dosage", value: null }] }),
      made("DraftOrderLineItem", n, { title: "SYNTHETIC lens", quantity: 2, originalUnitPriceSet: { shopMoney: usd("12.50") }, customAttributes: [{ key: "Eye", value: "SYNTHETIC left" }] }, gid("DraftOrder", n)),
    ];
    const card = (n: number, o: object): SourceRecord => made("GiftCard", n, { enabled: true, balance: usd("25.0"), note: `SYNTHETIC ${n}`, customer: null, recipientAttributes: null, ...o });
    const target = await sandboxes.start({ empty: true });
    const { refused, created } = await restore(target, [...draft(1, null), ...draft(2, "2026-01-01T00:00:00Z"), card(1, {}), card(2, { balance: usd("0.0") }), card(3, { enabled: false })]);
    expect(refused).toEqual([]);
    expect(created).toBe(2);
    const held = await heldBy(target);
    expect(held.get("DraftOrder")).toEqual([expect.objectContaining({ note2: "SYNTHETIC", customAttributes: [{ key: "Dosage", value: "" }] })]);
    expect(held.get("DraftOrderLineItem")).toEqual([expect.objectContaining({ title: "SYNTHETIC lens", quantity: 2, customAttributes: [{ key: "Eye", value: "SYNTHETIC left" }] })]);
    expect(held.get("GiftCard")).toEqual([expect.objectContaining({ note: "SYNTHETIC 1", balance: usd("25.0") })]);
  });

  it("tells a shop that an order was shipped, so that nobody sends it twice, and that it was paid", async () => {
    const order = (n: number, status: string): SourceRecord[] => [
      made("Order", n, { name: `#${n}`, tags: [], customAttributes: [], displayFulfillmentStatus: status, currencyCode: "USD", processedAt: "2026-01-01T00:00:00Z", transactions: [{ kind: "SALE", status: "SUCCESS", gateway: "manual", test: true, processedAt: "2026-01-01T00:00:00Z", amountSet: { shopMoney: usd("10.0") } }, { kind: "REFUND", status: "SUCCESS", gateway: "manual", test: true, amountSet: { shopMoney: usd("4.0") } }] }),
      made("LineItem", n, { title: "SYNTHETIC", quantity: 1, originalUnitPriceSet: { shopMoney: usd("10.0") }, customAttributes: [], taxLines: [] }, gid("Order", n)),
    ];
    const target = await sandboxes.start({ empty: true });
    expect((await restore(target, [...order(1, "FULFILLED"), ...order(2, "UNFULFILLED")])).refused).toEqual([]);
    const orders = (await heldBy(target)).get("Order")!.map(({ name, displayFulfillmentStatus, transactions }) => ({ name, displayFulfillmentStatus, paid: (transactions as { kind: string }[]).map(({ kind }) => kind) }));
    expect(orders.sort((a, b) => String(a.name).localeCompare(String(b.name)))).toEqual([
      { name: "#1", displayFulfillmentStatus: "FULFILLED", paid: ["SALE"] },
      { name: "#2", displayFulfillmentStatus: "UNFULFILLED", paid: ["SALE"] },
    ]);
  });
});

describe("what hangs on something that has to exist first", () => {
  it("comes back: balances of store credit, contacts of companies, metafields of the shop", async () => {
    const records = [
      made("Shop", 1, { name: "SYNTHETIC" }),
      made("Metafield", 9, { namespace: "clinic", key: "licence", type: "single_line_text_field", value: "SYNTHETIC" }, gid("Shop", 1)),
      person(1),
      made("StoreCreditAccount", 1, { balance: usd("17.5") }, gid("Customer", 1)),
      made("StoreCreditAccount", 2, { balance: { amount: "0.0", currencyCode: "EUR" } }, gid("Customer", 1)),
      made("Company", 1, { name: "SYNTHETIC clinic", externalId: null, note: "SYNTHETIC" }),
      person(2),
      made("CompanyContact", 1, { customer: { id: gid("Customer", 1) }, title: null, locale: null, isMainContact: false }, gid("Company", 1)),
      made("CompanyContact", 2, { customer: { id: gid("Customer", 2) }, title: "SYNTHETIC head nurse", locale: "en", isMainContact: true }, gid("Company", 1)),
      made("CompanyLocation", 1, { name: "SYNTHETIC ward", company: { id: gid("Company", 1) }, taxSettings: { taxExempt: false, taxExemptions: [], taxRegistrationId: null } }),
      made("StoreCreditAccount", 3, { balance: usd("5.0") }, gid("CompanyLocation", 1)),
    ];
    const target = await sandboxes.start({ empty: true });
    const { refused, ids } = await restore(target, records);
    expect(refused).toEqual([]);
    const held = await heldBy(target);
    expect(held.get("StoreCreditAccount")!.map(({ balance, __parentId }) => [__parentId, balance]).sort()).toEqual([[ids.get(gid("CompanyLocation", 1)), usd("5.0")], [ids.get(gid("Customer", 1)), usd("17.5")]].sort());
    expect(held.get("CompanyContact")).toHaveLength(2);
    expect(held.get("CompanyContact")).toContainEqual(expect.objectContaining({ id: ids.get(gid("CompanyContact", 1)), customer: { id: ids.get(gid("Customer", 1)) }, isMainContact: false }));
    expect(held.get("CompanyContact")).toContainEqual(expect.objectContaining({ id: ids.get(gid("CompanyContact", 2)), title: "SYNTHETIC head nurse", isMainContact: true }));
    // The shop gave the company a location of its own, too: that one is gone.
    expect(held.get("CompanyLocation")).toEqual([expect.objectContaining({ id: ids.get(gid("CompanyLocation", 1)), name: "SYNTHETIC ward" })]);
    expect(held.get("Metafield")).toEqual([expect.objectContaining({ key: "licence", __parentId: ids.get(gid("Shop", 1)) })]);
  });
});
