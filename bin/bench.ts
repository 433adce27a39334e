/**
 * npm run bench: the vault beside restic and `zstd -3 | age`, on the same synthetic export, in one run.
 * Options: --mib N (size of the export, default 1024), --rounds N (default 1), --change F (default 0.01), --json FILE, --keep.
 * Peers are Debian packages, installed when absent and root; elsewhere a missing peer is left out and said so.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeExportFile } from "#tests/bench/export-file.ts";
import { measure, median, type Cost } from "#tests/bench/measure.ts";

const { values: options } = parseArgs({
  options: {
    mib: { type: "string", default: "1024" },
    rounds: { type: "string", default: "1" },
    change: { type: "string", default: "0.01" },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const mib = Number(options.mib);
const rounds = Number(options.rounds);
const change = Number(options.change);
const holdfast = resolve(import.meta.dirname, "holdfast");
const has = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const PEERS = ["restic", "age", "zstd"];
if (PEERS.some((peer) => !has(peer)) || !has("/usr/bin/time")) {
  if (process.getuid?.() === 0 && has("apt-get")) {
    console.log("Installing the peers to compare with (restic, age, zstd, time) …");
    execFileSync("sh", ["-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq restic age zstd time"], { stdio: ["ignore", "ignore", "inherit"] });
  }
}
if (!has("/usr/bin/time")) {
  console.error("GNU time is missing (Debian package `time`). Install it and run again: without it nothing can be measured.");
  process.exit(1);
}
const withRestic = has("restic");
const withAge = has("age") && has("zstd");

const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
const at = (name: string): string => join(folder, name);
const sizeOf = (path: string): number => {
  const info = statSync(path);
  return info.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : info.size;
};

interface Row {
  readonly step: string;
  readonly who: string;
  readonly costs: Cost[];
  /** Bytes of the source this step worked through. */
  readonly source: number;
  added?: number;
  note?: string;
}
const rows: Row[] = [];

type Floor = Record<"lines" | "digests" | "compress" | "sealing" | "inflate" | "write", number>;
/** What each step cannot do without (tests/bench/floor.ts). */
const FLOORS: readonly (readonly [string, readonly (keyof Floor)[]])[] = [
  ["first snapshot", ["lines", "digests", "compress", "sealing"]],
  ["second snapshot", ["lines", "digests"]],
  ["verify, every record", ["sealing", "inflate", "digests"]],
  ["export", ["sealing", "inflate", "digests", "write"]],
];
function record(step: string, who: string, cost: Cost, source: number, extra: { added?: number; note?: string } = {}): void {
  let row = rows.find((candidate) => candidate.step === step && candidate.who === who);
  if (row === undefined) rows.push((row = { step, who, costs: [], source }));
  row.costs.push(cost);
  Object.assign(row, extra);
}
const figure = (value: number, places = 1): string => (Number.isFinite(value) ? value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places }) : "–");
/** Size of the export that is shuffled. */
const SHUFFLED_MIB = 1024;
const quoted = (path: string): string => `'${path}'`;

