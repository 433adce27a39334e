import { afterEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { ask, settled, startBulk, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const root = resolve(__dirname, "../..");
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
});

async function serve(options: object): Promise<{ readonly shop: Json; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, ["--max-semi-space-size=8", "app/sandbox/serve.ts", "-"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  child.stdin.end(JSON.stringify(options));
  for await (const line of createInterface(child.stdout)) return { shop: JSON.parse(line), child };
  throw new Error("the runner ended without a line");
}

/** Peak resident memory in MiB, from the kernel. */
async function peak(child: ChildProcess): Promise<number> {
  return Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
}

const QUERY = "{ customers { nodes { id firstName lastName email phone note tags addressesV2 { nodes { id address1 city zip } } metafields { nodes { id namespace key type value } } } } }";

describe("a shop in a process of its own", () => {
  test("answers over loopback, and is changed and counted from outside", async () => {
    const { shop } = await serve({ customers: 50, orders: 20, rateLimit: "off" });
    expect((await ask(shop, "{ customersCount { count } }")).data.customersCount.count).toBe(50);
    const post = async (path: string, body: object): Promise<Json> => (await fetch(`${shop.url}/sandbox/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();
    const report = await post("change", { fraction: 0.2, seed: 1 });
    expect(report.changed.length).toBeGreaterThan(5);
    expect(await post("counts", {})).toMatchObject({ customers: (await ask(shop, "{ customersCount { count } }")).data.customersCount.count });
  });

  test("refuses options it does not understand, in a sentence", async () => {
    const child = spawn(process.execPath, ["app/sandbox/serve.ts", '{"customers":-1}'], { cwd: root });
    children.push(child);
    let said = "";
    child.stderr.on("data", (part) => (said += part));
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(said).toBe("customers must be a whole number from 0 to 5,000,000.\n");
  });

  const slow = process.env["SLOW"] === "1" && process.platform === "linux" ? test : test.skip;
  slow("exports 1,000,000 customers with their children within 300 MiB", async () => {
    const { shop, child } = await serve({ customers: Number(process.env["SLOW_CUSTOMERS"] ?? 1_000_000), rateLimit: "off" });
    const { id } = await startBulk(shop, QUERY);
    const began = process.hrtime.bigint();
    let found: Json;
    do {
      await new Promise((done) => setTimeout(done, 500));
      found = (await ask(shop, "query ($id: ID!) { bulkOperation(id: $id) { status objectCount fileSize url } }", { id })).data.bulkOperation;
    } while (found.status !== "COMPLETED");
    const made = Number(process.hrtime.bigint() - began) / 1e9;
    let bytes = 0;
    for await (const part of (await fetch(found.url)).body as unknown as AsyncIterable<Uint8Array>) bytes += part.length;
    const read = Number(process.hrtime.bigint() - began) / 1e9 - made;
    const mib = await peak(child);
    process.stdout.write(`1,000,000 customers: ${found.objectCount} objects, ${(bytes / 1e9).toFixed(2)} GB, made in ${made.toFixed(0)} s, read in ${read.toFixed(0)} s, peak ${mib.toFixed(0)} MiB\n`);
    expect(String(bytes)).toBe(found.fileSize);
    expect(mib).toBeLessThan(300);
  }, 900_000);
});

describe("patch-fetch", () => {
  async function run(setting: string, address: string): Promise<{ readonly code: number; readonly out: string }> {
    const script = `const r = await fetch(${JSON.stringify(address)}, { method: "POST", headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": process.env.TOKEN }, body: JSON.stringify({ query: "{ shop { myshopifyDomain } }" }) }); console.log(r.status, await r.text());`;
    const child = spawn(process.execPath, ["--import", "./app/sandbox/patch-fetch.mjs", "--input-type=module", "-e", script], { cwd: root, env: { ...process.env, HOLDFAST_SANDBOX_URL: setting, TOKEN: token } });
    children.push(child);
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (out += part));
    const [code] = await once(child, "close");
    return { code, out };
  }
  let token = "";

  test("leads requests for a shop to its sandbox, and refuses shops it does not know", async () => {
    const shop = await startShop({ shop: "one.myshopify.com" });
    token = shop.accessToken;
    const path = "/admin/api/2026-10/graphql.json";
    expect((await run(shop.url, `https://one.myshopify.com${path}`)).out).toMatch(/^200 .*"one\.myshopify\.com"/);
    const map = JSON.stringify({ "one.myshopify.com": shop.url });
    expect((await run(map, `https://one.myshopify.com${path}`)).out).toMatch(/^200/);
    const unknown = await run(map, `https://real-shop.myshopify.com${path}`);
    expect(unknown.code).toBe(1);
    expect(unknown.out).toContain("names no sandbox for real-shop.myshopify.com");
    expect((await run("https://example.com", `https://one.myshopify.com${path}`)).out).toContain("must name addresses on this machine");
  }, 60_000);
});

test("a bulk operation under way does not keep a closed shop open", async () => {
  const shop = await startShop({ customers: 200_000 });
  await startBulk(shop, QUERY);
  await shop.close();
  await expect(fetch(shop.url)).rejects.toThrow();
});

test("two shops at once do not know each other", async () => {
  const [one, two] = [await startShop({ customers: 3, seed: 1 }), await startShop({ customers: 4, seed: 2 })];
  expect(one.counts().customers + two.counts().customers).toBe(7);
  const { id } = await startBulk(one, "{ customers { nodes { id } } }");
  await settled(one, id ?? "");
  expect((await ask(two, "query ($id: ID!) { bulkOperation(id: $id) { id } }", { id })).data.bulkOperation).toBeNull();
  expect((await ask(two, "{ shop { name } }", {}, one.accessToken).catch((error: Error) => error.message)) as unknown).toBe("HTTP 401");
});
