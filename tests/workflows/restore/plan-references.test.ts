/** What names a record that is gone is in the plan: it follows the new id, or the plan says that it cannot. */
import { describe, expect, it } from "@jest/globals";
import { ShopifyRestoreTarget } from "#app/sources/shopify/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { namedIn } from "#app/workflows/restore/plan-references.ts";
import { changesOf, openStates } from "#app/workflows/restore/plan-states.ts";
import { contentKeys } from "#app/vault/index.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { snapshot, SHOP } from "../support/linked-shop.ts";
import { familiesOf, plan, planWorld, vaultOf } from "./support/world.ts";

const gid = (kind: string, n: number): string => `gid://shopify/${kind}/${n}`;
const record = (kind: string, n: number, fields: object, parentId: string | null = null): SourceRecord => ({ kind, id: gid(kind, n), parentId, bytes: Buffer.from(JSON.stringify({ id: gid(kind, n), synthetic: "SYNTHETIC", ...fields, ...(parentId === null ? {} : { __parentId: parentId }) })) });
const GONE = gid("Customer", 1001);
const referring = [
  record("Customer", 1901, { firstName: "SYNTHETIC" }),
  record("Metafield", 1902, { namespace: "clinic", key: "household", type: "list.customer_reference", value: JSON.stringify([GONE]) }, gid("Customer", 1901)),
  record("Customer", 1903, { note: `SYNTHETIC spoke with ${GONE}` }),
  record("CommentEvent", 1904, { subject: { id: GONE } }),
];

/** Of a kind that was not chosen. */
const referral = (displayName = "SYNTHETIC"): SourceRecord => record("Metaobject", 1905, { type: "referral", handle: "r", displayName, fields: [{ key: "patient", type: "customer_reference", value: GONE }] });

async function world(): Promise<Awaited<ReturnType<typeof planWorld>> & { readonly at: Date }> {
  const made = await planWorld([...smallShop(4), ...referring, referral()]);
  const target = new ShopifyRestoreTarget({ shop: SHOP, accessToken: () => Promise.reject(new Error("nothing is asked")), clock: made.ports.clock, sleep: () => Promise.resolve() });
  Object.assign(made.ports, { restoreTargets: { open: () => Promise.resolve({ target, pointsPerSecond: 1000 }) } });
  await snapshot(made);
  made.ports.time.advance(1000);
  const at = made.ports.clock.now();
  made.ports.time.advance(60_000);
  made.source.records = made.source.records.filter(({ id, parentId }) => id !== GONE && parentId !== GONE);
  return Object.assign(made, { at });
}

describe("what names a record that is gone", () => {
  it("is found in values, however they are escaped, and nowhere else", () => {
    const gone = new Set([GONE]);
    expect(referring.map((one) => namedIn(one, gone).length)).toEqual([0, 1, 1, 1]);
    const escaped = record("Customer", 5, { value: JSON.stringify([GONE]) });
    expect(namedIn({ bytes: Buffer.from(Buffer.from(escaped.bytes).toString("utf8").replaceAll("/", "\\/")) }, gone)).toEqual([GONE]);
    expect(namedIn(record("Customer", 5, { note: `${GONE}9 ${gid("Order", 1001)}` }), gone)).toEqual([]);
  });

  it("is in a plan for everything, with the reference alone, though nothing of it has changed", async () => {
    const made = await world();
    const { outcome } = await plan(made, { at: made.at });
    if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
    const families = await familiesOf(made, outcome.plan);
    expect(families.map(({ id, action, only, changes }) => ({ id, action, only, fields: changes.flatMap(({ fields }) => fields).filter((name) => name.startsWith("metafield:")) }))).toEqual([
      { id: GONE, action: "create", only: undefined, fields: [] },
      { id: gid("Customer", 1901), action: "update", only: "references", fields: ["metafield:clinic.household"] },
      { id: referral().id, action: "update", only: "references", fields: [] },
    ]);
    expect(outcome.plan.totals.losses.filter(({ field }) => field === "(references)")).toEqual([
      // A person wrote it into a note: it is no reference of the platform's, and it is said so.
      { kind: "CommentEvent", field: "(references)", reason: "references.stay", records: 1 },
      { kind: "Customer", field: "(references)", reason: "references.stay", records: 1 },
    ]);
  });

  it("is put back as it is today, so that what was done since stays", async () => {
    const made = await world();
    made.source.records = made.source.records.map((one) => (one.id === referral().id ? referral("SYNTHETIC worked on since") : one));
    const { outcome } = await plan(made, { at: made.at, selection: { scope: "kinds", kinds: ["Customer"] }, rule: "keep" });
    if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
    const vault = await vaultOf(made);
    const signal = new AbortController().signal;
    const [before] = await vault.snapshots();
    const states = await openStates({ shop: SHOP, vault, store: made.store, keys: contentKeys(made.store, made.identity.opener), at: made.at, base: null, before: before!, current: null, emptyTarget: false, elsewhere: null, scratchDirectory: SCRATCH, signal });
    const only = (await familiesOf(made, outcome.plan)).filter((family) => family.only === "references" && family.kind === "Metaobject");
    expect(only).toMatchObject([{ id: referral().id, action: "update", changes: [{ fields: ["fields"] }], conflict: null }]);
    const changes = [];
    for await (const change of changesOf(outcome.plan, states, { store: made.store, vault, signal })(new Set(["Metaobject"]))) changes.push(change);
    expect(changes.map(({ id, then, now }) => [id, then?.map(({ bytes }) => Buffer.from(bytes).toString()), now?.length])).toEqual([[referral().id, [Buffer.from(referral("SYNTHETIC worked on since").bytes).toString()], 1]]);
  });

  it("is not looked for where a few records were chosen, and the plan says so", async () => {
    const made = await world();
    const { outcome } = await plan(made, { at: made.at, selection: { scope: "records", ids: [GONE] } });
    if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
    expect(outcome.plan.totals.losses).toContainEqual({ kind: "(all)", field: "(references)", reason: "references.not_looked_for", records: 1 });
  });
});
