/** The extensions before Shopify's own command line: `shopify app build`, in a folder of its own, with no network but a stand-in for the registry that it asks for its newest version. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { FOLDER, ROOT } from "./support.ts";

const CLI = join(ROOT, "node_modules/@shopify/cli/bin/run.js");
const VERSION = (JSON.parse(readFileSync(join(ROOT, "node_modules/@shopify/cli/package.json"), "utf8")) as { version: string }).version;

let registry: Server;
let folder = "";
beforeAll(async () => {
  registry = createServer((_request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ name: "@shopify/cli", "dist-tags": { latest: VERSION }, versions: { [VERSION]: { name: "@shopify/cli", version: VERSION } } }));
  });
  await new Promise<void>((listening) => registry.listen(0, "127.0.0.1", listening));
});
afterAll(() => new Promise((closed) => registry.close(closed)));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-extensions-"));
  cpSync(join(ROOT, "shopify.app.toml"), join(folder, "app/shopify.app.toml"));
  cpSync(FOLDER, join(folder, "app/extensions"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Built {
  readonly exit: number | null;
  readonly said: string;
  /** Hosts that it tried to reach. */
  readonly outside: readonly string[];
}

async function build(): Promise<Built> {
  const log = join(folder, "outside.log");
  writeFileSync(log, "");
  const environment = {
    PATH: process.env["PATH"], HOME: join(folder, "home"), CI: "1", NO_COLOR: "1", SHOPIFY_CLI_NO_ANALYTICS: "1", npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
    LOOPBACK_ONLY_LOG: log, NODE_OPTIONS: `--require ${join(ROOT, "tests/support/loopback-only.cjs")}`,
  };
  const child = spawn(process.execPath, [CLI, "app", "build", "--skip-dependencies-installation", "--path", join(folder, "app")], { env: environment as unknown as NodeJS.ProcessEnv, cwd: join(folder, "app") });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const exit = await new Promise<number | null>((ended, failed) => child.once("close", ended).once("error", failed));
  return { exit, said, outside: readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

function spoil(path: string, from: string, to: string): void {
  const file = join(folder, "app/extensions", path, "shopify.extension.toml");
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

test("the app with all its extensions is built, and nobody outside is asked", async () => {
  const { exit, said, outside } = await build();
  expect(said).toContain("holdfast built!");
  expect([exit, outside]).toEqual([0, []]);
}, 120_000);

test.each([
  ["a key that is more than letters and spaces", "trigger-drill-failed", 'key = "Drill id"', 'key = "Drill_id"', /alphabetic characters and spaces/],
  ["an address that is not https", "action-take-snapshot", 'runtime_url = "/flow', 'runtime_url = "http://x.example/flow', /runtime_url/],
  ["a schema without the type that is given back", "action-run-drill", 'return_type_ref = "DrillResult"\n', "", /return_type_ref/],
  ["a field of an action without a name", "action-hold-snapshots", 'name = "Which snapshots"\n', "", /'name' property must be a string/],
  ["a field's type that is no word", "trigger-storage-problem", 'type = "boolean"', "type = 5", /type/],
  ["a category that Flow does not have", "template-drill-failed", "error_monitoring", "nonsense", /not a valid category/],
] as const)("%s fails", async (_name, extension, from, to, why) => {
  spoil(extension, from, to);
  const { exit, said } = await build();
  expect(said.replaceAll(/[│\s]+/g, " ")).toMatch(why);
  expect(exit).toBe(1);
}, 120_000);
