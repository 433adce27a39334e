import type { Server } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import express from "express";
import { health } from "#app/platform/health.ts";
import { operatorPages, operatorServer } from "#app/platform/http/operator-pages.ts";
import { routeOf, routeWords } from "#app/platform/http/request-log.ts";
import { listen } from "#app/platform/http/web-server.ts";
import { prometheusMetrics } from "#app/platform/metrics/prometheus.ts";
import { Secret } from "#app/platform/secrets/secret.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const TOKEN = "canary-of-the-metrics-token";
const metrics = prometheusMetrics({ processMetrics: true });
const NAMES = ["a", "b"];
/** A database that answers what it is told to. */
const pool = { down: false, migrations: NAMES, queue: 1, query(text: string) {
  if (this.down) return Promise.reject(new Error("canary: password of the database"));
  if (text.includes("_prisma_migrations")) return Promise.resolve({ rows: this.migrations.map((name) => ({ name })) });
  return Promise.resolve({ rows: [{}], rowCount: text.includes("jobs") ? this.queue : 1 });
} };
const draining = new AbortController();
const checked = health({ pool: pool as never, draining: draining.signal, migrations: NAMES });

async function start(own: boolean, token: string | null): Promise<string> {
  const pages = { health: checked, metrics, token: token === null ? null : new Secret(token) };
  const web = own ? operatorServer(pages) : express().use(operatorPages({ ...pages, own })).use((_request, response) => void response.status(404).send("the app's own page"));
  const listening = await listen(web, { host: "127.0.0.1", port: 0 });
  server = listening.server;
  return `http://127.0.0.1:${listening.port}`;
}
const ask = async (url: string, authorization?: string) => {
  const response = await fetch(url, authorization === undefined ? {} : { headers: { Authorization: authorization } });
  return { status: response.status, text: await response.text(), type: response.headers.get("content-type") };
};

describe("metrics", () => {
  it("are given on the public listener for the token alone, and are not there at all without one", async () => {
    const open = await start(false, null);
    expect(await ask(`${open}/metrics`)).toMatchObject({ status: 404, text: "the app's own page" });
    expect(await ask(`${open}/metrics`, `Bearer ${TOKEN}`)).toMatchObject({ status: 404 });
    server?.close();
    const guarded = await start(false, TOKEN);
    for (const wrong of [undefined, "Bearer ", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, "Bearer canary"]) expect(await ask(`${guarded}/metrics`, wrong)).toMatchObject({ status: 401, text: "This page takes a bearer token.\n" });
    expect(await ask(`${guarded}/metrics`, `Bearer ${TOKEN}`)).toMatchObject({ status: 200, type: expect.stringMatching(/^text\/plain;.*version=0\.0\.4/) });
  });

  it("are given on a listener of their own to whoever reaches it, and for the token where one is set", async () => {
    const own = await start(true, null);
    expect((await ask(`${own}/metrics`)).status).toBe(200);
    expect((await ask(`${own}/app`)).status).toBe(404);
    server?.close();
    expect((await ask(`${await start(true, TOKEN)}/metrics`)).status).toBe(401);
  });

  it("are in Prometheus' format, with the process's own and the lag of its event loop", async () => {
    metrics.count("holdfast_runs_total", { kind: "snapshot", outcome: "succeeded" }, 3);
    metrics.observe("holdfast_http_request_seconds", 0.02, { method: "GET", route: "/app" });
    const { text } = await ask(`${await start(true, null)}/metrics`);
    expect(text).toContain('holdfast_runs_total{kind="snapshot",outcome="succeeded"} 3');
    expect(text).toContain('holdfast_http_request_seconds_bucket{le="0.025",method="GET",route="/app"} 1');
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
  });
});

describe("health", () => {
  it("says in words what is wrong, part by part, and nothing secret", async () => {
    const url = await start(false, null);
    expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200, text: "ok\nThis process runs.\n" });
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200, text: "ready\nok database: The database answers.\nok migrations: The database has every migration of this version.\nok queue: The job queue is there.\n" });
    pool.migrations = ["a"];
    pool.queue = 0;
    const lacking = await ask(`${url}/readyz`);
    expect(lacking.status).toBe(503);
    expect(lacking.text).toContain("failing migrations: The database lacks 1 of this version's migrations.");
    expect(lacking.text).toContain("failing queue: The job queue is not there");
    pool.down = true;
    const down = await ask(`${url}/readyz`);
    expect(down).toMatchObject({ status: 503, text: expect.stringMatching(/^not ready\nfailing database: The database does not answer\./) });
    expect(down.text).not.toMatch(/canary/);
    draining.abort();
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503, text: "not ready\nfailing draining: This process is ending; it takes no more work.\n" });
    expect((await ask(`${url}/healthz`)).status).toBe(200);
  });
});

describe("a request's route", () => {
  const words = routeWords({ a: { path: "app" }, b: { path: "snapshots/:id" }, c: { path: "alerts/settings" }, d: { path: "webhooks/customers/redact" }, e: {} });
  it.each([
    ["/", "/"], ["/app", "/app"], ["/app/snapshots/9f2c1a7b", "/app/snapshots/:id"], ["/app/alerts/settings", "/app/alerts/settings"], ["/app/maria", "/app/:id"], ["/webhooks/customers/redact", "/webhooks/customers/redact"],
    ["/wp-login.php", "other"], ["/app/1/2/3/4/5/6/7", "other"], ["/app/snapshots/alerts/settings", "/app/snapshots/alerts/:id"],
  ])("%s counts as %s", (path, route) => {
    expect(routeOf(path, words)).toBe(route);
  });
});
