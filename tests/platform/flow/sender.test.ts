/** The sender before a shop that checks what it is sent: one request each, and every way to fail has its name. */
import { beforeEach, expect, test } from "@jest/globals";
import { flowSender } from "#app/platform/flow/send.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Faults, SandboxShop } from "#app/sandbox/index.ts";
import type { FlowSent } from "#app/workflows/ports.ts";
import { startShop } from "../../sandbox/support.ts";

const CANARY = "CANARY-synthetic";
let shop: SandboxShop;
let refused: SourceError | null = null;
beforeEach(async () => {
  refused = null;
  shop = await startShop({ seed: "sender", flowTriggers: { "drill-passed": { "Drill id": { type: "single_line_text_field" } } } });
});

async function send(handle = "drill-passed", payload: Record<string, unknown> = { "Drill id": "d-1" }, token = shop.accessToken): Promise<FlowSent> {
  const sender = flowSender(() =>
    refused === null
      ? Promise.resolve({ shop: shop.shop, baseUrl: shop.url, clock: { now: () => new Date() }, sleep: () => Promise.reject(new Error("the sender waits for nothing")), accessToken: () => Promise.resolve(token) })
      : Promise.reject(refused),
  );
  return sender.send({ shop: shop.shop, handle, payload });
}

test("an event that fits is taken", async () => {
  expect(await send()).toEqual({ kind: "sent" });
  expect(shop.flowReceipts()).toMatchObject([{ handle: "drill-passed", payload: { "Drill id": "d-1" }, errors: [] }]);
});

test.each<[string, Faults, FlowSent, number]>([
  ["throttled", { throttle: 1 }, { kind: "failed", code: "flow.busy", retry: "later" }, 0],
  ["a server that fails", { serverError: 1 }, { kind: "failed", code: "flow.unreachable", retry: "later" }, 0],
  ["an answer that is lost: it was taken, and nobody knows", { lostAnswer: 1 }, { kind: "failed", code: "flow.unreachable", retry: "later" }, 1],
])("%s", async (_name, faults, outcome, taken) => {
  shop.setFaults(faults);
  expect(await send()).toEqual(outcome);
  expect(shop.flowReceipts()).toHaveLength(taken);
});

test("a token that is not accepted, and a shop without one, are tried again later", async () => {
  expect(await send("drill-passed", { "Drill id": "d-1" }, "another token")).toEqual({ kind: "failed", code: "flow.not_connected", retry: "later" });
  refused = new SourceError("source.unauthorized", "no session");
  expect(await send()).toEqual({ kind: "failed", code: "flow.not_connected", retry: "later" });
});

test("a trigger that was not deployed, and a payload that does not fit, are not", async () => {
  expect(await send("drill-failed")).toEqual({ kind: "failed", code: "flow.unknown_trigger", retry: "never" });
  const outcome = await send("drill-passed", { "Drill id": 7, Note: CANARY });
  expect(outcome).toEqual({ kind: "failed", code: "flow.refused", retry: "never" });
  expect(JSON.stringify(outcome)).not.toContain(CANARY);
});
