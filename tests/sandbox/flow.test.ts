/** The sandbox's Flow: what it takes for an event, and how it runs a step of a workflow. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { data, startShop } from "./support.ts";

const RECEIVE = `mutation($handle: String, $payload: JSON) { flowTriggerReceive(handle: $handle, payload: $payload) { userErrors { field message } } }`;
const TRIGGERS = { "snapshot-completed": { "Snapshot id": { type: "single_line_text_field" }, Records: { type: "number_decimal" }, Complete: { type: "boolean" }, Page: { type: "url" } } };
const GOOD = { "Snapshot id": "abc", Records: 3, Complete: true, Page: "https://example.com/a" };

interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly signed: boolean;
}

let shop: SandboxShop;
let app: Server;
let asked: Asked[] = [];
/** What the app answers, in turn; the last one stays. */
let answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }[] = [];
let slept: number[] = [];

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

beforeEach(async () => {
  [asked, answers, slept] = [[], [{ status: 200 }], []];
  app = createServer((request, response) => {
    void bytesOf(request).then((bytes) => {
      const signed = request.headers["x-shopify-hmac-sha256"] === createHmac("sha256", shop.apiSecret).update(bytes).digest("base64");
      asked.push({ path: request.url ?? "", body: JSON.parse(bytes.toString("utf8")) as Record<string, unknown>, signed });
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next?.status === 0) return request.destroy();
      response.writeHead(next?.status ?? 200, next?.headers ?? {});
      response.end(next?.body ?? "");
    });
  });
  await new Promise<void>((listening) => app.listen(0, "127.0.0.1", listening));
  let now = Date.parse("2026-11-22T09:00:00.000Z");
  shop = await startShop({
    seed: "flow", appUrl: `http://127.0.0.1:${(app.address() as AddressInfo).port}`, flowTriggers: TRIGGERS,
    clock: { now: () => new Date(now), sleep: async (ms) => { slept.push(ms); now += ms; await new Promise((resolve) => setImmediate(resolve)); } },
  });
});
afterEach(() => new Promise((closed) => app.close(closed)));

describe("flowTriggerReceive", () => {
  const receive = async (handle: unknown, payload: unknown): Promise<unknown[]> => (await data(shop, RECEIVE, { handle, payload }))["flowTriggerReceive"].userErrors as unknown[];

  test("takes a payload that fits what was declared, and keeps a receipt", async () => {
    expect(await receive("snapshot-completed", GOOD)).toEqual([]);
    expect(shop.flowReceipts()).toEqual([{ handle: "snapshot-completed", payload: GOOD, at: "2026-11-22T09:00:00.000Z", errors: [] }]);
  });

  test.each([
    ["a handle that nobody declared", "auction-won", GOOD, /Invalid handle/],
    ["a field that is missing", "snapshot-completed", { ...GOOD, Records: undefined }, /Missing field 'Records'/],
    ["a field that nobody declared", "snapshot-completed", { ...GOOD, Note: "x" }, /Unknown field 'Note'/],
    ["a number that is text", "snapshot-completed", { ...GOOD, Records: "3" }, /no number_decimal/],
    ["a flag that is text", "snapshot-completed", { ...GOOD, Complete: "true" }, /no boolean/],
    ["an address that is none", "snapshot-completed", { ...GOOD, Page: "/app" }, /no url/],
    ["a line that is two", "snapshot-completed", { ...GOOD, "Snapshot id": "a\nb" }, /no single_line_text_field/],
    ["more than fifty kilobytes", "snapshot-completed", { ...GOOD, "Snapshot id": "x".repeat(50_000) }, /too large/],
    ["no payload", "snapshot-completed", null, /must be an object/],
  ])("refuses %s", async (_name, handle, payload, why) => {
    expect(JSON.stringify(await receive(handle, payload))).toMatch(why);
    expect(shop.flowReceipts()).toMatchObject([{ handle, errors: [expect.stringMatching(why)] }]);
  });

  test("a shop in which nothing was declared takes any handle", async () => {
    const other = await startShop({ seed: "other" });
    expect((await data(other, RECEIVE, { handle: "anything", payload: { a: 1 } }))["flowTriggerReceive"].userErrors).toEqual([]);
  });
});

