/**
 * Appends to a ledger in a directory and to the database's list before it, each durable before it counts: many callers who each wait for their
 * own entry, as the requests of an application do, and one caller alone.
 *
 *   node tests/bench/ledger.ts [seconds]          prints one JSON object a row
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { encodeEntry, leafHash, openLedger, originOf, type NewLedgerEntry } from "#app/ledger/index.ts";
import { openDatabase } from "#app/platform/database/connect.ts";
import { ledgerOutbox } from "#app/platform/records/ledger-outbox.ts";
import { shopLock } from "#app/platform/shopify/shop-lock.ts";
import { FilesystemStore } from "#app/stores/index.ts";

export interface LedgerRow {
  readonly store: "directory" | "postgresql";
  readonly callers: number;
  readonly entries: number;
  readonly appendsPerSecond: number;
  /** Entries that share a checkpoint, on average. */
  readonly entriesPerCheckpoint: number | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What lies in the store afterwards, per entry of about 250 bytes. */
  readonly storedBytesPerEntry: number | null;
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
    await Promise.all(Array.from({ length: o.callers }, (_, caller) => call((one) => ledger.append([one]), caller, until, times)));
    const seconds = (performance.now() - began) / 1000;
    const { checkpoints, size, ok } = await ledger.verify({ publicKey: privateKey.export({ format: "jwk" }) });
    if (!ok || size !== times.length) throw new Error("The ledger does not hold what was appended.");
    times.sort((a, b) => a - b);
    return {
      store: "directory",
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

/** In a PostgreSQL of its own, with its usual durability (fsync and synchronous_commit on). */
export async function benchOutbox(o: { readonly directory: string; readonly callers: number; readonly seconds: number }): Promise<LedgerRow> {
  const home = await mkdtemp(path.join(o.directory, "ledger-db-"));
  const database = await openDatabase({ home, process: "bench" });
  try {
    const { rows } = await database.pool.query<{ fsync: string; sync: string }>("SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync");
    if (rows[0]?.fsync !== "on" || rows[0].sync !== "on") throw new Error("This database does not promise durability, so its figures would say nothing.");
    const outbox = ledgerOutbox(database.pool, shopLock(database.pool, "bench"), { now: () => new Date() });
    const until = performance.now() + o.seconds * 1000;
    const began = performance.now();
    const times: number[] = [];
    const append = (one: NewLedgerEntry): Promise<void> => {
      const bytes = encodeEntry({ at: new Date().toISOString(), ...one });
      return outbox.add("00000000000000000000000000000000", [{ entry: Buffer.from(bytes).toString("utf8"), leaf: Buffer.from(leafHash(bytes)).toString("hex") }]);
    };
    await Promise.all(Array.from({ length: o.callers }, (_, caller) => call(append, caller, until, times)));
    const seconds = (performance.now() - began) / 1000;
    const { rows: kept } = await database.pool.query<{ count: string }>('SELECT count(*)::text AS count FROM "LedgerEntry"');
    if (Number(kept[0]?.count) !== times.length) throw new Error("The database does not hold what was added.");
    times.sort((a, b) => a - b);
    const at = (part: number): number => round(times[Math.floor(times.length * part)]);
    return { store: "postgresql", callers: o.callers, entries: times.length, appendsPerSecond: Math.round(times.length / seconds), entriesPerCheckpoint: null, p50Ms: at(0.5), p99Ms: at(0.99), storedBytesPerEntry: null };
  } finally {
    await database.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function call(append: (entry: NewLedgerEntry) => Promise<unknown>, caller: number, until: number, times: number[]): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    const began = performance.now();
    await append(entry(caller, n));
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
    for (const bench of [benchLedger, benchOutbox]) process.stdout.write(`${JSON.stringify(await bench({ directory: tmpdir(), callers, seconds }))}\n`);
  }
}
