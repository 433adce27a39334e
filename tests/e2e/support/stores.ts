/** What every store is put through on a real server: the contract, what networks do, and a vault from the first snapshot to the last record. */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { CHECKS, RetryingStore, runCheck, type Patience } from "#app/stores/index.ts";
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { writeExportFile } from "#tests/bench/export-file.ts";
import type { FaultProxy } from "#tests/support/fault-proxy.ts";

const HOLDFAST = resolve(import.meta.dirname, "../../../bin/holdfast");

/** Short, so that a test of patience needs none. */
export const IMPATIENT: Patience = { answerMs: 1500, bytesPerSecond: 4 * 1024 * 1024 };

let runs = 0;

export function contract(what: string, open: () => Promise<ObjectStore>): void {
  for (const check of CHECKS) {
    it(`${what}: ${check.name}`, async () => {
      await runCheck(check, { store: await open(), reopen: open, run: `contract-${String(runs++)}` });
    });
  }
}

/** `open` goes through the proxy, impatient and without retries of its own. `http`: it speaks HTTP, and can be told "503". */
export function networkFaults(proxy: () => FaultProxy, open: () => Promise<ObjectStore>, o: { readonly http: boolean }): void {
  const retrying = async (): Promise<RetryingStore> => new RetryingStore(await open(), { attempts: 8, baseMs: 10, mostMs: 50 }, { sleep: () => Promise.resolve(), random: () => 1 });
  const under = async (fault: FaultProxy["fault"], work: () => Promise<void>): Promise<void> => {
    proxy().struck = 0;
    proxy().fault = fault;
    try {
      await work();
      assert.ok(proxy().struck > 0, "the fault never struck");
    } finally {
      proxy().fault = { kind: "none" };
    }
  };
  const key = (): string => `faults/${String(runs++)}`;
  const body = (length: number): Uint8Array => new Uint8Array(createHash("shake256", { outputLength: length }).update(String(runs)).digest());

  it("gives up on a connection that is half open, within its patience, and says that trying again may help", async () => {
    const store = await open();
    await store.putIfAbsent(key(), body(10));
    await under({ kind: "half-open" }, async () => {
      const began = performance.now();
      for (const use of [() => store.get("faults/none"), () => store.putIfAbsent(key(), body(10)), () => first(store.list("faults/"))]) {
        await assert.rejects(use, (error) => error instanceof StoreError && error.code === "store.unreachable" && error.retry === "later");
      }
      assert.ok(performance.now() - began < 3 * (IMPATIENT.answerMs + 1500), "it took longer than its patience");
    });
    assert.equal(await store.get("faults/none"), null, "the same store works again afterwards");
  });

  it("goes on after a connection was half open, when it tries again", async () => {
    const store = await retrying();
    const [name, bytes] = [key(), body(1000)];
    await under({ kind: "half-open" }, async () => {
      const write = store.putIfAbsent(name, bytes);
      setTimeout(() => { proxy().fault = { kind: "none" }; }, IMPATIENT.answerMs / 2);
      assert.equal(await write, "stored");
    });
    assert.deepEqual(Buffer.from((await store.get(name))!), Buffer.from(bytes));
  });

  if (o.http) {
    it("rides out a storm of 503 answers: writes, reads, lists and removes", async () => {
      const store = await retrying();
      const [name, bytes] = [key(), body(100_000)];
      await under({ kind: "busy", times: 5 }, async () => { assert.equal(await store.putIfAbsent(name, bytes), "stored"); });
      await under({ kind: "busy", times: 5 }, async () => { assert.deepEqual(Buffer.from((await store.get(name))!), Buffer.from(bytes)); });
      await under({ kind: "busy", times: 3 }, async () => { assert.equal((await first(store.list(name)))?.key, name); });
      await under({ kind: "busy", times: 3 }, async () => { await store.remove(name); });
      assert.equal(await store.get(name), null);
    });

    it("says busy, and that trying again may help, when the storm does not end", async () => {
      const store = await open();
      await under({ kind: "busy", times: 1 }, async () => {
        await assert.rejects(store.get("faults/none"), (error) => error instanceof StoreError && error.retry === "later");
      });
    });

    it("answers stored for a write whose answer was lost, and already-there for somebody else's object all the same", async () => {
      const store = await retrying();
      const [mine, theirs, bytes] = [key(), key(), body(50_000)];
      await under({ kind: "lost-answer", times: 1 }, async () => { assert.equal(await store.putIfAbsent(mine, bytes), "stored"); });
      assert.equal(await store.putIfAbsent(mine, bytes), "already-there", "but only the write itself is answered so");
      await (await open()).putIfAbsent(theirs, body(49_999));
      await under({ kind: "lost-answer", times: 1 }, async () => { assert.equal(await store.putIfAbsent(theirs, bytes), "already-there"); });
    });
  }

  it("never takes a part of an object for the whole when the connection breaks in the middle of it", async () => {
    const store = await open();
    const [name, bytes] = [key(), body(1_000_000)];
    await store.putIfAbsent(name, bytes);
    for (const afterBytes of [0, 100, 2000, 500_000]) {
      // A fresh connection each, so that the count begins with it.
      const fresh = await open();
      await under({ kind: "cut", afterBytes, times: 1 }, async () => {
        await assert.rejects(fresh.get(name), (error) => error instanceof StoreError && error.retry === "later", `cut after ${String(afterBytes)} bytes`);
      });
    }
  });

  it("brings a write to its end through connections that break again and again, without a half object or a false answer", async () => {
    for (const afterBytes of [0, 50, 400, 1500, 2500, 3500]) {
      const store = await retrying();
      const [name, bytes] = [key(), body(300_000)];
      await under({ kind: "cut", afterBytes, times: 2 }, async () => {
        assert.equal(await store.putIfAbsent(name, bytes), "stored");
        proxy().struck++;
      });
      assert.deepEqual(Buffer.from((await (await open()).get(name))!), Buffer.from(bytes));
    }
  });

  it("does not wait for ever for a body that trickles", async () => {
    const store = await open();
    const [name, bytes] = [key(), body(2_000_000)];
    await store.putIfAbsent(name, bytes);
    await under({ kind: "slow", bytesPerSecond: 20_000 }, async () => {
      const began = performance.now();
      await assert.rejects(store.get(name, { offset: 0, length: 1_000_000 }), (error) => error instanceof StoreError && error.code === "store.unreachable");
      assert.ok(performance.now() - began < IMPATIENT.answerMs + 3000);
    });
    assert.deepEqual(Buffer.from((await store.get(name))!), Buffer.from(bytes));
  });
}

