import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

const real = fileURLToPath(new URL("../../bin/with-install.mjs", import.meta.url));
const lock = (version: string) => JSON.stringify({ packages: { "": {}, "node_modules/a": { version }, "node_modules/only-elsewhere": { version: "1", optional: true } } });

/** Stands in for npm: puts the node this test runs on, and a prisma that counts its calls, where npm ci would. */
const NPM = `
const fs = require("node:fs");
fs.appendFileSync("calls", "npm " + process.argv.slice(2).join(" ") + "\\n");
if (fs.existsSync("offline")) process.exit(1);
fs.mkdirSync("node_modules/.bin", { recursive: true });
fs.mkdirSync("node_modules/prisma/build", { recursive: true });
fs.rmSync("node_modules/.bin/node", { force: true });
fs.symlinkSync(process.execPath, "node_modules/.bin/node");
fs.writeFileSync("node_modules/.package-lock.json", fs.readFileSync("package-lock.json"));
fs.writeFileSync("node_modules/prisma/build/index.js", 'const fs = require("node:fs"); fs.appendFileSync("calls", "prisma " + process.argv[2] + "\\\\n"); fs.mkdirSync("node_modules/.prisma/client", { recursive: true }); fs.writeFileSync("node_modules/.prisma/client/index.js", "");');
`;

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "holdfast-bare-"));
  for (const folder of ["bin", "prisma"]) mkdirSync(join(root, folder));
  copyFileSync(real, join(root, "bin/with-install.mjs"));
  writeFileSync(join(root, "npm.cjs"), NPM);
  writeFileSync(join(root, "package-lock.json"), lock("1.0.0"));
  writeFileSync(join(root, "prisma/schema.prisma"), "one");
  writeFileSync(join(root, "bin/script.mjs"), `console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.argv[2]);`);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const env = () => ({ PATH: process.env["PATH"], HOME: join(root, "empty-home"), npm_execpath: join(root, "npm.cjs") }) as unknown as NodeJS.ProcessEnv;
const run = (...args: string[]) => spawnSync(process.execPath, ["bin/with-install.mjs", "bin/script.mjs", ...args], { cwd: root, env: env(), encoding: "utf8" });
const calls = () => (existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n") : []);

describe("the first command on a bare clone", () => {
  test("installs and prepares once, says so, and then runs the script with its arguments", () => {
    const first = run("0", "two words", "--check");
    expect(first.stderr).toMatch(/Installing packages[\s\S]*Preparing the database client/);
    expect(JSON.parse(first.stdout)).toEqual(["0", "two words", "--check"]);
    const second = run("0");
    expect(second.stderr).toBe("");
    expect(calls()).toEqual(["npm ci --loglevel=error", "prisma generate"]);
  });

  test("gives on the script's exit code", () => {
    expect([run("0").status, run("7").status]).toEqual([0, 7]);
  });

  test("installs again when the lock changes, and prepares again when the schema does", () => {
    run("0");
    writeFileSync(join(root, "package-lock.json"), lock("2.0.0"));
    run("0");
    writeFileSync(join(root, "prisma/schema.prisma"), "two");
    run("0");
    expect(calls()).toEqual(["npm ci --loglevel=error", "prisma generate", "npm ci --loglevel=error", "prisma generate"]);
  });

  test("takes what npm ci installed by hand, and works without a network then", () => {
    run("0");
    rmSync(join(root, "node_modules/.holdfast-install"));
    writeFileSync(join(root, "offline"), "");
    expect(run("0").status).toBe(0);
    expect(calls()).toHaveLength(2);
  });

  test("stops with one sentence when nothing can be installed", () => {
    writeFileSync(join(root, "offline"), "");
    const { status, stderr, stdout } = run("0");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/npm ci failed/);
  });

  test("passes a signal on to the script, and waits for it to end in its own way", async () => {
    run("0");
    writeFileSync(join(root, "bin/script.mjs"), `process.on("SIGTERM", () => process.exit(42)); setInterval(() => {}, 1000); console.log("up");`);
    const child = spawn(process.execPath, ["bin/with-install.mjs", "bin/script.mjs"], { cwd: root, env: env(), stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((up) => child.stdout.once("data", up));
    child.kill("SIGTERM");
    expect(await new Promise((end) => child.once("exit", end))).toBe(42);
  });
});
