import { beforeEach, describe, expect, it } from "@jest/globals";
import { recordTerms, queryTerms } from "#app/terms/index.ts";
import type { Query } from "#app/terms/index.ts";
import { findById, findByTokens, findInVault, packTokens, searchKeys, searchMaterial } from "#app/vault/index.ts";
import type { FindOutcome, SourceRecord } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, testIdentity, type TestVault } from "#tests/support/vault-kit.ts";

const record = (kind: string, number: number, members: object, parentId: string | null = null): SourceRecord => {
  const id = `gid://shopify/${kind}/${number}`;
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify({ id, note: "synthetic", ...members })) };
};
const ADA = record("Customer", 1, { firstName: "Ada", lastName: "Østergård-Brandt", defaultEmailAddress: { emailAddress: "Ada.Brandt@Example.com" }, defaultPhoneNumber: { phoneNumber: "+4530123456" } });
const BEN = record("Customer", 2, { firstName: "Ben", lastName: "Brandt", email: "ben@example.com" });
const HOME = record("MailingAddress", 9, { firstName: "Clara", lastName: "Holm", phone: "30 12 99 99", countryCodeV2: "DK" }, ADA.id);
const ORDER = record("Order", 5, { name: "#EN-1001", email: "ada.brandt@example.com", shippingAddress: { firstName: "Ada", lastName: "Brandt" } });
const PRODUCT = record("Product", 7, { title: "Ada Brandt", email: "ada.brandt@example.com" });

let store: MemoryStore;
let world: TestVault;
beforeEach(async () => {
  store = new MemoryStore();
  world = await newTestVault(store);
});

async function take(records: readonly SourceRecord[]): Promise<void> {
  const writer = await world.vault.beginSnapshot({ source: { type: "test", name: "test" }, terms: recordTerms });
  await writer.write(records, "all");
  await writer.commit();
}
const place = () => ({ store, description: world.vault.description, indexKey: world.hostKeys.indexKey, at: world.clock.now() });
const find = (query: Query): Promise<FindOutcome> => findInVault({ ...place(), searchKeys: searchKeys(store, world.vault.description, world.keys), query: queryTerms(query) });
const hits = async (field: Query["field"], value: string): Promise<string[]> => (await find({ field, value, countries: ["DK"] })).found.map(({ kind, id, state }) => `${kind} ${id.split("/").at(-1)} ${state}`);

describe("finding what a snapshot holds", () => {
  beforeEach(() => take([ADA, HOME, BEN, ORDER, PRODUCT]));

  it("finds a person by an e-mail address however it is written, in every kind that may have one", async () => {
    expect(await hits("email", " ADA.brandt@example.com")).toEqual(["Customer 1 current", "Order 5 current"]);
    expect(await hits("email", "nobody@example.com")).toEqual([]);
  });
  it("finds all who have a word of a name, and those only who have every word that is asked for", async () => {
    expect(await hits("name", "brandt")).toEqual(["Customer 1 current", "Customer 2 current", "Order 5 current"]);
    expect(await hits("name", "brandt BEN")).toEqual(["Customer 2 current"]);
    expect(await hits("name", "ostergard")).toEqual(["Customer 1 current"]);
  });
  it("finds a root by what stands in a record that belongs to it, and says where it stands", async () => {
    const { found } = await find({ field: "name", value: "Clara Holm" });
    expect(found).toEqual([{ kind: "Customer", id: ADA.id, state: "current", within: { kind: "MailingAddress", id: HOME.id } }]);
  });
  it("finds a phone number by the national and the international way of writing it", async () => {
    expect(await hits("phone", "+45 30 12 34 56")).toEqual(["Customer 1 current"]);
    expect(await hits("phone", "30123456")).toEqual(["Customer 1 current"]);
    expect(await hits("phone", "0045 30129999")).toEqual(["Customer 1 current"]);
  });
  it("finds an order by its name and by its number", async () => {
    expect(await hits("order", "#EN-1001")).toEqual(["Order 5 current"]);
    expect(await hits("order", "1001")).toEqual(["Order 5 current"]);
  });
  it("finds by id without any key of an identity", async () => {
    expect(await findById(place(), [BEN.id, HOME.id, "gid://shopify/Customer/77"])).toEqual([
      { kind: "Customer", id: BEN.id, state: "current", within: null },
      { kind: "Customer", id: ADA.id, state: "current", within: { kind: "MailingAddress", id: HOME.id } },
    ]);
  });
  it("finds nothing for somebody who cannot unwrap the keys", async () => {
    const stranger = await testIdentity("P-384");
    const { contentKeys } = await import("#app/vault/index.ts");
    const keys = searchKeys(store, world.vault.description, contentKeys(store, stranger.opener));
    const outcome = await findInVault({ ...place(), searchKeys: keys, query: queryTerms({ field: "name", value: "brandt" }) });
    expect({ found: outcome.found, packs: outcome.packs, unsearched: outcome.unsearched }).toEqual({ found: [], packs: 0, unsearched: 1 });
  });
  it("finds the same by tokens that were made elsewhere", async () => {
    const material = await searchMaterial(store, world.vault.description);
    const keys = searchKeys(store, world.vault.description, world.keys);
    const tokens = await Promise.all(material.packs.map(async ({ pack }) => packTokens(pack, (await keys.get(pack)) as Uint8Array, queryTerms({ field: "name", value: "ben brandt" }))));
    expect((await findByTokens({ ...place(), tokens })).found.map(({ id }) => id)).toEqual([BEN.id]);
  });
});

describe("finding over many runs", () => {
  it("says which matches are of the newest version, which of an earlier one, and what is gone", async () => {
    await take([ADA, BEN, ORDER]);
    const moved = record("Customer", 1, { firstName: "Ada", lastName: "Holm", email: "ada@holm.example" });
    await take([moved, BEN]);
    expect(await hits("name", "ada")).toEqual(["Customer 1 current", "Order 5 gone"]);
    expect(await hits("name", "brandt")).toEqual(["Customer 2 current", "Customer 1 earlier", "Order 5 gone"]);
    expect(await hits("email", "ada@holm.example")).toEqual(["Customer 1 current"]);
    expect((await findInVault({ ...place(), currentOnly: true, searchKeys: searchKeys(store, world.vault.description, world.keys), query: queryTerms({ field: "name", value: "brandt" }) })).found.map(({ id }) => id)).toEqual([BEN.id]);
  });

  it("finds each of very many who share a word, and says when there are more than it answers", async () => {
    await take(Array.from({ length: 3000 }, (_, i) => record("Customer", i + 1, { firstName: `N${i}`, lastName: "Brandt" })));
    const all = await findInVault({ ...place(), limit: 3000, searchKeys: searchKeys(store, world.vault.description, world.keys), query: queryTerms({ field: "name", value: "brandt" }) });
    expect({ hits: all.found.length, more: all.more, faults: all.faults }).toEqual({ hits: 3000, more: false, faults: [] });
    const some = await find({ field: "name", value: "brandt" });
    expect({ hits: some.found.length, more: some.more }).toEqual({ hits: 50, more: true });
    expect(await hits("name", "n2999 brandt")).toEqual(["Customer 3000 current"]);
  });
});
