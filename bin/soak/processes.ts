/** The soak's processes: a simulated shop, the app's pages and webhooks, and its workers, each as it would run by itself; killed and started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { SandboxProcess } from "../demo/processes.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** A slow machine needs its time for a first database. */
const READY_WITHIN_MS = 180_000;

export interface ShopProcess extends SandboxProcess {
  /** A permanent token, for a reader that has nothing to do with the app. */
  readonly accessToken: string;
  readonly pid: number;
  control<T>(what: string, body?: object): Promise<T>;
}

export async function startShop(options: Readonly<Record<string, unknown>>, logFile: string): Promise<ShopProcess> {
  // A shop makes much short-lived garbage (app/sandbox/serve.ts).
  const child = spawn(process.execPath, ["--max-semi-space-size=8", join(ROOT, "app/sandbox/serve.ts"), JSON.stringify(options)], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pipe(createWriteStream(logFile));
  const line = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit").then(() => null)]);
  if (line === null) throw new Error(`The simulated shop could not start. Its own words are in ${logFile}.`);
  const told = JSON.parse(String(line[0])) as Omit<ShopProcess, "stop" | "control" | "pid">;
  return {
    ...told,
    pid: child.pid ?? 0,
    stop: () => end(child, "SIGTERM"),
    control: async <T>(what: string, body: object = {}): Promise<T> => {
      const answer = await fetch(`${told.url}/sandbox/${what}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`The simulated shop refused to ${what}: ${(await answer.text()).slice(0, 300)}`);
      return (await answer.json()) as T;
    },
  };
}

export interface AppOptions {
  readonly role: "web" | "worker";
  readonly home: string;
  readonly shop: SandboxProcess;
  readonly appUrl: string;
  readonly port: number;
  /** Lines are added to it. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One of the app's processes, which may be killed and started again any number of times. */
export class AppPart {
  readonly #options: AppOptions;
  #child: ChildProcess | null = null;
  /** The most memory any of its lives took so far, bytes. */
  peak = 0;

  constructor(options: AppOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get up(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async start(): Promise<void> {
    const { role, home, shop, appUrl, port, logFile } = this.#options;
    const child = spawn(process.execPath, ["--import", join(ROOT, "app/sandbox/patch-fetch.mjs"), join(ROOT, "app/platform/server.ts")], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NODE_ENV: "production",
        HOLDFAST_ROLE: role,
        HOLDFAST_HOME: home,
        HOLDFAST_SANDBOX_URL: JSON.stringify({ [shop.shop]: shop.url }),
        HOLDFAST_FRAME_ANCESTOR: shop.url,
        APP_BRIDGE_URL: `${shop.url}/app-bridge.js`,
        SHOPIFY_API_KEY: shop.apiKey,
        SHOPIFY_API_SECRET: shop.apiSecret,
        SHOPIFY_APP_URL: appUrl,
        HOST: "localhost",
        PORT: String(port),
        ...this.#options.env,
      },
    });
    this.#child = child;
    const log = createWriteStream(logFile, { flags: "a" });
    let told = false;
    child.stdout.on("data", (part: Buffer) => {
      if (part.includes('"event":"started"')) told = true;
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const until = performance.now() + READY_WITHIN_MS;
    while (!(role === "web" ? await fetch(`${appUrl}/readyz`).then((answer) => answer.ok, () => false) : told)) {
      if (!this.up || performance.now() > until) {
        await end(child, "SIGKILL");
        throw new Error(`A process of the app could not start. Its own words are in ${logFile}.`);
      }
      await new Promise((done) => setTimeout(done, 150));
    }
  }

  /** Keeps the peak of memory so far. */
  look(): void {
    if (!this.up) return;
    try {
      const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(this.#child?.pid)}/status`, "utf8"));
      this.peak = Math.max(this.peak, Number(found?.[1] ?? 0) * 1024);
    } catch {
      // Not Linux, or gone in this moment: then there is no figure.
    }
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.look();
    if (this.#child !== null) await end(this.#child, signal);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill(signal);
  await over;
}
