/** The app asks for what it needs to read, and for nothing else. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { SCOPES } from "#app/sources/shopify/index.ts";
import { Sandboxes, gapsOf, readAll, sourceOf } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

/** A shop that has at least one of everything. */
const SMALL = { customers: 12, orders: 12, metaobjects: 3, seed: 4 };
const lacking = async (scopes: readonly string[]): Promise<string[]> => gapsOf(await readAll(sourceOf(await sandboxes.start({ ...SMALL, scopes }))));

describe("the scopes of the app", () => {
  it("are enough to read everything", async () => {
    expect(await lacking(SCOPES)).toEqual([]);
  }, 60_000);

  // Without read_all_orders the shop answers the orders of 60 days as if there were no others: only the person who installs the app can know.
  it.each(SCOPES.filter((scope) => scope !== "read_all_orders"))("are each needed: without %s something is missing, and said to be", async (scope) => {
    expect(await lacking(SCOPES.filter((one) => one !== scope))).not.toEqual([]);
  }, 60_000);
});
