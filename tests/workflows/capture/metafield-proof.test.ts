/** When is it known that the platform tells of a change of nothing but metafields? */
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { SourceRecord } from "#app/vault/index.ts";
import { measureRecoveryPoints, type MeasuredRecoveryPoint } from "#app/workflows/capture/measure-recovery-points.ts";
import { SHOP } from "../support/linked-shop.ts";
import { capturedShop, type CapturedShop } from "./kit.ts";

const ID = "gid://shopify/Customer/1";
const OTHER = "gid://shopify/Address/9";
const record = (kind: string, id: string, fields: object): SourceRecord => ({ kind, id, parentId: id === ID ? null : ID, bytes: Buffer.from(JSON.stringify({ id, ...fields })) });

let shop: CapturedShop;
const now = (): string => shop.process.clock.now().toISOString();

/** The customer as the shop has it now: changes what is said, moves the owner's time when told to. */
const state = { note: "SYNTHETIC a", city: "b", value: "c", at: "", ownerAt: "" };
function put(change: Partial<typeof state>): void {
  Object.assign(state, change);
  shop.capture.currentState.put([record("Customer", ID, { note: state.note, updatedAt: state.ownerAt }), record("Address", OTHER, { city: state.city }), record("Metafield", "gid://shopify/Metafield/1", { value: state.value, updatedAt: state.at })]);
}
/** A message about the customer, and what comes of it. */
async function told(o: { occurredAt?: Date | null } = {}): Promise<void> {
  shop.capture.captureQueue.receive(shop.event(1, o));
  await shop.fold();
}
const proofs = (): string[] => [...shop.capture.captureRecords.proofs.keys()];
const rows = async (): Promise<MeasuredRecoveryPoint[]> => (await measureRecoveryPoints(shop.ports, { shop: SHOP })).filter(({ stream }) => stream.startsWith("customers"));

beforeEach(async () => {
  shop = await capturedShop();
  const { captureCatalogue } = shop.capture;
  const kinds = captureCatalogue.kinds.map((kind) => (kind.stream === "customers" ? { ...kind, kinds: [...kind.kinds, "Address"], metafields: true as const } : kind));
  Object.assign(shop.ports, { captureCatalogue: { ...captureCatalogue, kinds }, capture: { ...shop.capture, captureCatalogue: { ...captureCatalogue, kinds } } });
  put({ at: now(), ownerAt: now() });
  await shop.snapshot();
  // Captured once, so that there is something to compare with.
  await told();
  shop.process.time.advance(120_000);
});

describe("a change of nothing but a metafield", () => {
  it.each([["moves", true], ["does not move", false]])("proves it when it is told of, where that %s the owner's time", async (_words, moves) => {
    put({ value: "changed", at: now(), ...(moves ? { ownerAt: now() } : {}) });
    await told();
    expect(proofs()).toEqual(["customers"]);
  });

  it.each<[string, () => Promise<void>]>([
    ["when the record itself changed too", async () => { put({ value: "changed", at: now(), note: "SYNTHETIC other" }); await told(); }],
    ["when another child changed too", async () => { put({ value: "changed", at: now(), city: "elsewhere" }); await told(); }],
    ["when the metafield was written at another time than the message names", async () => { put({ value: "changed", at: now() }); shop.process.time.advance(60_000); await told(); }],
    ["when the record was heard of a moment before", async () => { await told(); shop.process.time.advance(20_000); put({ value: "changed", at: now() }); await told(); }],
    ["when nobody knows when it happened", async () => { put({ value: "changed", at: now() }); await told({ occurredAt: null }); }],
    ["when nothing is told", async () => { put({ value: "changed", at: now() }); await shop.fold(); }],
  ])("proves nothing %s", async (_words, happens) => {
    await happens();
    expect(proofs()).toEqual([]);
  });
});

describe("the recovery point of metafields", () => {
  /** A snapshot that finds the journal to have heard of everything. */
  const proven = async (): Promise<void> => void (await shop.reconcile(await shop.snapshot()));

  it("is that of the last reading while it is not known that they are told of, and their owners' own is not", async () => {
    await proven();
    shop.process.time.advance(30 * 60_000);
    const [owners, metafields] = await rows();
    expect(owners).toMatchObject({ stream: "customers", basis: "capture", why: "proven" });
    expect(metafields).toMatchObject({ stream: "customers-metafields", basis: "snapshot", why: "metafields-unconfirmed" });
    expect(metafields!.ageMs).toBeGreaterThanOrEqual(30 * 60_000);
    put({ value: "changed", at: now() });
    await told();
    expect((await rows()).map(({ stream, basis }) => [stream, basis])).toEqual([["customers", "capture"]]);
    // For as long as a platform's version may be counted on to go on as it is.
    shop.process.time.advance(91 * 86_400_000);
    await proven();
    expect((await rows()).map(({ stream }) => stream)).toEqual(["customers", "customers-metafields"]);
  });

  it("goes back to that when a snapshot finds a metafield changed that nobody told of", async () => {
    put({ value: "changed", at: now() });
    await told();
    await proven();
    expect(proofs()).toEqual(["customers"]);
    shop.process.time.advance(120_000);
    put({ value: "in silence", at: now() });
    await proven();
    expect(proofs()).toEqual([]);
    expect((await rows()).map(({ stream, why }) => [stream, why])).toEqual([["customers", "missed"]]);
    // Nothing happens to the records themselves: they are heard of again, their metafields are not known to be.
    await proven();
    expect((await rows()).map(({ stream, why }) => [stream, why])).toEqual([["customers", "proven"], ["customers-metafields", "metafields-unconfirmed"]]);
  });
});
