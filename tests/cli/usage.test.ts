import { describe, expect, test } from "@jest/globals";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { spawn } from "node:child_process";
import path from "node:path";
import { BIN, environment, finished, Host, NO_TRACE, ONE_SENTENCE } from "./support.ts";

const host = new Host();

const COMMANDS = [
  ["keys", "new"],
  ["vault", "create"],
  ["snapshot"],
  ["snapshots"],
  ["get"],
  ["find"],
  ["search", "rebuild"],
  ["export"],
  ["recover"],
  ["diff"],
  ["verify"],
  ["prune"],
  ["hold"],
  ["release"],
  ["holds"],
  ["redact"],
  ["requests"],
  ["disclose"],
  ["checkpoint"],
  ["ledger", "verify"],
  ["ledger", "prove"],
  ["ledger", "cosign"],
  ["sandbox", "start"],
  ["drill"],
  ["drill", "report"],
  ["restore"],
  ["viewer", "start"],
  ["viewer", "roster"],
];

describe("usage", () => {
  test.each(COMMANDS.map((words) => [words.join(" "), words]))("%s has help with examples and --json", async (_, words) => {
    const help = await host.expect(0, ...(words as string[]), "--help");
    expect(help.stdout.toString()).toContain("Examples:\n  holdfast ");
    expect(help.stdout.toString()).toContain("--json");
    expect(help.stderr).toBe("");
  });

  test("the help of the whole lists what is built and nothing else", async () => {
    const help = (await host.expect(0, "--help")).stdout.toString();
    for (const words of COMMANDS) expect(help).toContain(`\n  ${words[0]}`);
    for (const later of ["scan"]) expect(help).not.toMatch(new RegExp(`^  ${later}`, "m"));
  });

  test.each([
    ["no command", []],
    ["an unknown command", ["frobnicate"]],
    ["a missing argument", ["snapshots"]],
    ["a missing option", ["get", "file:///v", "latest", "id"]],
    ["an unknown option", ["snapshots", "file:///v", "--frob"]],
    ["an argument too many", ["snapshots", "file:///v", "extra"]],
    ["a number that is none", ["diff", "file:///v", "a", "b", "--limit", "many"]],
    ["a port that is none", ["sandbox", "start", "--port", "70000"]],
    ["a key of an unknown type", ["keys", "new", "--out", "x", "--type", "DSA"]],
    ["two things on stdout", ["export", "file:///v", "latest", "--identity", "i", "--out", "-", "--json"]],
  ])("%s exits with 2", async (what, args) => {
    const ran = await host.expect(2, ...args);
    expect(ran.stdout.subarray(0, 1).toString()).toBe(args.includes("--json") ? "{" : "");
    if (what === "no command") expect(ran.stderr).toContain("Usage:");
    else expect(ran.stderr).toMatch(ONE_SENTENCE);
  });

  test.each([
    ["an address without a scheme", ["snapshots", "/v"], /file:\/\/\//],
    ["an address of no kind of storage", ["snapshots", "ftp://bucket/x"], /file:\/\/\/.*s3:\/\//],
    ["a place without a vault", ["snapshots", "file:///nonexistent/vault"], /no vault at this address/],
    ["a place without a ledger", ["ledger", "verify", "/nonexistent/vault"], /no vault at this address/],
    ["a place without a vault, verified", ["verify", "file:///nonexistent/vault"], /no vault at this address/],
  ])("%s exits with 1 and says what to do", async (_, args, words) => {
    const ran = await host.expect(1, ...args, "--json");
    expect(ran.stderr).toMatch(ONE_SENTENCE);
    expect(ran.stderr).toMatch(words);
    expect(ran.stderr).not.toMatch(NO_TRACE);
    expect(ran.json().error.code).toMatch(/^[a-z]+\.[a-z_]+$/);
  });
});

describe("bin/holdfast", () => {
  test("runs through links, relative and absolute, from anywhere", async () => {
    mkdirSync(host.path("links"));
    symlinkSync(BIN, host.path("links", "absolute"));
    symlinkSync("absolute", host.path("links", "relative"));
    const ran = await finished(spawn(host.path("links", "relative"), ["--help"], { cwd: "/", env: environment({ HOLDFAST_HOME: host.home }) }));
    expect(ran.stdout.toString()).toContain("Usage: holdfast");
    expect(ran.code).toBe(0);
  });

  test("says what to run when the packages are not installed", async () => {
    mkdirSync(host.path("bare", "bin"), { recursive: true });
    cpSync(BIN, host.path("bare", "bin", "holdfast"));
    const ran = await finished(spawn(host.path("bare", "bin", "holdfast"), ["--help"], { env: environment({}) }));
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining("run 'npm ci'") });
  });

  test("says which Node it needs when it finds none that will do", async () => {
    mkdirSync(host.path("old", "bin"), { recursive: true });
    mkdirSync(host.path("old", "node_modules"));
    cpSync(BIN, host.path("old", "bin", "holdfast"));
    mkdirSync(host.path("tools"));
    for (const tool of ["sh", "dirname", "readlink"]) symlinkSync(path.join("/usr/bin", tool), host.path("tools", tool));
    const ran = await finished(spawn(host.path("old", "bin", "holdfast"), ["--help"], { env: environment({ PATH: host.path("tools") }) }));
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining("Node.js 24 or newer") });
  });
});
