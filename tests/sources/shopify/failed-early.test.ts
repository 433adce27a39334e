/** A bulk operation that fails is told of when the shop has failed it, not when its stream's turn to be read comes. */
import { afterAll, expect, test } from "@jest/globals";
import { ShopifySource } from "#app/sources/shopify/source.ts";
import { Sandboxes, optionsFor } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterAll(() => sandboxes.close());

test("the streams that are told of are those that are not whole, before anything of them is read", async () => {
  const shop = await sandboxes.start({ customers: 30, orders: 20, faults: { failBulk: { afterObjects: 5, times: 2, errorCode: "TIMEOUT" } } });
  const told: string[] = [];
  const source = new ShopifySource(optionsFor(shop));
  const failed: string[] = [];
  const late: string[] = [];
  for await (const stream of source.streams({ signal: new AbortController().signal, onProgress: ({ stream: name, failed: code }) => void (code !== undefined && told.push(name)) })) {
    const before = new Set(told);
    for await (const _ of stream.records()) continue;
    const { gaps } = await stream.finish();
    if (!gaps.some(({ code }) => code === "stream.failed")) continue;
    failed.push(stream.name);
    if (!before.has(stream.name)) late.push(stream.name);
  }
  expect(failed).toHaveLength(2);
  expect(told.sort()).toEqual(failed.sort());
  expect(late).toEqual([]);
});
