/** Told to stop, or left alone by whoever reads the output. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { finished, Host, NO_TRACE, ONE_SENTENCE } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  // Does not compress, so that packs are stored from early on.
  const noise = createHash("shake256", { outputLength: 45_000_000 }).update("SYNTHETIC").digest("base64");
  writeFileSync(host.path("large.jsonl"), Array.from({ length: 60_000 }, (_, n) => `{"id":"c${n}","x":"${noise.slice(n * 1000, n * 1000 + 1000)}"}\n`).join(""));
}, 60_000);

function packs(): number {
  const directory = host.path("vault", "packs");
  return existsSync(directory) ? readdirSync(directory, { recursive: true }).length : 0;
}

describe("stopping", () => {
  test.each([["SIGINT", 130], ["SIGTERM", 143]] as const)("%s in the middle of a snapshot leaves none, and no scratch, and the rerun succeeds", async (signal, code) => {
    const child = host.start(["snapshot", VAULT, "--source", "jsonl:large.jsonl"]);
    const ended = finished(child);
    // Something has been stored and the end is far.
    const before = packs();
    while (packs() === before && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill(signal);
    const ran = await ended;
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(ONE_SENTENCE);
    expect(ran.stderr).not.toMatch(NO_TRACE);
    expect(readdirSync(path.join(host.home, "scratch"))).toEqual([]);
    expect((await host.expect(0, "snapshots", VAULT, "--json")).json().snapshots).toEqual([]);
    await host.expect(0, "verify", VAULT);
    if (code === 143) await host.expect(0, "snapshot", VAULT, "--source", "jsonl:large.jsonl");
  }, 60_000);

  test("a reader that goes away ends the export quietly, and not as a success", async () => {
    const child = host.start(["export", VAULT, "latest", "--identity", "keys/identity.jwk", "--out", "-"]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    const stderr: Buffer[] = [];
    child.stderr!.on("data", (chunk: Buffer) => stderr.push(chunk));
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(1);
    expect(Buffer.concat(stderr).toString()).toBe("");
  }, 60_000);

  test("progress is for terminals: a pipe gets none", async () => {
    const ran = await host.expect(0, "export", VAULT, "latest", "--identity", "keys/identity.jwk", "--out", "out.jsonl");
    expect(ran.stderr).toBe("");
    expect(readFileSync(host.path("out.jsonl")).equals(readFileSync(host.path("large.jsonl")))).toBe(true);
    expect(statSync(host.path("out.jsonl")).size).toBeGreaterThan(60e6);
  }, 60_000);
});
