/** `vault check-store`, as a person runs it. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { Host } from "./support.ts";

const host = new Host();

test("says that a directory can hold a vault, what it cannot promise, and leaves nothing behind", async () => {
  mkdirSync(host.path("empty"));
  const ran = await host.run("vault", "check-store", pathToFileURL(host.path("empty")).href, "--json");
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  const said = ran.json() as unknown as { ok: boolean; store: string; checks: { passed: boolean }[]; cannot: { promise: string; essential: boolean; todo: string }[]; leftBehind: string[]; entered: boolean };
  expect(said).toMatchObject({ ok: true, store: "filesystem", leftBehind: [], entered: false });
  expect(said.checks.length).toBeGreaterThan(14);
  expect(said.checks.every(({ passed }) => passed)).toBe(true);
  expect(said.cannot).toEqual([expect.objectContaining({ promise: "lock", essential: false, todo: expect.any(String) })]);
  expect(readdirSync(host.path("empty"))).toEqual(["~incoming"]);
}, 60_000);

test("an address with a password is refused in one sentence that does not repeat it", async () => {
  const ran = await host.run("vault", "check-store", "sftp://user:hunter2@127.0.0.1/vaults");
  expect([ran.code, ran.stdout.toString()]).toEqual([1, ""]);
  expect(ran.stderr).toMatch(/^holdfast: .*password.*\n$/);
  expect(ran.stderr).not.toContain("hunter2");
}, 60_000);

test("storage that is not there is an error, not a report", async () => {
  writeFileSync(host.path("a-file"), "x");
  const ran = await host.run("vault", "check-store", `${pathToFileURL(host.path("a-file")).href}/beneath`, "--json");
  expect(ran.code).toBe(1);
}, 60_000);
