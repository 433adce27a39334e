/**
 * Appends to a ledger in a directory, each durable before it counts: many callers who each wait for their own entry, as the requests of an
 * application do, and one caller alone.
 *
 *   node tests/bench/ledger.ts [seconds]          prints one JSON object a row
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openLedger, originOf, type Ledger, type NewLedgerEntry } from "#app/ledger/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";

export interface LedgerRow {
  readonly callers: number;
  readonly entries: number;
  readonly appendsPerSecond: number;
  /** Entries that share a checkpoint, on average. */
  readonly entriesPerCheckpoint: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What lies in the store afterwards, per entry of about 250 bytes. */
  readonly storedBytesPerEntry: number;
}

export async function benchLedger(o: { readonly directory: string; readonly callers: number; readonly seconds: number }): Promise<LedgerRow> {
  const root = await mkdtemp(path.join(o.directory, "ledger-"));
  try {
    const { privateKey } = generateKeyPairSync("ed25519");
    const origin = originOf("00000000000000000000000000000000");
    const ledger = openLedger({ store: new FilesystemStore(root), origin, signer: { name: origin, privateKey: privateKey.export({ format: "jwk" }) }, clock: { now: () => new Date() } });
    const until = performance.now() + o.seconds * 1000;
    const began = performance.now();
    const times: number[] = [];
    await Promise.all(Array.from({ length: o.callers }, (_, caller) => call(ledger, caller, until, times)));
    const seconds = (performance.now() - began) / 1000;
    const { checkpoints, size, ok } = await ledger.verify({ publicKey: privateKey.export({ format: "jwk" }) });
    if (!ok || size !== times.length) throw new Error("The ledger does not hold what was appended.");
    times.sort((a, b) => a - b);
    return {
      callers: o.callers,
      entries: size,
      appendsPerSecond: Math.round(size / seconds),
      entriesPerCheckpoint: Math.round((10 * size) / checkpoints) / 10,
      p50Ms: round(times[Math.floor(times.length * 0.5)]),
      p99Ms: round(times[Math.floor(times.length * 0.99)]),
      storedBytesPerEntry: Math.round((await bytesBelow(root)) / size),
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function call(ledger: Ledger, caller: number, until: number, times: number[]): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    const began = performance.now();
    await ledger.append([entry(caller, n)]);
    times.push(performance.now() - began);
  }
}

function entry(caller: number, n: number): NewLedgerEntry {
  return {
    actor: `staff:${caller}`,
    action: "vault.verified",
    subject: { vault: "00000000000000000000000000000000", snapshot: "0123456789abcdef", readData: true, records: caller, snapshots: n, objects: 1, bytesRead: 1, findings: 0 },
    outcome: "done",
  };
}

async function bytesBelow(root: string): Promise<number> {
  let bytes = 0;
  for (const found of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (found.isFile()) bytes += (await stat(path.join(found.parentPath, found.name))).size;
  }
  return bytes;
}

function round(ms: number | undefined): number {
  return Math.round((ms ?? 0) * 10) / 10;
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 5);
  for (const callers of [1, 64, 256]) {
    process.stdout.write(`${JSON.stringify(await benchLedger({ directory: tmpdir(), callers, seconds }))}\n`);
  }
}
