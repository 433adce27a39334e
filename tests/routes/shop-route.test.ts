import { describe, expect, test } from "@jest/globals";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import type { HoldfastApp } from "#app/platform/app.ts";
import { createLog } from "#app/platform/log.ts";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { StoreError } from "#app/vault/index.ts";

const lines: string[] = [];
const app = {
  log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }),
  shopify: {
    authenticate: (request: Request) => {
      if (request.headers.has("X-Stranger")) return Promise.reject(new Response(null, { status: 302, headers: { Location: "/auth/login" } }) as unknown as Error);
      return Promise.resolve({ shop: "a.myshopify.com", staff: { id: "42" }, redirect: (path: string) => new Response(null, { status: 302, headers: { Location: `${path}?shop=a` } }) });
    },
  },
} as unknown as HoldfastApp;

const args = (request: Request, params: Record<string, string> = {}) => ({ request, params, context: { app } }) as LoaderFunctionArgs;
const get = (path = "/app", headers: Record<string, string> = {}) => new Request(`https://app.example.org${path}`, { headers });
const post = (body: BodyInit, headers: Record<string, string> = {}) => new Request("https://app.example.org/app", { method: "POST", body, headers });
const thrown = (work: Promise<unknown>) => work.then(() => { throw new Error("nothing was thrown"); }, (error: unknown) => error as Response);
const answer = async (response: unknown) => ({ status: (response as Response).status, body: (await (response as Response).json()) as unknown });

describe("a loader", () => {
  test("runs for the signed-in shop, whatever the address says, and its answer is kept by no cache", async () => {
    const loader = shopLoader(({ shop, staff, actor }) => ({ shop, staff, actor }));
    const response = await loader(args(get("/app?shop=other.myshopify.com")));
    expect(await answer(response)).toEqual({ status: 200, body: { shop: "a.myshopify.com", staff: { id: "42" }, actor: { kind: "staff", id: "42", shop: "a.myshopify.com" } } });
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });

  test("does not run for a stranger, whose redirect passes", async () => {
    let ran = false;
    const response = await thrown(shopLoader(() => { ran = true; return null; })(args(get("/app", { "X-Stranger": "1" }))));
    expect([ran, response.status, response.headers.get("Location")]).toEqual([false, 302, "/auth/login"]);
  });

  test("parses parameters and query, and answers 404 and 422 when they are not as they should be", async () => {
    const loader = shopLoader({ params: z.object({ id: z.string().length(3) }), search: z.object({ page: z.coerce.number().default(1) }) }, ({ params, search }) => ({ ...params, ...search }));
    expect(await answer(await loader(args(get("/app?page=2"), { id: "abc" })))).toEqual({ status: 200, body: { id: "abc", page: 2 } });
    expect(await answer(await thrown(loader(args(get(), { id: "abcd" }))))).toEqual({ status: 404, body: { code: "request.not_found", fields: { id: "too_big" } } });
    expect(await answer(await thrown(loader(args(get("/app?page=x"), { id: "abc" }))))).toMatchObject({ status: 422, body: { code: "request.invalid", fields: { page: "invalid_type" } } });
  });

  test("that breaks tells nothing of why, to the screen or to the log", async () => {
    const response = await thrown(shopLoader(() => { throw new TypeError("canary of Maria"); })(args(get("/app?id_token=canary"))));
    expect(await answer(response)).toEqual({ status: 500, body: { code: "request.failed", fields: {} } });
    expect(lines.join("")).toContain("TypeError");
    expect(lines.join("")).not.toMatch(/canary|Maria/);
  });

  test("goes elsewhere by the embedding's own redirect", async () => {
    const response = await thrown(shopLoader(({ redirect }) => redirect("/app/setup"))(args(get())));
    expect([response.status, response.headers.get("Location")]).toEqual([302, "/app/setup?shop=a"]);
  });
});

describe("an action", () => {
  const body = z.object({ name: z.string().min(2), tags: z.union([z.string(), z.array(z.string())]).optional() });
  const action = shopAction({ body }, ({ body: given }) => given);

  test("takes a form or JSON", async () => {
    expect(await answer(await action(args(post(new URLSearchParams([["name", "ab"], ["tags", "x"], ["tags", "y"]])))))).toEqual({ status: 200, body: { ok: true, data: { name: "ab", tags: ["x", "y"] } } });
    expect(await answer(await action(args(post(JSON.stringify({ name: "ab" }), { "Content-Type": "application/json" }))))).toMatchObject({ body: { ok: true, data: { name: "ab" } } });
  });

  test("answers which fields are wrong, without what was typed", async () => {
    const wrong = await answer(await action(args(post(new URLSearchParams({ name: "ß" })))));
    expect(wrong).toEqual({ status: 422, body: { ok: false, error: { code: "request.invalid", fields: { name: "too_small" } } } });
    expect(await answer(await action(args(post("{", { "Content-Type": "application/json" }))))).toMatchObject({ status: 422, body: { ok: false } });
  });

  test("answers a refusal in the shape of an answer, with the status of its code, and never as a fault of this process", async () => {
    const refusing = async (code?: string) => answer(await shopAction(() => Promise.resolve({ kind: "refused", ...(code === undefined ? {} : { code }) }))(args(post(new URLSearchParams()))));
    expect(await refusing("access.not_a_responder")).toEqual({ status: 403, body: { ok: true, data: { kind: "refused", code: "access.not_a_responder" } } });
    for (const [code, status] of [[undefined, 403], ["vault.overtaken", 409], ["assistant.bad_reason", 422], ["vault.damaged_object", 422]] as const) expect(await refusing(code)).toMatchObject({ status });
  });

  test("answers an error of ours by its code and status", async () => {
    const failing = (error: Error) => answerOf(shopAction(() => { throw error; }));
    expect(await failing(new StoreError("store.no_space", "the disk is full"))).toEqual({ status: 507, body: { ok: false, error: { code: "store.no_space", fields: {} } } });
    expect(await failing(new RequestError("request.conflict", "there is one", { fields: { storage: "taken" } }))).toEqual({ status: 409, body: { ok: false, error: { code: "request.conflict", fields: { storage: "taken" } } } });
    // Codes of other people's libraries are not ours.
    expect(await failing(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))).toMatchObject({ status: 500, body: { error: { code: "request.failed" } } });
  });

  const answerOf = async (run: (a: LoaderFunctionArgs) => Promise<unknown>) => answer(await run(args(post(new URLSearchParams()))));
});
