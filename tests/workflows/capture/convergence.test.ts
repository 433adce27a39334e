/**
 * Whatever becomes of messages on their way (lost, twice, late, in another order, replayed long after), the last snapshot and the journal together are the
 * shop as it was when the last message that arrived was handled; and the next snapshot has the rest, and says what the journal had missed.
 */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { CaptureEvent } from "#app/workflows/ports.ts";
import { capturedShop, family, linesOf } from "./kit.ts";

type Step =
  | { readonly do: "edit"; readonly n: number; readonly children: number; readonly lose: boolean }
  | { readonly do: "delete"; readonly n: number; readonly lose: boolean }
  | { readonly do: "deliver"; readonly at: number; readonly twice: boolean }
  | { readonly do: "replay"; readonly at: number }
  | { readonly do: "fold" }
  | { readonly do: "fold-dies" }
  | { readonly do: "snapshot" };

const n = fc.integer({ min: 1, max: 6 });
const steps = (loss: boolean): fc.Arbitrary<Step[]> => {
  const lose = loss ? fc.boolean() : fc.constant(false);
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("edit" as const), n, children: fc.integer({ min: 0, max: 3 }), lose }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), n, lose }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), at: fc.nat(50), twice: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("replay" as const), at: fc.nat(50) }) },
      { weight: 4, arbitrary: fc.constant({ do: "fold" as const }) },
      { weight: 1, arbitrary: fc.constant({ do: "fold-dies" as const }) },
      { weight: 1, arbitrary: fc.constant({ do: "snapshot" as const }) },
    ),
    { minLength: 5, maxLength: 40 },
  );
};

async function play(schedule: readonly Step[]) {
  const shop = await capturedShop();
  const { currentState: model, captureQueue: queue } = shop.capture;
  for (let i = 1; i <= 4; i++) model.put(family(i, "begin"));
  let newest = await shop.snapshot();
  const underWay: CaptureEvent[] = [];
  const delivered: CaptureEvent[] = [];
  const lost = new Set<string>();
  let version = 0;
  const happened = (event: CaptureEvent, lose: boolean): void => {
    if (lose) lost.add(event.recordId);
    else underWay.push(event);
  };
  const deliver = (event: CaptureEvent): void => {
    queue.receive({ ...event, receivedAt: shop.process.clock.now() });
    delivered.push(event);
    // A message that does arrive makes good for one about the same record that did not.
    lost.delete(event.recordId);
  };
  const foldAll = async (): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      shop.process.time.advance(400_000);
      const outcome = await shop.fold();
      if (outcome.kind === "folded" && outcome.sealed + outcome.failed === 0) return;
    }
  };
  const reconciled: { changed: number; confirmed: number; missed: number }[] = [];
  for (const step of schedule) {
    shop.process.time.advance(1_000);
    switch (step.do) {
      case "edit":
        model.put(family(step.n, `v${++version}`, step.children));
        happened(shop.event(step.n), step.lose);
        break;
      case "delete":
        if (!model.families.has(`gid://shopify/Customer/${step.n}`)) break;
        model.delete(`gid://shopify/Customer/${step.n}`);
        happened(shop.event(step.n, { topic: "customers/delete", action: "delete" }), step.lose);
        break;
      case "deliver": {
        if (underWay.length === 0) break;
        const [event] = underWay.splice(step.at % underWay.length, 1) as [CaptureEvent];
        deliver(event);
        if (step.twice) deliver({ ...event });
        break;
      }
      case "replay":
        if (delivered.length > 0) deliver({ ...(delivered[step.at % delivered.length] as CaptureEvent), webhookId: `replayed-${step.at}-${version}` });
        break;
      case "fold":
        await shop.fold();
        break;
      case "fold-dies": {
        const { sealed } = queue;
        queue.sealed = () => Promise.reject(new Error("died"));
        await shop.fold().catch(() => undefined);
        queue.sealed = sealed;
        shop.process.time.advance(400_000);
        break;
      }
      case "snapshot": {
        newest = await shop.snapshot();
        lost.clear();
        const outcome = await shop.reconcile(newest);
        if (outcome.kind === "reconciled") reconciled.push(outcome.reconciliation.streams["customers"] as (typeof reconciled)[number]);
        break;
      }
      default:
        step satisfies never;
    }
  }
  for (const event of underWay.splice(0)) deliver(event);
  await foldAll();
  return { shop, model, lost, newest, reconciled };
}

describe("capture", () => {
  it("ends in the shop's state when every message arrives some day, however often and in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(steps(false), async (schedule) => {
        const { shop, model } = await play(schedule);
        expect(await shop.lines()).toEqual(linesOf(model.records));
      }),
      { numRuns: 25 },
    );
  }, 240_000);

  it("differs from the shop in nothing but records whose messages were lost; the next snapshot has those, and counts them as missed", async () => {
    await fc.assert(
      fc.asyncProperty(steps(true), async (schedule) => {
        const { shop, model, lost } = await play(schedule);
        const state = await shop.lines();
        const truth = linesOf(model.records);
        const rootOf = (line: string): string => /gid:\/\/shopify\/Customer\/\d+/.exec(line)?.[0] ?? "";
        const differing = new Set([...state.filter((line) => !truth.includes(line)), ...truth.filter((line) => !state.includes(line))].map(rootOf));
        for (const root of differing) expect(lost).toContain(root);
        // What the next snapshot finds, it has; and the journal's share is named.
        const outcome = await shop.reconcile(await shop.snapshot());
        expect(await shop.lines()).toEqual(truth);
        if (outcome.kind !== "reconciled") throw new Error("not reconciled");
        const { changed, confirmed, missed } = outcome.reconciliation.streams["customers"] as { changed: number; confirmed: number; missed: number };
        expect(changed).toBe(confirmed + missed);
        expect(missed > 0).toBe(differing.size > 0);
      }),
      { numRuns: 25 },
    );
  }, 240_000);
});
