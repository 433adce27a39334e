/** What somebody else writes while a restore is under way is left alone or overwritten as the rule says, to the last moment at which the platform compares; and what the platform refuses costs its own record alone. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import type { FamilyChange } from "#app/sources/port.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { changesBetween, differencesOf, holding, reviseTo, type Held, type Revised } from "./support/living.ts";
import { Sandboxes } from "./support/sandbox.ts";

const catalogue = CATALOGUE.filter(({ kind }) => kind === "Customer");
const sandboxes = new Sandboxes();
/** A shop stamps its records with whole seconds: what happens here is a minute apart. */
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead), sleep: () => Promise.resolve() };
const later = (): void => void (ahead += 60_000);
let shop: SandboxShop;
let then: Held;
let person: string;
let metafield: { readonly namespace: string; readonly key: string; readonly type: string; readonly value: string };
beforeAll(async () => {
  shop = await sandboxes.start({ customers: 6, orders: 1, seed: "conflict", clock });
}, 60_000);
afterAll(() => sandboxes.close());

const fieldsOf = (record: SourceRecord | undefined): Record<string, unknown> => JSON.parse(Buffer.from(record!.bytes).toString("utf8")) as Record<string, unknown>;

async function admin(query: string, variables: object): Promise<void> {
  const answer = await fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": shop.accessToken }, body: JSON.stringify({ query, variables }) });
  const body = (await answer.json()) as { errors?: unknown; data: Record<string, { userErrors: unknown[] }> };
  if (body.errors !== undefined || Object.values(body.data).some(({ userErrors }) => userErrors.length > 0)) throw new Error(JSON.stringify(body));
}
const note = (text: string, id = person): Promise<void> => admin("mutation N($input: CustomerInput!) { customerUpdate(input: $input) { userErrors { message } } }", { input: { id, note: text } });
const put = (value: string): Promise<void> => admin("mutation M($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) { userErrors { message } } }", { metafields: [{ ownerId: person, namespace: metafield.namespace, key: metafield.key, type: metafield.type, value }] });
const now = (): Promise<Held> => holding(shop, catalogue);
const noteOf = (held: Held): unknown => fieldsOf(held.get(person)![0])["note"];
const valueOf = (held: Held): unknown => held.get(person)!.map(fieldsOf).find((one) => one["namespace"] === metafield.namespace && one["key"] === metafield.key)?.["value"];

beforeEach(async () => {
  then = await now();
  const plain = (family: readonly SourceRecord[]) => family.map(fieldsOf).find(({ type }) => type === "single_line_text_field" || type === "multi_line_text_field");
  person = [...then].find(([, family]) => plain(family) !== undefined)![0];
  metafield = plain(then.get(person)!) as unknown as typeof metafield;
}, 60_000);

const about = (held: Held, id = person): FamilyChange[] => changesBetween(then, held).filter((change) => change.id === id);
const outcomes = ({ results }: Revised): unknown[] => results.map(({ id, outcome, code }) => [id, outcome, code ?? null]);

describe("a record that somebody edits after the plan was made", () => {
  it("is left as they made it where the plan does not say to overwrite it, and is put back where it does", async () => {
    await note("SYNTHETIC damage");
    const planned = await now();
    later();
    await note("SYNTHETIC work of somebody");
    expect(outcomes(await reviseTo(shop, about(planned), { ifChanged: () => "skip" }))).toEqual([[person, "skipped", "changed_since"]]);
    expect(noteOf(await now())).toBe("SYNTHETIC work of somebody");
    expect(outcomes(await reviseTo(shop, about(planned), { ifChanged: () => "overwrite" }))).toEqual([[person, "restored", null]]);
    expect(noteOf(await now())).toBe(noteOf(then));
  }, 60_000);

  it("and that was to be removed stays where the plan does not say to overwrite it", async () => {
    await admin("mutation C($input: CustomerInput!) { customerCreate(input: $input) { userErrors { message } } }", { input: { email: `synthetic-new-${Date.now()}@example.test`, note: "SYNTHETIC new" } });
    const planned = await now();
    later();
    const fresh = [...planned.keys()].find((id) => !then.has(id))!;
    await note("SYNTHETIC work of somebody", fresh);
    const removal = changesBetween(then, planned).filter(({ id }) => id === fresh);
    expect(outcomes(await reviseTo(shop, removal, { extras: "remove", ifChanged: () => "skip" }))).toEqual([[fresh, "skipped", "changed_since"]]);
    expect((await now()).has(fresh)).toBe(true);
    expect(outcomes(await reviseTo(shop, removal, { extras: "remove", ifChanged: () => "overwrite" }))).toEqual([[fresh, "restored", null]]);
    expect((await now()).has(fresh)).toBe(false);
  }, 60_000);
});

