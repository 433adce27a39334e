/** A world of its own for one walk: a sandbox shop, the built app in a process of its own with its own database and storage, all on loopback. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPages } from "../../../bin/demo/build.ts";
import { freePort, WEBHOOKS } from "../../../bin/demo/processes.ts";
import { startSandbox } from "#app/sandbox/index.ts";
import type { SandboxOptions, SandboxShop } from "#app/sandbox/index.ts";
import { SCOPES, WRITE_SCOPES } from "#app/sources/shopify/index.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const STARTED_WITHIN_MS = 90_000;

export interface World {
  readonly shop: SandboxShop;
  readonly appUrl: string;
  /** Where the app may keep vaults. */
  readonly stores: string;
  /** Everything the app has written on stdout and stderr. */
  log(): string;
  /** Stops the app's process, by the signal, and waits for its end. */
  stopApp(signal?: NodeJS.Signals): Promise<void>;
  startApp(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions extends Pick<SandboxOptions, "customers" | "orders" | "faults" | "canary"> {
  /** Uses this server instead of the app's own. */
  readonly databaseUrl?: string;
  /** More of the app's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  buildPages(() => undefined);
  const home = mkdtempSync(join(tmpdir(), "holdfast-e2e-"));
  const stores = join(home, "vaults");
  // The app's temporary files lie where a search of the home folder meets them.
  const temporary = join(home, "tmp");
  mkdirSync(temporary);
  const port = await freePort(0);
  const appUrl = `http://localhost:${port}`;
  const shop = await startSandbox({ seed: "e2e", host: "localhost", appUrl, webhooks: WEBHOOKS, scopes: SCOPES, optionalScopes: WRITE_SCOPES, ...options });
  let app: ChildProcess | null = null;
  let written = "";

  const startApp = async (): Promise<void> => {
    const child = spawn(process.execPath, ["--import", join(ROOT, "app/sandbox/patch-fetch.mjs"), join(ROOT, "app/platform/server.ts")], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"], HOME: home, TMPDIR: temporary, HOLDFAST_HOME: home, HOLDFAST_FILE_STORES: stores, PORT: String(port), HOST: "localhost",
        SHOPIFY_API_KEY: shop.apiKey, SHOPIFY_API_SECRET: shop.apiSecret, SHOPIFY_APP_URL: appUrl, NODE_ENV: "production",
        APP_BRIDGE_URL: `${shop.url}/app-bridge.js`, HOLDFAST_FRAME_ANCESTOR: shop.url, HOLDFAST_SANDBOX_URL: JSON.stringify({ [shop.shop]: shop.url }),
        ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
        ...options.env,
      },
    });
    app = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { written += chunk.toString("utf8"); });
    await answering(`${appUrl}/readyz`, child, () => written);
  };

  const stopApp = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    const child = app;
    app = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const over = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await over;
  };

  try {
    await startApp();
  } catch (error) {
    await stopApp("SIGKILL");
    await shop.close();
    throw error;
  }
  return {
    shop, appUrl, stores, startApp, stopApp,
    log: () => written,
    close: async () => {
      await stopApp();
      await shop.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function answering(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const until = performance.now() + STARTED_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the app ended at once:\n${log().slice(-4000)}`);
    const ok = await fetch(url).then((r) => r.ok, () => false);
    if (ok) return;
    if (performance.now() > until) throw new Error(`the app did not answer:\n${log().slice(-4000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
