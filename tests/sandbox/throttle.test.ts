import { describe, expect, test } from "@jest/globals";
import { FixedClock } from "#tests/support/clock.ts";
import { ask, startShop } from "./support.ts";

describe("cost", () => {
  const costs: readonly (readonly [query: string, requested: number, actual: number])[] = [
    ["{ shop { name } }", 1, 1],
    ["{ customersCount { count } }", 1, 1],
    ["{ customers(first: 10) { nodes { id email } } }", 12, 5],
    ["{ customers(first: 10) { edges { cursor node { id } } pageInfo { hasNextPage } } }", 12, 5],
    ["{ customers(first: 10) { nodes { id defaultEmailAddress { emailAddress } } } }", 22, 8],
    ["{ customers(first: 10) { nodes { id addressesV2(first: 2) { nodes { id } } } } }", 2 + 10 * (1 + 2 + 2), -1],
    ['{ node(id: "gid://shopify/Customer/1") { ... on Customer { defaultAddress { id } } ... on Order { customer { id } shippingAddress { id } } } }', 3, 0],
    ["mutation { customerCreate(input: {}) { userErrors { message } customer { id } } }", 10, 10],
  ];
  test.each(costs)("of %s", async (query, requested, actual) => {
    const shop = await startShop({ customers: 3, rateLimit: { restoreRate: 1000, maximum: 20_000 } });
    const { extensions } = await ask(shop, query);
    expect(extensions.cost.requestedQueryCost).toBe(requested);
    if (actual >= 0) expect(extensions.cost.actualQueryCost).toBe(actual);
    expect(extensions.cost.throttleStatus).toMatchObject({ maximumAvailable: 20_000, restoreRate: 1000 });
  });

  test("above 1,000 points is refused before anything is read", async () => {
    const shop = await startShop({ customers: 1 });
    const { data, errors } = await ask(shop, "{ customers(first: 250) { nodes { id metafields(first: 10) { nodes { id } } } } }");
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions).toMatchObject({ code: "MAX_COST_EXCEEDED", cost: 2 + 250 * 13, maxCost: 1000 });
  });
});

describe("the bucket", () => {
  const query = "{ customers(first: 48) { nodes { id } } }";

  test("is drained by what is asked for, gets back what was not used, and refuses with THROTTLED when too little is left", async () => {
    const clock = new FixedClock();
    const shop = await startShop({ customers: 3, clock, rateLimit: { restoreRate: 10, maximum: 100 } });
    const first = await ask(shop, query);
    expect(first.extensions.cost).toEqual({ requestedQueryCost: 50, actualQueryCost: 5, throttleStatus: { maximumAvailable: 100, currentlyAvailable: 95, restoreRate: 10 } });
    for (let n = 0; n < 9; n++) await ask(shop, query);
    const { data, errors, extensions } = await ask(shop, query);
    expect(data.customers.nodes).toHaveLength(3);
    expect(errors).toBeUndefined();
    expect(extensions.cost.throttleStatus.currentlyAvailable).toBe(45);
    const refused = await ask(shop, query);
    expect(refused.data).toBeUndefined();
    expect(refused.errors?.[0]).toMatchObject({ message: "Throttled", extensions: { code: "THROTTLED" } });
    expect(refused.extensions.cost).toEqual({ requestedQueryCost: 50, actualQueryCost: null, throttleStatus: { maximumAvailable: 100, currentlyAvailable: 45, restoreRate: 10 } });
  });

  test("fills again at its rate, up to its size", async () => {
    const clock = new FixedClock();
    const shop = await startShop({ customers: 3, clock, rateLimit: { restoreRate: 10, maximum: 60 } });
    await ask(shop, query);
    await ask(shop, query);
    await ask(shop, query);
    expect((await ask(shop, query)).errors?.[0]?.extensions.code).toBe("THROTTLED");
    clock.advance(500);
    expect((await ask(shop, query)).errors).toBeUndefined();
    clock.advance(3_600_000);
    expect((await ask(shop, "{ shop { name } }")).extensions.cost.throttleStatus.currentlyAvailable).toBe(59);
  });
});