/** The real command against the real server: a vault made, filled twice, verified to the last byte, exported; then the storage tested. */
export async function vaultThroughTheCommand(url: string, given: Readonly<Record<string, string>>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-store-"));
  try {
    const env = { ...process.env, HOLDFAST_HOME: join(folder, "home"), ...given };
    // Not in step: a fake server in this process must be able to answer.
    const run = async (...args: string[]): Promise<Record<string, unknown>> => {
      const done = await promisify(execFile)(HOLDFAST, [...args, "--json"], { env, encoding: "utf8", maxBuffer: 1 << 26 }).catch((error: { stdout: string; stderr: string }) => {
        throw new Error(`${args.join(" ")}: ${error.stderr}${error.stdout}`);
      });
      return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    };
    const days = [join(folder, "day0.jsonl"), join(folder, "day1.jsonl")] as const;
    await writeExportFile({ path: days[0], bytes: 3 << 20, seed: 11 });
    await writeExportFile({ path: days[1], bytes: 3 << 20, seed: 11, changeFraction: 0.05 });
    const identity = join(folder, "keys/identity.jwk");
    await run("keys", "new", "--out", join(folder, "keys"));
    await run("vault", "create", url, "--recipient", join(folder, "keys/recipient.jwk"));
    await run("snapshot", url, "--source", `jsonl:${days[0]}`);
    assert.equal((await run("snapshot", url, "--source", `jsonl:${days[1]}`))["complete"], true);
    const verdict = await run("verify", url, "--read-data", "--identity", identity);
    assert.deepEqual([verdict["ok"], verdict["findings"]], [true, []]);
    const out = join(folder, "out.jsonl");
    await run("export", url, "latest", "--identity", identity, "--out", out);
    const lines = (path: string): string[] => readFileSync(path, "utf8").split("\n").sort();
    assert.deepEqual(lines(out), lines(days[1]));
    const tested = await run("vault", "check-store", url);
    assert.deepEqual([tested["ok"], tested["leftBehind"], tested["entered"]], [true, [], true]);
    assert.deepEqual((await run("verify", url))["ok"], true, "the test left the vault as it was");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function first<T>(listing: AsyncIterable<T>): Promise<T | undefined> {
  for await (const each of listing) return each;
  return undefined;
}
