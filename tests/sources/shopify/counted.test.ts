/** Kinds that no field of the query root counts: what is summed over their parents, what is only a lower bound, and what is held to the end of its pages. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import type { StreamOutcome } from "#app/sources/port.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { companyLocations } from "#app/sources/shopify/catalogue/people/company-locations.ts";
import { ShopifyClient } from "#app/sources/shopify/client.ts";
import { countNow } from "#app/sources/shopify/counts.ts";
import { isCountedTogether, isUncounted } from "#app/ui/wording/counted.ts";
import { optionsFor, readAll, Sandboxes, sourceOf } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
let shop: SandboxShop;
beforeAll(async () => {
  shop = await sandboxes.start({ customers: 40, orders: 5 });
}, 60_000);
afterAll(() => sandboxes.close());

/** The shop, with every count below a parent moved by so many. */
function off(by: number): typeof fetch {
  return async (input, init) => {
    const answer = await fetch(input, init);
    if (typeof init?.body !== "string" || !init.body.includes("CountByParent")) return answer;
    const body = (await answer.json()) as { data: Record<string, { nodes: Record<string, { count: number }>[] }> };
    for (const { nodes } of Object.values(body.data)) {
      const [first] = nodes;
      for (const value of Object.values(first ?? {})) if (typeof value === "object") value.count += by;
    }
    return Response.json(body, { headers: answer.headers });
  };
}

const read = async (by: number): Promise<{ kinds: Record<string, number>; outcomes: Record<string, StreamOutcome> }> => readAll(sourceOf(shop, by === 0 ? {} : { fetch: off(by) }));

describe("the count of a kind that its parents count", () => {
  it("is the shop's own, for locations of companies and articles, and says what is missing", async () => {
    const whole = await read(0);
    for (const [stream, kind] of [["company-locations", "CompanyLocation"], ["articles", "Article"]] as const) {
      expect(whole.kinds[kind]).toBeGreaterThan(1);
      expect([kind, whole.outcomes[stream]!.counts[kind]?.expected, whole.outcomes[stream]!.gaps]).toEqual([kind, whole.kinds[kind], []]);
    }
    expect(whole.outcomes["comments"]).toMatchObject({ gaps: [], counts: {} });
    const more = await read(1);
    expect(more.outcomes["company-locations"]!.counts["CompanyLocation"]?.expected).toBe(whole.kinds["CompanyLocation"]! + 1);
    // The vault holds the two against each other; of comments the shop's number is a lower bound, so it is compared here.
    expect(more.outcomes["comments"]!.gaps).toEqual([{ code: "count.mismatch", stream: "comments", kind: "Comment", expected: whole.kinds["Comment"]! + 1, found: whole.kinds["Comment"]! }]);
    expect((await read(-1)).outcomes["comments"]!.gaps).toEqual([]);
  }, 120_000);

  it("goes on beyond the platform's 25,000 objects, and is not known where the shop breaks off", async () => {
    const asked: { search: string | null; after: string | null }[] = [];
    const answering = (pages: number, cursor = true): typeof fetch => async (_input, init) => {
      const { variables } = JSON.parse(init?.body as string) as { variables: { search: string | null; after: string | null } };
      asked.push(variables);
      const nodes = Array.from({ length: 100 }, (_, n) => ({ id: `gid://shopify/Company/${asked.length * 100 + n}`, locationsCount: { count: 2, precision: "EXACT" } }));
      const pageInfo = { hasNextPage: asked.length < pages, endCursor: cursor ? String(asked.length) : null };
      return Promise.resolve(Response.json({ data: { companies: { nodes, pageInfo } } }));
    };
    const count = (fake: typeof fetch): Promise<number | null> => countNow(new ShopifyClient(optionsFor(shop, { fetch: fake })), companyLocations.count!, new AbortController().signal);
    expect(await count(answering(260))).toBe(260 * 100 * 2);
    expect(asked[250]).toEqual({ search: "id:>25099", after: null });
    asked.length = 0;
    expect(await count(answering(3, false))).toBeNull();
  });
});

describe("a kind that nobody counts", () => {
  it("is named as that on the snapshot's page, and no other is", () => {
    const uncounted = CATALOGUE.filter(({ count, read: how }) => (count === null && how.how !== "by-type") || count?.atLeast === true).flatMap(({ types }) => types);
    const together = CATALOGUE.filter(({ count, kind, types }) => count !== null && (types.length > 1 || types[0] !== kind)).flatMap(({ types }) => types);
    const roots = CATALOGUE.flatMap(({ types }) => types);
    expect(roots.filter(isUncounted).sort()).toEqual([...new Set(uncounted)].sort());
    expect(roots.filter(isCountedTogether).sort()).toEqual([...new Set(together)].sort());
  });

  it("is a gap when the shop says that there are more and does not say where", async () => {
    const broken: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (typeof init?.body !== "string" || !/query FilePages/.test(init.body)) return answer;
      const body = (await answer.json()) as { data: { files: { pageInfo: { hasNextPage: boolean; endCursor: string | null } } } };
      body.data.files.pageInfo = { hasNextPage: true, endCursor: null };
      return Response.json(body, { headers: answer.headers });
    };
    const { outcomes } = await readAll(sourceOf(shop, { fetch: broken }));
    expect(outcomes["files"]!.gaps).toEqual([{ code: "stream.partial", stream: "files", reason: "NO_CURSOR" }]);
  }, 60_000);
});