try {
  console.log(`Writing a synthetic export of ${String(mib)} MiB and the same with ${String(change * 100)} % of its records changed …`);
  const day1 = await writeExportFile({ path: at("day1.jsonl"), bytes: mib << 20, seed: 42 });
  const day2 = await writeExportFile({ path: at("day2.jsonl"), bytes: mib << 20, seed: 42, changeFraction: change, deltaPath: at("delta.jsonl") });
  const ideal = has("zstd") ? Number((await measure(`zstd -3 -q -c ${quoted(at("delta.jsonl"))} | wc -c`)).stdout.trim()) : Number.NaN;
  console.log(`${day1.records.toLocaleString("en")} records, ${day1.bytes.toLocaleString("en")} bytes; ${day2.changed.toLocaleString("en")} changed, ideal delta ${ideal.toLocaleString("en")} bytes (the changed lines, zstd -3).`);
  await writeExportFile({ path: at("tenth.jsonl"), bytes: mib << 20, seed: 42, changeFraction: 0.001, deltaPath: at("tenth-delta.jsonl") });
  const idealTenth = has("zstd") ? Number((await measure(`zstd -3 -q -c ${quoted(at("tenth-delta.jsonl"))} | wc -c`)).stdout.trim()) : Number.NaN;
  // The same lines in another order: shuf with a fixed source of chance.
  const ordered = await writeExportFile({ path: at("ordered.jsonl"), bytes: Math.min(mib, SHUFFLED_MIB) << 20, seed: 43 });
  execFileSync("sh", ["-c", `shuf --random-source=${quoted(at("day1.jsonl"))} ${quoted(at("ordered.jsonl"))} > ${quoted(at("shuffled.jsonl"))}`]);
  const middle = execFileSync("sh", ["-c", `sed -n '${String(Math.floor(day2.records / 2))}p' ${quoted(at("day2.jsonl"))}`], { maxBuffer: 1 << 26 }).toString("utf8");
  const wanted = (JSON.parse(middle) as { id: string }).id;

  for (let round = 1; round <= rounds; round += 1) {
    console.log(`Round ${String(round)} of ${String(rounds)}: holdfast …`);
    const home = at(`home${String(round)}`);
    const vault = at(`vault${String(round)}`);
    mkdirSync(vault);
    const env = { HOLDFAST_HOME: home };
    const url = `file://${vault}`;
    const identity = quoted(join(home, "k", "identity.jwk"));
    await measure(`${holdfast} keys new --out ${quoted(join(home, "k"))}`, env);
    await measure(`${holdfast} vault create ${url} --recipient ${quoted(join(home, "k", "recipient.jwk"))}`, env);
    record("first snapshot", "holdfast", await measure(`${holdfast} snapshot ${url} --source jsonl:${quoted(at("day1.jsonl"))} --json`, env), day1.bytes, { added: sizeOf(vault) });
    const untouched = at(`vault${String(round)}-first`);
    cpSync(vault, untouched, { recursive: true });
    const before = sizeOf(vault);
    record("second snapshot", "holdfast", await measure(`${holdfast} snapshot ${url} --source jsonl:${quoted(at("day2.jsonl"))} --json`, env), day2.bytes, { added: sizeOf(vault) - before });
    record("verify, stored bytes", "holdfast", await measure(`${holdfast} verify ${url} --read-data --json`, env), day1.bytes);
    record("verify, every record", "holdfast", await measure(`${holdfast} verify ${url} --read-data --identity ${identity} --json`, env), day1.bytes);
    record("export", "holdfast", await measure(`${holdfast} export ${url} latest --identity ${identity} --out ${quoted(at("out.jsonl"))} --json`, env), day1.bytes);
    const one = await measure(`${holdfast} get ${url} latest ${wanted} --identity ${identity} --json`, env);
    const told = JSON.parse(one.stdout.trim().split("\n").at(-1) ?? "{}") as { bytesFetched?: number; ms?: number };
    record("one record", "holdfast", one, day1.bytes, { note: `${String(told.ms?.toFixed(1))} ms without process start, ${String(told.bytesFetched?.toLocaleString("en"))} bytes fetched` });
    record("diff", "holdfast", await measure(`${holdfast} diff ${url} latest~1 latest --json`, env), day1.bytes);
    rmSync(vault, { recursive: true });
    mkdirSync(vault);
    const other = { HOLDFAST_HOME: at(`home${String(round)}-shuffled`) };
    await measure(`${holdfast} vault create ${url} --recipient ${quoted(join(home, "k", "recipient.jwk"))}`, other);
    await measure(`${holdfast} snapshot ${url} --source jsonl:${quoted(at("ordered.jsonl"))} --json`, other);
    const packed = sizeOf(join(vault, "packs"));
    const shuffled = await measure(`${holdfast} snapshot ${url} --source jsonl:${quoted(at("shuffled.jsonl"))} --json`, other);
    const after = JSON.parse(shuffled.stdout.trim().split("\n").at(-1) ?? "{}") as { changed?: number; moved?: number };
    record(`shuffled, ${String(Math.min(mib, SHUFFLED_MIB))} MiB`, "holdfast", shuffled, ordered.bytes, { added: sizeOf(join(vault, "packs")) - packed, note: `${String(after.changed)} changed, ${String(after.moved)} moved among siblings; bytes of packs` });
    rmSync(vault, { recursive: true });
    cpSync(untouched, vault, { recursive: true });
    const atFirst = sizeOf(vault);
    const tenth = await measure(`${holdfast} snapshot ${url} --source jsonl:${quoted(at("tenth.jsonl"))} --json`, env);
    record("second snapshot, 0.1 %", "holdfast", tenth, day2.bytes, { added: sizeOf(vault) - atFirst, note: `${figure((sizeOf(vault) - atFirst) / idealTenth, 2)} times the ideal delta` });
    rmSync(vault, { recursive: true });
    rmSync(untouched, { recursive: true });
    rmSync(at("out.jsonl"));

    if (withRestic) {
      console.log(`Round ${String(round)} of ${String(rounds)}: restic …`);
      const repository = at(`restic${String(round)}`);
      const resticEnv = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: "synthetic", RESTIC_CACHE_DIR: at("restic-cache") };
      mkdirSync(at("r"), { recursive: true });
      await measure("restic init -q", resticEnv);
      const restic = (file: string): string => `restic backup -q --stdin --stdin-filename export.jsonl < ${quoted(at(file))}`;
      record("first snapshot", "restic", await measure(restic("day1.jsonl"), resticEnv), day1.bytes, { added: sizeOf(repository) });
      const base = sizeOf(repository);
      record("second snapshot", "restic", await measure(restic("day2.jsonl"), resticEnv), day2.bytes, { added: sizeOf(repository) - base });
      record("verify, stored bytes", "restic", await measure("restic check -q --read-data", resticEnv), day1.bytes);
      record("export", "restic", await measure(`restic restore -q latest --target ${quoted(at("r"))}`, resticEnv), day1.bytes);
      record("one record", "restic", await measure(`restic dump -q latest export.jsonl | grep -m1 -F '"${wanted}"' > /dev/null || true`, resticEnv), day1.bytes, { note: "the whole file, stopped at the hit" });
      rmSync(repository, { recursive: true });
      rmSync(at("r"), { recursive: true });
    }
    if (withAge) {
      console.log(`Round ${String(round)} of ${String(rounds)}: zstd -3 | age …`);
      const key = at("age.key");
      rmSync(key, { force: true });
      await measure(`age-keygen -o ${quoted(key)} 2> ${quoted(at("age.pub"))}`);
      const recipient = (await measure(`age-keygen -y ${quoted(key)}`)).stdout.trim();
      const sealed = at("sealed.age");
      record("first snapshot", "zstd|age", await measure(`zstd -3 -T1 -q -c ${quoted(at("day1.jsonl"))} | age -r ${recipient} -o ${quoted(sealed)}`), day1.bytes, { added: 0 });
      Object.assign(rows.at(-1) ?? {}, { added: sizeOf(sealed) });
      rmSync(sealed);
      const second = await measure(`zstd -3 -T1 -q -c ${quoted(at("day2.jsonl"))} | age -r ${recipient} -o ${quoted(sealed)}`);
      record("second snapshot", "zstd|age", second, day2.bytes, { added: sizeOf(sealed) });
      record("verify, stored bytes", "zstd|age", await measure(`age -d -i ${quoted(key)} ${quoted(sealed)} | zstd -q -t`), day1.bytes);
      record("export", "zstd|age", await measure(`age -d -i ${quoted(key)} ${quoted(sealed)} | zstd -q -d -c > ${quoted(at("out.jsonl"))}`), day1.bytes);
      record("one record", "zstd|age", await measure(`age -d -i ${quoted(key)} ${quoted(sealed)} 2>/dev/null | zstd -q -d -c 2>/dev/null | grep -m1 -F '"${wanted}"' > /dev/null || true`), day1.bytes, { note: "the whole stream, stopped at the hit" });
      rmSync(sealed);
      rmSync(at("out.jsonl"));
    }
  }

  const table = rows
    .sort((a, b) => rows.findIndex((r) => r.step === a.step) - rows.findIndex((r) => r.step === b.step))
    .map((row) => {
      const wall = median(row.costs.map((c) => c.wallSeconds));
      const cpu = median(row.costs.map((c) => c.cpuSeconds));
      const peers = (name: string): Row | undefined => rows.find((r) => r.step === row.step && r.who === name);
      const ratio = (name: string, of: (c: Cost) => number): string => {
        const peer = peers(name);
        return row.who !== "holdfast" || peer === undefined ? "" : figure(median(row.costs.map(of)) / median(peer.costs.map(of)), 2);
      };
      return {
        step: row.step,
        who: row.who,
        wall: figure(wall, 2),
        cpu: figure(cpu, 2),
        "MB/CPU-s": row.step === "one record" || row.step === "diff" ? "" : figure(row.source / 1e6 / cpu, 0),
        "peak MiB": figure(median(row.costs.map((c) => c.peakMiB)), 0),
        "bytes added": row.added === undefined ? "" : row.added.toLocaleString("en"),
        "x ideal": row.step === "second snapshot" && row.added !== undefined ? figure(row.added / ideal, 2) : "",
        "wall, cpu of restic": row.who === "holdfast" && peers("restic") ? `${ratio("restic", (c) => c.wallSeconds)}, ${ratio("restic", (c) => c.cpuSeconds)}` : "",
        "wall, cpu of zstd|age": row.who === "holdfast" && peers("zstd|age") ? `${ratio("zstd|age", (c) => c.wallSeconds)}, ${ratio("zstd|age", (c) => c.cpuSeconds)}` : "",
        note: row.note ?? "",
      };
    });
  const head = Object.keys(table[0] ?? {}) as (keyof (typeof table)[number])[];
  console.log(`\n${String(cpus().length)} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}, ${String(mib)} MiB, ${String(rounds)} round(s), medians\n`);
  console.log(`| ${head.join(" | ")} |\n|${head.map(() => "---").join("|")}|`);
  for (const line of table) console.log(`| ${head.map((column) => line[column]).join(" | ")} |`);
  console.log("\nThe floor: what cannot be left out, each step alone, in CPU seconds per GiB (reading lines, one HMAC-SHA-256 a record, zstd -3 in frames, sealing, inflating, writing):");
  const start = (await measure(`${holdfast} --help`)).cpuSeconds;
  const floor = JSON.parse((await measure(`${process.execPath} ${quoted(resolve(import.meta.dirname, "../tests/bench/floor.ts"))} ${quoted(at("day1.jsonl"))} ${String(Math.min(mib, 256))}`)).stdout.trim()) as Floor;
  console.log(JSON.stringify({ start, ...floor }));
  console.log("| step | floor | of holdfast's CPU | of restic's | of zstd|age's |\n|---|---|---|---|---|");
  for (const [step, parts] of FLOORS) {
    const least = start + parts.reduce((sum, part) => sum + floor[part] * (day1.bytes / 2 ** 30), 0);
    const share = (who: string, of = step): string => {
      const row = rows.find((r) => r.step === of && r.who === who);
      return row === undefined ? "" : figure(least / median(row.costs.map((c) => c.cpuSeconds)), 2);
    };
    console.log(`| ${step} | ${figure(least, 1)} s | ${share("holdfast")} | ${share("restic", step === "verify, every record" ? "verify, stored bytes" : step)} | ${share("zstd|age")} |`);
  }
  console.log("\nLedger, entries of about 250 bytes, each durable before it counts:");
  console.log((await measure(`${process.execPath} ${quoted(resolve(import.meta.dirname, "../tests/bench/ledger.ts"))} 3`)).stdout.trim());
  if (!withRestic) console.log("\nrestic was not found and could not be installed: its rows are missing.");
  if (!withAge) console.log("\nage or zstd was not found and could not be installed: their rows are missing.");
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ mib, rounds, change, ideal, rows }, null, 2));
} finally {
  if (options.keep) console.log(`Kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
