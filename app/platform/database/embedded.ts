/**
 * The database of a folder: starts PostgreSQL there, or joins the server that another of our processes started. The server outlives a
 * process that is killed; the last process to close cleanly stops it. It listens on loopback only, under a random password.
 *
 *   <directory>/data         the cluster (its owner is the account PostgreSQL runs under)
 *   <directory>/password     mode 600
 *   <directory>/server.log   what PostgreSQL says: no statements, no values
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { databaseAccount } from "./account.ts";
import { packagedBinaries, reachable } from "./binaries.ts";
import type { Account, Binaries } from "./binaries.ts";
import { DatabaseError } from "./database-error.ts";
import { alive, withStartLock } from "./start-lock.ts";

export interface PostgresOptions {
  readonly directory: string;
  /** Default: the npm package's. */
  readonly binaries?: Binaries;
  /** Tests only: nothing is forced to disk. */
  readonly throwaway?: boolean;
}

export interface PostgresServer {
  /** Address of the "postgres" database, with the password in it: a secret. */
  readonly url: string;
  /** True when the server ran already. */
  readonly joined: boolean;
  /** Stops the server unless another client is still connected. Close your own connections first. */
  close(): Promise<void>;
}

const USER = "holdfast";
const START_MS = 60_000;
const STOP_MS = 30_000;

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const password = readOrMakePassword(join(directory, "password"));
  const data = join(directory, "data");
  const lock = join(directory, "start.lock");
  return withStartLock(lock, async () => {
    const address = (port: number): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
    const running = await runningPort(data, address);
    const account = accountFor(data);
    const binaries = options.binaries ?? packagedBinaries(account);
    if (running === null) await initialise(directory, data, account, binaries, options.throwaway ?? false);
    const port = running ?? (await start(directory, data, account, binaries, options.throwaway ?? false, address));
    return { url: address(port), joined: running !== null, close: () => withStartLock(lock, () => stopIfLast(data, address(port))) };
  });
}

function readOrMakePassword(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString("hex"), { mode: 0o600, flag: "wx" });
  chmodSync(path, 0o600);
  return readFileSync(path, "utf8").trim();
}

/** Whoever owns the data keeps it; only a first start chooses an account. */
function accountFor(data: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  if (!existsSync(data)) return databaseAccount();
  const { uid, gid } = statSync(data);
  return uid === 0 ? databaseAccount() : { uid, gid };
}

/** The port of the live server of this folder; a stale pid file (kill -9, power loss) is cleared away. */
async function runningPort(data: string, address: (port: number) => string): Promise<number | null> {
  const server = readPidFile(data);
  if (server === null) return null;
  if (isPostgres(server.pid)) {
    for (let waited = 0; waited < START_MS; waited += 100) {
      const answer = await probe(address(server.port));
      if (answer === "ready") return server.port;
      if (answer === "not-ours" || !isPostgres(server.pid)) break;
      await sleep(100);
    }
  }
  if (!isPostgres(server.pid)) rmSync(join(data, "postmaster.pid"), { force: true });
  return null;
}

