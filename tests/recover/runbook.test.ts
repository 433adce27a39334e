/** docs/runbooks/recover.md, as it stands there: its commands are taken out of the page and run, one after the other, in one shell. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { Host } from "../cli/support.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const page = readFileSync(path.join(ROOT, "docs/runbooks/recover.md"), "utf8");
const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] as string);

const host = new Host();
const lines = Array.from({ length: 700 }, (_, i) => JSON.stringify({ id: `gid://shopify/Customer/${i}`, note: "SYNTHETIC" }));

beforeAll(async () => {
  writeFileSync(host.path("shop.jsonl"), `${lines.join("\n")}\n`);
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", host.url("bucket"), "--recipient", "keys/recipient.jwk");
  await host.expect(0, "snapshot", host.url("bucket"), "--source", "jsonl:shop.jsonl");
  mkdirSync(host.path("tools"));
  symlinkSync(process.execPath, host.path("tools", "node"));
}, 120_000);

function follow(results: string): Promise<{ code: number; output: string }> {
  const env = { PATH: `${host.path("tools")}:/usr/bin:/bin`, BUCKET: host.path("bucket"), IDENTITY: host.path("keys/identity.jwk"), RESULTS: host.path(results) } as unknown as NodeJS.ProcessEnv;
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-e", "-c", commands.join("\n")], { cwd: host.directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe("the runbook", () => {
  test("followed step by step gives every record back", async () => {
    expect(commands).toHaveLength(3);
    const { code, output } = await follow("results");
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/recover\.mjs: OK\n/);
    expect(output).toContain("Whole: every digest and signature held");
    expect(output).toMatch(/\nwhole\n[^\n]+Z\n700\n0\n\{"Customer":700\}\n700\n$/);
    expect(readFileSync(host.path("results", "records.jsonl"), "utf8")).toBe(`${lines.join("\n")}\n`);
  }, 60_000);

  test("stops at a program that is not the one that was signed", async () => {
    const folder = readdirSync(host.path("bucket", "recover")).find((name) => name !== "README.txt") as string;
    const program = host.path("bucket", "recover", folder, "recover.mjs");
    const before = readFileSync(program);
    rmSync(program);
    writeFileSync(program, Buffer.concat([before, Buffer.from("\n")]));
    const { code, output } = await follow("stopped");
    expect(code).not.toBe(0);
    expect(output).toMatch(/recover\.mjs: FAILED/);
    expect(existsSync(host.path("stopped"))).toBe(false);
    writeFileSync(program, before);
  }, 60_000);

  test("names only findings that there are, and the page on recovery explains every one", () => {
    const source = readFileSync(path.join(ROOT, "app/vault/salvage/findings.ts"), "utf8");
    const codes = [...source.slice(source.indexOf("export type SalvageCode")).split(";\n\nexport")[0]!.matchAll(/\| "([a-z_]+\.[a-z_]+)"/g)].map((match) => match[1] as string);
    expect(codes.length).toBeGreaterThan(15);
    const recovery = readFileSync(path.join(ROOT, "docs/recovery.md"), "utf8");
    const told = [.../### Findings\n([\s\S]*?)\nThey mean/.exec(recovery)![1]!.matchAll(/`([a-z_.]+)`/g)].map((match) => match[1] as string);
    expect(told.sort()).toEqual([...codes].sort());
    const named = [...page.matchAll(/`((?:pack|frame|pack_key|key|tree|manifest|record)\.[a-z_]+)`/g)].map((match) => match[1] as string);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((code) => !codes.includes(code) && code !== "manifest.json")).toEqual([]);
  });
});
