/** A shop that is not the one the copies are of: what it has of its own stays as it is, whatever it is called. */
import { afterAll, describe, expect, it } from "@jest/globals";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { MemoryRestoreLog } from "#tests/support/fakes-revision.ts";
import { holding, reviseTo, type Held } from "./support/living.ts";
import { Sandboxes } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterAll(() => sandboxes.close());
const catalogue = CATALOGUE.filter(({ kind }) => kind === "Metaobject" || kind === "MetaobjectDefinition");
const rootOf = (held: Held, id: string): Record<string, unknown> => JSON.parse(Buffer.from(held.get(id)![0]!.bytes).toString("utf8")) as Record<string, unknown>;
const name = (held: Held, id: string): string => `${String(rootOf(held, id)["type"])}/${String(rootOf(held, id)["handle"])}`;
const entries = (held: Held): string[] => [...held].filter(([, [root]]) => root!.kind === "Metaobject").map(([id]) => id);
const text = (held: Held, id: string): string => Buffer.from(held.get(id)![0]!.bytes).toString("utf8");

describe("an entry whose handle another shop has already", () => {
  it("is refused by name and overwrites nothing; an entry whose handle is free is made, once, also after its answer was lost", async () => {
    // The same seed: the same types and handles, as in shops of one group.
    const ours = await sandboxes.start({ customers: 4, orders: 1, metaobjects: 6, seed: "elsewhere" });
    const theirs = await sandboxes.start({ customers: 4, orders: 1, metaobjects: 6, seed: "elsewhere" });
    const then = await holding(ours, catalogue);
    const before = await holding(theirs, catalogue);
    const named = new Map(entries(before).map((id) => [name(before, id), id]));
    const [taken, wanted] = entries(then).filter((id) => named.has(name(then, id)));
    const gone = named.get(name(then, wanted!))!;
    const answer = await fetch(`${theirs.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": theirs.accessToken }, body: JSON.stringify({ query: "mutation D($id: ID!) { metaobjectDelete(id: $id) { userErrors { message } } }", variables: { id: gone } }) });
    expect(((await answer.json()) as { data: { metaobjectDelete: { userErrors: unknown[] } } }).data.metaobjectDelete.userErrors).toEqual([]);
    const log = new MemoryRestoreLog();
    const changes = [taken!, wanted!].map((id) => ({ kind: "Metaobject", id, then: then.get(id)!, now: null }));
    let lost = 0;
    const outcome = await reviseTo(theirs, changes, {
      log,
      ids: { known: new Map(), same: false },
      options: {
        fetch: async (input, init) => {
          const response = await fetch(input, init);
          if (typeof init?.body === "string" && init.body.includes("metaobjectUpsert(") && lost++ === 0) throw new TypeError("the answer was lost");
          return response;
        },
      },
    });
    expect(lost).toBeGreaterThan(0);
    expect(outcome.results.map(({ id, outcome: what, code }) => [id, what, code])).toEqual([[taken, "refused", "handle_taken"], [wanted, "restored-with-losses", undefined]]);
    const after = await holding(theirs, catalogue);
    for (const id of entries(before)) if (id !== gone) expect(text(after, id)).toBe(text(before, id));
    expect(entries(after)).toHaveLength(entries(before).length);
    expect(name(after, outcome.ids.get(wanted!)!)).toBe(name(then, wanted!));
  }, 60_000);
});