/** Line 1: the postmaster's process id. Line 4: its port. PostgreSQL documentation, "Database File Layout". */
function readPidFile(data: string): { pid: number; port: number } | null {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    const port = Number(lines[3]);
    return Number.isInteger(pid) && pid > 0 ? { pid, port: Number.isInteger(port) ? port : 0 } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function isPostgres(pid: number): boolean {
  if (!alive(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("postgres");
  } catch {
    return false;
  }
}

async function probe(url: string): Promise<"ready" | "wait" | "not-ours"> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, application_name: "holdfast-start" });
  // A server that dies during the question is answered by the caller's next look.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return "ready";
  } catch (error) {
    // 28P01: password refused, so the port belongs to somebody else's server.
    return (error as { code?: string }).code === "28P01" ? "not-ours" : "wait";
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * How a program of another account reaches a folder it may not walk to (under /root, say): it starts inside it, and Linux lets every process
 * name its own working folder without walking. PostgreSQL before 16 leaves its working folder while it starts, and needs one it can walk to.
 */
function inside(folder: string, account: Account | null): { cwd: string; path: string; uid?: number; gid?: number } {
  if (account === null) return { cwd: folder, path: folder };
  return { cwd: folder, path: reachable(folder, account) ? folder : "/proc/self/cwd", ...account };
}

/** Makes the cluster beside its place and moves it there whole, so that an interrupted attempt leaves nothing half made. */
async function initialise(directory: string, data: string, account: Account | null, { initdb }: Binaries, throwaway: boolean): Promise<void> {
  if (existsSync(join(data, "PG_VERSION"))) return;
  const partial = `${data}.new`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  const passwordFile = join(directory, "password.initdb");
  writeFileSync(passwordFile, readFileSync(join(directory, "password")), { mode: 0o600 });
  if (account) for (const path of [partial, passwordFile]) chownSync(path, account.uid, account.gid);
  const passwordFd = openSync(passwordFile, "r");
  try {
    const { cwd, path, ...ids } = inside(partial, account);
    const passwordPath = process.platform === "linux" ? "/proc/self/fd/3" : passwordFile;
    const flags = [`--pgdata=${path}`, `--username=${USER}`, "--auth=scram-sha-256", `--pwfile=${passwordPath}`, "--encoding=UTF8", "--locale=C", "--data-checksums"];
    const child = spawn(initdb, [...flags, ...(throwaway ? ["--no-sync"] : [])], { cwd, ...ids, env: quietEnvironment(), stdio: ["ignore", "ignore", "pipe", passwordFd] });
    const said = collect(child.stderr);
    const code = await new Promise<number | null>((done, failed) => child.once("error", failed).once("close", done));
    if (code !== 0) throw new DatabaseError("database.not_started", `initdb failed: ${said().slice(-500)}`);
    renameSync(partial, data);
  } finally {
    closeSync(passwordFd);
    rmSync(passwordFile, { force: true });
  }
}

async function start(
  directory: string,
  data: string,
  account: Account | null,
  { postgres }: Binaries,
  throwaway: boolean,
  address: (port: number) => string,
): Promise<number> {
  const log = join(directory, "server.log");
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const { cwd, path, ...ids } = inside(data, account);
    const settings = {
      listen_addresses: "127.0.0.1",
      port: String(port),
      unix_socket_directories: "",
      max_connections: "100",
      shared_buffers: "64MB",
      // Statements and details may hold values.
      log_min_error_statement: "panic",
      log_error_verbosity: "terse",
      ...(throwaway ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" } : {}),
    };
    const output = openSync(log, "w", 0o600);
    // Of its own session: Ctrl-C in a terminal reaches us, and we decide when the server stops.
    const child = spawn(postgres, ["-D", path, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])], {
      cwd,
      ...ids,
      env: quietEnvironment(),
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.unref();
    let ended: string | null = null;
    child.once("error", (error) => (ended = error.message)).once("exit", (code) => (ended ??= `exit code ${String(code)}`));
    for (let waited = 0; ended === null && waited < START_MS; waited += 25) {
      if ((await probe(address(port))) === "ready") return port;
      await sleep(25);
    }
    const said = readFileSync(log, "utf8");
    if (/could not bind|Address already in use/i.test(said) && attempt < 3) continue;
    if (/not compatible with this version/i.test(said)) {
      throw new DatabaseError("database.other_version", `the database in ${data} was made by another version of PostgreSQL: dump it with that version, or move the folder away`);
    }
    throw new DatabaseError("database.not_started", `PostgreSQL did not start (${ended ?? "no answer for a minute"}); see ${log}`);
  }
}

async function stopIfLast(data: string, url: string): Promise<void> {
  const server = readPidFile(data);
  if (server === null || !isPostgres(server.pid) || (await othersConnected(url))) return;
  // SIGINT is PostgreSQL's "fast shutdown".
  process.kill(server.pid, "SIGINT");
  for (let waited = 0; waited < STOP_MS; waited += 20) {
    if (!existsSync(join(data, "postmaster.pid"))) return;
    await sleep(20);
  }
  throw new DatabaseError("database.busy", "PostgreSQL did not stop within half a minute");
}

async function othersConnected(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: "holdfast-stop" });
  await client.connect();
  try {
    const others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1";
    // A connection that was just closed on our side is seen for a moment longer on the server's.
    for (let look = 0; look < 5; look++) {
      if ((await client.query(others)).rowCount === 0) return false;
      await sleep(50);
    }
    return true;
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => {
        found(port);
      });
    });
  });
}

/** Nothing of our own environment (secrets, PG* settings) reaches the server. */
function quietEnvironment(): NodeJS.ProcessEnv {
  return { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv;
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}
