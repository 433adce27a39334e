/**
 * Everything that must hold: types, lint, import law, the build, all tests on the embedded PostgreSQL, those that touch a database once more on
 * Debian's, and the walk through the app in a browser. The last line is "N passed, N failed". `npm test`, which is also what CI runs.
 *
 * npm test -- --quick     leaves out lint, the second database and the browser
 * npm test -- --slow      more random cases, larger shops (npm run test:slow)
 * npm test -- PATTERN     only test files whose path matches
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CEPH_PACKAGES, cephIsHere } from "#tests/support/servers/ceph.ts";
import { SSHD_PACKAGES, sshdIsHere } from "#tests/support/servers/sshd.ts";

const ROOT = dirname(import.meta.dirname);
const NODE = process.execPath;
const DEBIAN_POSTGRES = "/usr/lib/postgresql/15/bin";
const DEBIAN_CHROMIUM = "/usr/bin/chromium";
/** What docs/recovery.md works with. */
const BY_HAND = { openssl: "/usr/bin/openssl", jose: "/usr/bin/jose", jq: "/usr/bin/jq", zstd: "/usr/bin/zstd", xxd: "/usr/bin/xxd" };
const BY_HAND_TEST = "tests/e2e/recovery-by-hand.test.ts";
const quick = process.argv.includes("--quick");
if (process.argv.includes("--slow")) process.env["SLOW"] = "1";
const patterns = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const scratch = mkdtempSync(join(tmpdir(), "holdfast-test-"));

let passed = 0;
let failed = 0;
const notes: string[] = [];

function count(name: string, ok: number, bad: number): void {
  passed += ok;
  failed += bad;
  if (bad > 0) notes.push(`failed: ${name} (${bad})`);
}

