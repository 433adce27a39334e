import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { ShopifyClient } from "#app/sources/shopify/client.ts";
import { SourceError } from "#app/sources/port.ts";
import { FakeTime } from "#tests/support/fakes-time.ts";
import { CannedShop, PLENTY, type Answer, type GraphqlRequest } from "./support/canned-shop.ts";

const QUERY = `#graphql
  query Shop { shop { name } }
`;
const Shop = z.object({ shop: z.object({ name: z.string() }) });
const OK = { data: { shop: { name: "SYNTHETIC" } } };
const CANARY = "CANARY-7f3a-patient-note";

let shop: CannedShop | undefined;
afterEach(async () => {
  await shop?.close();
  shop = undefined;
});

async function start(answers: (request: GraphqlRequest, n: number) => Answer): Promise<{ client: ShopifyClient; time: FakeTime; tokens: boolean[] }> {
  let n = 0;
  shop = new CannedShop((request) => answers(request, n++));
  await shop.listen();
  const time = new FakeTime();
  const tokens: boolean[] = [];
  const accessToken = ({ fresh }: { fresh: boolean }): Promise<string> => {
    tokens.push(fresh);
    return Promise.resolve(fresh ? "fresh" : "stale");
  };
  return { client: new ShopifyClient({ shop: "test.myshopify.com", baseUrl: shop.url, accessToken, clock: time, sleep: time.sleep }), time, tokens };
}

const running = (): AbortSignal => new AbortController().signal;
const codeOf = async (work: Promise<unknown>): Promise<SourceError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("it did not fail");
};

const throttle = (available: number) => ({ cost: { requestedQueryCost: 500, actualQueryCost: 500, throttleStatus: { maximumAvailable: 1000, currentlyAvailable: available, restoreRate: 50 } } });

describe("the cost bucket", () => {
  it("waits until the bucket can pay for a query whose price it knows", async () => {
    const { client, time } = await start(() => ({ body: { ...OK, extensions: throttle(100) } }));
    await client.query(QUERY, {}, Shop, running());
    expect(time.slept).toEqual([]);
    await client.query(QUERY, {}, Shop, running());
    expect(time.slept).toEqual([8000]);
  });

  it("does not wait when time has filled the bucket by itself", async () => {
    const { client, time } = await start(() => ({ body: { ...OK, extensions: throttle(100) } }));
    await client.query(QUERY, {}, Shop, running());
    time.advance(8000);
    await client.query(QUERY, {}, Shop, running());
    expect(time.slept).toEqual([]);
  });

  it("repeats a throttled query after the time its own numbers ask for", async () => {
    const refused = { body: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: throttle(250) } };
    const { client, time } = await start((_, n) => (n === 0 ? refused : { body: OK }));
    await expect(client.query(QUERY, {}, Shop, running())).resolves.toEqual(OK.data);
    expect(time.slept[0]).toBe(5000);
  });

  it("outlasts another client that is quicker a hundred times, and asks less often the longer it goes on", async () => {
    const refused = { body: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: throttle(499) } };
    const { client, time } = await start((_, n) => (n < 100 ? refused : { body: OK }));
    await expect(client.query(QUERY, {}, Shop, running())).resolves.toEqual(OK.data);
    expect(time.slept[0]).toBe(20);
    expect(Math.max(...time.slept)).toBe(1000);
  });

  it("gives up with source.throttled when a shop has refused for half an hour", async () => {
    const { client, time } = await start(() => ({ body: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] } }));
    expect(await codeOf(client.query(QUERY, {}, Shop, running()))).toMatchObject({ code: "source.throttled", retry: "later" });
    const waited = time.slept.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(30 * 60_000);
    expect(waited).toBeLessThan(31 * 60_000);
  });
});

describe("what is repeated and what is not", () => {
  it("repeats a 502 and a 503, waiting longer each time and at least as long as Retry-After says", async () => {
    const { client, time } = await start((_, n) => (n === 0 ? { status: 502 } : n === 1 ? { status: 503, headers: { "retry-after": "7" } } : { body: OK }));
    await client.query(QUERY, {}, Shop, running());
    expect(time.slept).toEqual([500, 7000]);
  });

  it("stops repeating after six answers of 500", async () => {
    const { client } = await start(() => ({ status: 500 }));
    expect(await codeOf(client.query(QUERY, {}, Shop, running()))).toMatchObject({ code: "source.unreachable", retry: "later" });
    expect(shop?.requests).toHaveLength(6);
  });

  it("asks once for a fresh token when the shop answers 401", async () => {
    const { client, tokens } = await start((request) => (request.token === "fresh" ? { body: OK } : { status: 401 }));
    await expect(client.query(QUERY, {}, Shop, running())).resolves.toEqual(OK.data);
    expect(tokens).toEqual([false, true]);
  });

  it("says source.unauthorized when the fresh token is refused too", async () => {
    const { client, tokens } = await start(() => ({ status: 401 }));
    expect((await codeOf(client.query(QUERY, {}, Shop, running()))).code).toBe("source.unauthorized");
    expect(tokens).toEqual([false, true]);
  });

  it("does not send anything for a run that was cancelled", async () => {
    const { client } = await start(() => ({ body: OK }));
    const abort = new AbortController();
    abort.abort();
    expect((await codeOf(client.query(QUERY, {}, Shop, abort.signal))).code).toBe("source.cancelled");
    expect(shop?.requests).toHaveLength(0);
  });
});

describe("what an answer is turned into", () => {
  it.each([
    ["Shopify's", { message: "Field 'nickname' doesn't exist on type 'Customer'", extensions: { code: "undefinedField", typeName: "Customer", fieldName: "nickname" } }],
    ["graphql-js's", { message: 'Cannot query field "nickname" on type "Customer".' }],
  ])("names the field that an API version dropped, in %s words", async (_, error) => {
    const { client } = await start(() => ({ body: { errors: [error] } }));
    const failure = await codeOf(client.query(QUERY, {}, Shop, running()));
    expect(failure.code).toBe("source.schema_mismatch");
    expect(failure.message).toContain("Customer.nickname");
  });

  it("names the place where an answer has another shape", async () => {
    const { client } = await start(() => ({ body: { data: { shop: { name: 7 } } } }));
    const failure = await codeOf(client.query(QUERY, {}, Shop, running()));
    expect(failure.code).toBe("source.schema_mismatch");
    expect(failure.message).toContain("shop.name");
  });

  it.each<[string, Answer]>([
    ["an error's message", { body: { errors: [{ message: `no such thing as ${CANARY}`, extensions: { code: CANARY } }] } }],
    ["a wrong shape", { body: { data: { shop: { name: { [CANARY]: CANARY } } } } }],
    ["an envelope that is none", { body: { data: 1, errors: { [CANARY]: CANARY } } }],
  ])("never quotes %s", async (_, answer) => {
    const { client } = await start(() => ({ ...answer, ...(typeof answer.body === "object" ? { body: { ...answer.body, extensions: PLENTY } } : {}) }));
    const failure = await codeOf(client.query(QUERY, { note: CANARY }, Shop, running()));
    expect(`${failure.message} ${String(failure.cause)} ${JSON.stringify(failure)}`).not.toContain(CANARY);
  });
});