describe("a step of a workflow", () => {
  test("is signed, names its run, and is done at 200", async () => {
    answers = [{ status: 200, body: JSON.stringify({ return_value: { ok: true } }) }];
    const run = await shop.runFlowAction({ handle: "take-snapshot", properties: { reason: "attack" } });
    expect(run).toMatchObject({ state: "done", returnValue: { ok: true }, answers: [{ status: 200 }] });
    expect(asked).toEqual([{ path: "/flow/actions/take-snapshot", signed: true, body: expect.objectContaining({ shopify_domain: shop.shop, action_run_id: run.actionRunId, handle: "take-snapshot", properties: { reason: "attack" } }) }]);
  });

  test("is asked again under the same id on 202, 5xx, 429 and silence, after what the app says, five seconds to an hour", async () => {
    answers = [{ status: 202, headers: { "Retry-After": "30" } }, { status: 503, headers: { "Retry-After": "1" } }, { status: 429, headers: { "Retry-After": "99999" } }, { status: 0 }, { status: 500 }, { status: 200 }];
    const run = await shop.runFlowAction({ handle: "take-snapshot" });
    expect(run).toMatchObject({ state: "done", answers: [{ status: 202 }, { status: 503 }, { status: 429 }, { status: null }, { status: 500 }, { status: 200 }] });
    expect(new Set(asked.map(({ body }) => body["action_run_id"])).size).toBe(1);
    expect(slept.slice(0, 3)).toEqual([30_000, 5000, 3_600_000]);
    expect(slept.slice(3).every((ms) => ms >= 10_000)).toBe(true);
  });

  test("any other answer is final and shown", async () => {
    answers = [{ status: 422, body: "No storage is connected." }];
    expect(await shop.runFlowAction({ handle: "take-snapshot" })).toMatchObject({ state: "failed", shown: "No storage is connected.", answers: [{ status: 422 }] });
  });

  test("is given up after 36 hours", async () => {
    answers = [{ status: 202, headers: { "Retry-After": "3600" } }];
    const run = await shop.runFlowAction({ handle: "take-snapshot" });
    expect([run.state, run.answers.length]).toEqual(["gave-up", 38]);
  });

  test("a value that is too large is no value", async () => {
    answers = [{ status: 200, body: JSON.stringify({ return_value: { text: "x".repeat(50_000) } }) }];
    expect((await shop.runFlowAction({ handle: "take-snapshot" })).state).toBe("failed");
  });

  test("goes out twice at once when asked to", async () => {
    await shop.runFlowAction({ handle: "take-snapshot", twice: true });
    expect(asked).toHaveLength(2);
  });
});

test("a workflow that is switched on is told of, signed, and the app's status is answered", async () => {
  answers = [{ status: 200 }, { status: 500 }];
  expect([await shop.setFlowListener("drill-failed", true), await shop.setFlowListener("drill-failed", false)]).toEqual([200, 500]);
  expect(asked.map(({ path, signed, body }) => [path, signed, body["flow_trigger_definition_id"], body["has_enabled_flow"]])).toEqual([["/flow/lifecycle", true, "drill-failed", true], ["/flow/lifecycle", true, "drill-failed", false]]);
});

test("the controls do the same for a shop in another process", async () => {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => (await (await fetch(`${shop.url}/sandbox/flow/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json()) as Record<string, unknown>;
  await post("triggers", { "drill-passed": {} });
  expect((await data(shop, RECEIVE, { handle: "drill-passed", payload: {} }))["flowTriggerReceive"].userErrors).toEqual([]);
  expect(await post("receipts", {})).toMatchObject({ receipts: [{ handle: "drill-passed", errors: [] }] });
  expect(await post("run", { handle: "take-snapshot" })).toMatchObject({ state: "done" });
  expect(await post("listen", { handle: "drill-passed", enabled: true })).toEqual({ status: 200 });
});