/** Runs a program with its output shown; answers whether it ended well. */
function run(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<boolean> {
  console.log(`\n── ${name}`);
  const began = performance.now();
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, CI: "1", ...env } });
    // Broken off: what runs ends too, in its own way.
    const stop = (signal: NodeJS.Signals): void => {
      child.kill(signal);
      process.exitCode = 1;
    };
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, stop);
    const end = (ok: boolean): void => {
      for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.off(signal, stop);
      console.log(`${ok ? "ok" : "FAILED"}: ${name}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
      done(ok);
    };
    child.once("error", () => {
      end(false);
    });
    child.once("close", (code) => {
      end(code === 0);
    });
  });
}

const bin = (path: string): string => join(ROOT, "node_modules", path);

async function check(name: string, path: string, ...args: string[]): Promise<void> {
  const ok = await run(name, NODE, ["--max-old-space-size=4096", bin(path), ...args]);
  count(name, ok ? 1 : 0, ok ? 0 : 1);
}

async function jest(name: string, env: Readonly<Record<string, string>>, ...args: string[]): Promise<void> {
  const outcome = join(scratch, `${name.replace(/\W+/g, "-")}.json`);
  const ok = await run(name, NODE, [bin("jest/bin/jest.js"), "--json", "--outputFile", outcome, `--maxWorkers=${cpus().length}`, ...args], env);
  if (!existsSync(outcome)) {
    count(name, 0, 1);
    return;
  }
  const result = JSON.parse(readFileSync(outcome, "utf8")) as { numPassedTests: number; numFailedTests: number; numRuntimeErrorTestSuites: number };
  const bad = result.numFailedTests + result.numRuntimeErrorTestSuites;
  // A run that ends badly with all tests passed (a handle left open, a teardown that failed) is a failure too.
  count(name, result.numPassedTests, bad === 0 && !ok ? 1 : bad);
}

/** The walk through the app, by node's own test runner: it starts whole processes and needs nothing of jest. */
async function walk(name: string, files: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const outcome = join(scratch, `${name.replace(/\W+/g, "-")}.tap`);
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", `--test-reporter-destination=${outcome}`];
  const ok = await run(name, NODE, ["--test", "--test-concurrency=1", ...reporters, ...files], env);
  const tap = existsSync(outcome) ? readFileSync(outcome, "utf8") : "";
  const total = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(tap)?.[1] ?? 0);
  const bad = total("fail") + total("cancelled");
  count(name, total("pass"), bad === 0 && !ok ? 1 : bad);
}

const APT = "/usr/bin/apt-get";
const isRoot = process.getuid?.() === 0;

/** Debian's packages where we may install them. Answers what is still missing. */
function provide(wanted: Readonly<Record<string, string>>): string[] {
  const missing = Object.entries(wanted).filter(([, path]) => !existsSync(path));
  const names = missing.map(([name]) => name);
  if (names.length === 0) return [];
  if (isRoot && existsSync(APT)) {
    console.log(`\n── installing ${names.join(" and ")} (apt-get)`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args: string[]) => spawnSync("apt-get", ["-qq", "-o=Dpkg::Use-Pty=0", ...args], { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
    // Package lists may be stale or absent on a fresh machine; a second try follows fresh ones.
    if (!apt("install", "-y", "--no-install-recommends", ...names)) {
      apt("update");
      apt("install", "-y", "--no-install-recommends", ...names);
    }
  }
  return missing.filter(([, path]) => !existsSync(path)).map(([name]) => name);
}

function skip(what: string, why: string): void {
  notes.push(`skipped: ${what}: ${why}`);
}

/**
 * Tests against somebody else's server that is not there. A run that promised all servers (HOLDFAST_SERVERS=required) would say more than was tried if
 * it went on; anybody else is told, in the last lines too, and goes on.
 */
function notRun(what: string, why: string): void {
  if (process.env["HOLDFAST_SERVERS"] === "required") count(`${what}: ${why}`, 0, 1);
  else skip(what, why);
}

async function browserWalk(): Promise<void> {
  const files = globSync("tests/e2e/**/*.test.ts", { cwd: ROOT }).filter((file) => file !== BY_HAND_TEST && !STORES.test(file) && (patterns.length === 0 || patterns.some((pattern) => file.includes(pattern))));
  if (files.length === 0) return;
  if (!existsSync(DEBIAN_CHROMIUM) && !(await playwrightBrowser())) {
    notRun("the walk in a browser", "there is no Chromium, and none could be installed (apt-get install chromium, or npx playwright-core install chromium)");
    return;
  }
  await walk("the app in a browser", files);
}

async function recoveryByHand(): Promise<void> {
  if (patterns.length > 0 && !patterns.some((pattern) => BY_HAND_TEST.includes(pattern))) return;
  const missing = Object.entries(BY_HAND).filter(([, path]) => !existsSync(path)).map(([name]) => name);
  if (missing.length > 0) notRun("recovery by hand", `apt-get install ${missing.join(" ")}`);
  else await walk("recovery by hand", [BY_HAND_TEST]);
}

/** Stores on servers that other people wrote, started by the tests themselves. */
const STORES = /^tests\/e2e\/stores-([a-z0-9]+)\.test\.ts$/;
const SERVERS: Readonly<Record<string, { readonly name: string; isHere(): boolean }>> = {
  s3: { name: "Ceph's S3 gateway (apt-get install radosgw ceph-mon ceph-osd ceph-common)", isHere: cephIsHere },
  lock: { name: "Ceph's S3 gateway (apt-get install radosgw ceph-mon ceph-osd ceph-common)", isHere: cephIsHere },
  pair: { name: "Ceph's S3 gateway (apt-get install radosgw ceph-mon ceph-osd ceph-common)", isHere: cephIsHere },
  sftp: { name: "OpenSSH's server (apt-get install openssh-server)", isHere: sshdIsHere },
};

async function realStorageServers(): Promise<void> {
  const files = globSync("tests/e2e/stores-*.test.ts", { cwd: ROOT }).filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)));
  if (files.length === 0) return;
  provide({ ...CEPH_PACKAGES, ...SSHD_PACKAGES });
  const runnable = files.filter((file) => {
    const server = SERVERS[STORES.exec(file)?.[1] ?? ""];
    if (server === undefined || server.isHere()) return true;
    notRun(file, `NOT RUN, ${server.name} is not there${isRoot ? " and apt-get could not install it" : ", and only root can install it"}`);
    return false;
  });
  if (runnable.length > 0) await walk("real storage servers", runnable);
}

async function playwrightBrowser(): Promise<boolean> {
  const { chromium } = await import("playwright-core");
  if (existsSync(chromium.executablePath())) return true;
  return run("installing Playwright's Chromium", NODE, [bin("playwright-core/cli.js"), "install", "chromium"]);
}

/** Test files that ask for a database, found by what they import. */
function databaseTests(): string[] {
  return globSync("tests/**/*.test.{ts,tsx}", { cwd: ROOT })
    .filter((file) => !file.startsWith("tests/e2e/") && readFileSync(join(ROOT, file), "utf8").includes("support/database/index.ts"))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)));
}

async function main(): Promise<void> {
  const whole = !quick && patterns.length === 0;
  const missing = whole ? provide({ "postgresql-15": `${DEBIAN_POSTGRES}/postgres`, chromium: DEBIAN_CHROMIUM, ...BY_HAND }) : [];
  if (patterns.length === 0) {
    await check("types", "typescript/bin/tsc", "--noEmit");
    await check("import law", "dependency-cruiser/bin/dependency-cruiser.mjs", "app", "--config", ".dependency-cruiser.cjs");
    if (!quick) await check("lint", "eslint/bin/eslint.js", ".");
    await check("build", "@remix-run/dev/dist/cli.js", "vite:build");
  }
  await jest("tests on the embedded PostgreSQL 18", {}, ...patterns);
  if (!quick) {
    const files = databaseTests();
    if (files.length > 0 && existsSync(`${DEBIAN_POSTGRES}/postgres`)) {
      await jest("database tests on Debian's PostgreSQL 15", { HOLDFAST_TEST_POSTGRES_BIN: DEBIAN_POSTGRES }, "--runTestsByPath", ...files);
    } else if (files.length > 0) {
      notRun("database tests on PostgreSQL 15", missing.includes("postgresql-15") && isRoot ? "apt-get could not install it" : `${DEBIAN_POSTGRES} is not there (apt-get install postgresql-15)`);
    }
    await recoveryByHand();
    await realStorageServers();
    await browserWalk();
  }
}

try {
  await main();
} catch (error) {
  console.error(error);
  failed++;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log("");
for (const note of notes) console.log(note);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