describe("a metafield that somebody writes between the last look and the write", () => {
  const racing = (): { fetch: typeof fetch; raced: () => number } => {
    let raced = 0;
    return {
      raced: () => raced,
      fetch: async (input, init) => {
        // The look is over: what is sent now was decided before.
        if (typeof init?.body === "string" && init.body.includes("metafieldsSet(") && raced++ === 0) await put("SYNTHETIC of somebody");
        return fetch(input, init);
      },
    };
  };

  it("is not overwritten, because the platform compares the digest that was sent with it", async () => {
    await put("SYNTHETIC damage");
    const race = racing();
    expect(outcomes(await reviseTo(shop, about(await now()), { ifChanged: () => "skip", options: { fetch: race.fetch } }))).toEqual([[person, "skipped", "changed_since"]]);
    expect(race.raced()).toBe(1);
    expect(valueOf(await now())).toBe("SYNTHETIC of somebody");
    // Said to overwrite, it looks again and writes once more.
    const again = racing();
    await put("SYNTHETIC damage");
    expect(outcomes(await reviseTo(shop, about(await now()), { ifChanged: () => "overwrite", options: { fetch: again.fetch } }))).toEqual([[person, "restored", null]]);
    expect(again.raced()).toBeGreaterThan(1);
    expect(valueOf(await now())).toBe(metafield.value);
  }, 60_000);
});

describe("a mutation that the platform refuses", () => {
  it("is named at its record, which is put back the next time, once; the others are put back all the same", async () => {
    const everybody = [...then.keys()];
    const ruin = async (): Promise<void> => {
      await shop.corrupt({ seed: "refusals", metafields: 0.5, deleteCustomers: 0 });
      for (const id of everybody) await note("SYNTHETIC damage", id);
    };
    const refusing = (at: number): { fetch: typeof fetch; payload: () => string | null } => {
      let n = 0;
      let payload: string | null = null;
      return {
        payload: () => payload,
        fetch: async (input, init) => {
          const sent = typeof init?.body === "string" && init.body.startsWith('{"query"') ? (JSON.parse(init.body) as { query: string }).query : "";
          const field = /^\s*(?:#graphql\s*)?mutation\b[^{]*\{\s*(\w+)\(/.exec(sent)?.[1];
          if (field === undefined || ++n !== at) return fetch(input, init);
          payload = field;
          // Refused whole: nothing of it was carried out.
          return Response.json({ data: { [field]: { userErrors: [{ code: "INVALID", field: ["input"], message: "SYNTHETIC refusal" }] } }, extensions: { cost: { requestedQueryCost: 10, actualQueryCost: 10, throttleStatus: { maximumAvailable: 1_000, currentlyAvailable: 1_000, restoreRate: 1_000 } } } });
        },
      };
    };
    const refused = new Set<string>();
    for (let at = 1; ; at++) {
      await ruin();
      const refuse = refusing(at);
      const outcome = await reviseTo(shop, changesBetween(then, await now()), { options: { fetch: refuse.fetch, bulkFrom: 1_000 } });
      if (refuse.payload() === null) break;
      refused.add(refuse.payload()!);
      const hurt = outcome.results.filter(({ code }) => code !== undefined);
      // A group of metafields that is refused is asked for again one by one, and then nobody is hurt.
      expect([refuse.payload(), hurt.length <= 1]).toEqual([refuse.payload(), true]);
      if (refuse.payload() === "customerUpdate") expect(hurt.map(({ code }) => code)).toEqual(["INVALID"]);
      await reviseTo(shop, changesBetween(then, await now()), { options: { bulkFrom: 1_000 } });
      const after = await now();
      expect(differencesOf(then, after, new Map())).toEqual([]);
      expect(after.size).toBe(then.size);
    }
    expect([...refused].sort()).toEqual(["customerUpdate", "metafieldsSet"]);
  }, 240_000);
});
