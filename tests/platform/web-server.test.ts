import { request as httpRequest } from "node:http";
import type { Server } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { ActionFunctionArgs, LoaderFunctionArgs, ServerBuild } from "@remix-run/node";
import type { HoldfastApp } from "#app/platform/app.ts";
import { listen, webServer } from "#app/platform/http/web-server.ts";
import { createLog } from "#app/platform/log.ts";
import { prometheusMetrics } from "#app/platform/metrics/prometheus.ts";

const lines: string[] = [];
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  lines.length = 0;
});

let ready = true;
const metrics = prometheusMetrics({ processMetrics: false });
const app = {
  log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }),
  health: { report: () => Promise.resolve({ ready, parts: [{ name: "database", ok: ready, words: "The database answers." }] }) },
  metrics,
  metricsToken: null,
  settings: { version: "9.9.9" },
} as unknown as HoldfastApp;

const CSP = "frame-ancestors https://a.myshopify.com https://admin.shopify.com;";

/** One resource route: says what it was given. */
const route = {
  loader: ({ context, request }: LoaderFunctionArgs) => {
    if (new URL(request.url).searchParams.has("break")) throw new Error("canary of Maria");
    // As the library's bounce page.
    throw new Response(context.app.settings.version, { headers: { "Content-Security-Policy": CSP } });
  },
  action: async ({ request }: ActionFunctionArgs) => new Response(String((await request.arrayBuffer()).byteLength)),
};
const build = {
  entry: { module: { default: () => new Response(), handleError: () => undefined } },
  routes: { page: { id: "page", path: "page", module: route } },
  assets: { entry: { module: "", imports: [] }, routes: {}, url: "", version: "1" },
  publicPath: "/", assetsBuildDirectory: "", basename: "/", isSpaMode: false, mode: "production",
  future: {},
} as unknown as ServerBuild;

async function start(frameAncestor: string | null = null): Promise<string> {
  const web = await webServer(app, { frameAncestor, mode: "production" }, { middleware: (_request, _response, next) => { next(); }, build: () => Promise.resolve(build) });
  const listening = await listen(web, { host: "127.0.0.1", port: 0 });
  server = listening.server;
  return `http://127.0.0.1:${listening.port}`;
}

describe("the web server", () => {
  test("says whether it lives and whether it is ready", async () => {
    const url = await start();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    ready = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    ready = true;
  });

  test("hands the running app to routes", async () => {
    expect(await (await fetch(`${await start()}/page`)).text()).toBe("9.9.9");
  });

  test("lets one more origin frame the app only when told so", async () => {
    expect((await fetch(`${await start()}/page`)).headers.get("Content-Security-Policy")).toBe(CSP);
    server?.close();
    expect((await fetch(`${await start("http://localhost:4400")}/page`)).headers.get("Content-Security-Policy")).toBe(
      "frame-ancestors https://a.myshopify.com https://admin.shopify.com http://localhost:4400;",
    );
  });

  test("logs the path, and neither the query nor what broke", async () => {
    const url = await start();
    const answer = await fetch(`${url}/page?break=1&id_token=canary`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("Maria");
    await fetch(`${url}/page?shop=canary`);
    const text = lines.join("");
    expect(text).toContain(`"path":"/page"`);
    expect(text).not.toMatch(/canary|Maria/);
  });

  test("gives bodies to routes whole, and refuses large ones, declared or not", async () => {
    const url = await start();
    const body = new Uint8Array(3 * 1024 * 1024).fill(97);
    expect(await (await fetch(`${url}/page`, { method: "POST", body })).text()).toBe(String(body.length));
    expect((await fetch(`${url}/page`, { method: "POST", body: new Uint8Array(5 * 1024 * 1024) })).status).toBe(413);
    // Chunked, so of no declared length: the connection is cut.
    const outcome = await new Promise<string>((resolve) => {
      const sending = httpRequest(`${url}/page`, { method: "POST" }, (response) => resolve(String(response.statusCode)));
      sending.on("error", () => resolve("cut"));
      for (let n = 0; n < 6; n++) sending.write(new Uint8Array(1024 * 1024));
      sending.end();
    });
    expect(outcome).not.toBe("200");
  });

  test("answers with the headers every page needs", async () => {
    const { headers } = await fetch(`${await start()}/page`);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("X-Powered-By")).toBeNull();
  });

  test("takes up a trace or begins one, names it in the answer, and writes it on every line of the request", async () => {
    const url = await start();
    const given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const answer = await fetch(`${url}/page?break=1`, { headers: { traceparent: given } });
    expect(answer.headers.get("traceparent")).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
    await new Promise((resolve) => setImmediate(resolve));
    const written = lines.map((line) => JSON.parse(line) as { event: string; trace_id: string });
    expect(written.map(({ event }) => event)).toEqual(expect.arrayContaining(["request"]));
    expect(new Set(written.map(({ trace_id }) => trace_id))).toEqual(new Set(["4bf92f3577b34da6a3ce929d0e0e4736"]));
    for (const bad of ["nonsense", `${given}-more`]) expect((await fetch(`${url}/healthz`, { headers: { traceparent: bad } })).headers.get("traceparent")).not.toContain("4bf92f");
  });

  test("counts requests by route, not by what is asked for in it", async () => {
    const url = await start();
    for (const path of ["/page", "/page", "/canary-of-maria", "/page/maria"]) await fetch(`${url}${path}`);
    await new Promise((resolve) => setImmediate(resolve));
    const text = await metrics.text();
    expect(text).toContain('route="/page"');
    expect(text).toContain('route="other"');
    expect(text).not.toMatch(/maria/);
  });
});
