/** The demo's two processes: the simulated shop and the app, each as it would run by itself, on loopback. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
/** A slow machine needs its time for a first database. */
const READY_WITHIN_MS = 120_000;

export interface SandboxProcess {
  readonly url: string;
  readonly shop: string;
  readonly adminUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  stop(): Promise<void>;
}

export async function startSandboxProcess(options: Readonly<Record<string, unknown>>, logFile: string): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [join(ROOT, "app/sandbox/serve.ts"), JSON.stringify(options)], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pipe(createWriteStream(logFile));
  const line = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit").then(() => null)]);
  if (line === null) throw new Error(`The simulated shop could not start. Its own words are in ${logFile}.`);
  const told = JSON.parse(String(line[0])) as Omit<SandboxProcess, "stop">;
  return { ...told, stop: () => stop(child) };
}

export interface AppProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startAppProcess(o: { home: string; port: number; sandbox: SandboxProcess; appUrl: string; logFile: string }): Promise<AppProcess> {
  const { sandbox } = o;
  const child = spawn(process.execPath, ["--import", join(ROOT, "app/sandbox/patch-fetch.mjs"), join(ROOT, "app/platform/server.ts")], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      HOLDFAST_HOME: o.home,
      HOLDFAST_SANDBOX_URL: JSON.stringify({ [sandbox.shop]: sandbox.url }),
      HOLDFAST_FRAME_ANCESTOR: sandbox.url,
      APP_BRIDGE_URL: `${sandbox.url}/app-bridge.js`,
      SHOPIFY_API_KEY: sandbox.apiKey,
      SHOPIFY_API_SECRET: sandbox.apiSecret,
      SHOPIFY_APP_URL: o.appUrl,
      HOST: "localhost",
      PORT: String(o.port),
    },
  });
  const log = createWriteStream(o.logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > until) {
      await stop(child);
      throw new Error(`The app could not start. Its own words are in ${o.logFile}.`);
    }
    if (await fetch(`${o.appUrl}/readyz`).then((answer) => answer.ok, () => false)) return { url: o.appUrl, stop: () => stop(child) };
    await new Promise((done) => setTimeout(done, 150));
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill("SIGTERM");
  await over;
}

/** The app's subscriptions, as in shopify.app.toml. */
export const WEBHOOKS = ["app/uninstalled", "app/scopes_update", "bulk_operations/finish", "customers/data_request", "customers/redact", "shop/redact"].map((topic) => ({ topic, address: `/webhooks/${topic}` }));

/** `wanted` if nothing listens there, else any free port. */
export async function freePort(wanted: number): Promise<number> {
  const tryPort = async (port: number): Promise<number | null> => {
    const server = createServer();
    const got = new Promise<number | null>((done) => {
      server.once("error", () => { done(null); });
      server.listen(port, "localhost", () => {
        const address = server.address();
        done(typeof address === "object" && address !== null ? address.port : null);
      });
    });
    const found = await got;
    if (found !== null) await new Promise((done) => server.close(done));
    return found;
  };
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}
