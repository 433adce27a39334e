/**
 * kill -9 at random moments of a real command on a real folder: snapshot, rotation, redaction, prune, repair. What lies there afterwards is whole: every snapshot
 * that is listed opens to its last record, verify finds nothing, the ledger holds, and the same command run again succeeds. Fourteen kills, 500 in the slow tier
 * (HOLDFAST_KILLS and HOLDFAST_KILL_SEED to choose).
 */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { openLedger, originOf } from "#app/ledger/index.ts";
import { openerFor, readIdentityFile } from "#app/keys/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import { contentKeys, openVaultWithIdentity, type KeyOpener } from "#app/vault/index.ts";
import { checkVault } from "#app/workflows/verify/check-vault.ts";
import { seededRandom, writeExportFile } from "#tests/bench/export-file.ts";

const HOLDFAST = resolve(import.meta.dirname, "../../bin/holdfast");
const KILLS = Number(process.env["HOLDFAST_KILLS"] ?? (process.env["SLOW"] === "1" ? 500 : 14));
const SEED = Number(process.env["HOLDFAST_KILL_SEED"] ?? 2026);
const BYTES = 1 << 20;

describe("a command killed at a random moment", { timeout: 7_200_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kill-"));
  const vault = join(folder, "vault");
  const url = `file://${vault}`;
  const identity = join(folder, "keys/identity.jwk");
  const env = { ...process.env, HOLDFAST_HOME: join(folder, "home"), NODE_COMPILE_CACHE: join(folder, "compiled") };
  const days = [0, 1, 2].map((n) => join(folder, `day${String(n)}.jsonl`));
  const store = new FilesystemStore(vault);
  const random = seededRandom(SEED);
  const erased = new Set<string>();
  let opener: KeyOpener;
  let second = { keyId: "", file: "", member: false };
  let day = 0;

  const run = (args: readonly string[]): Record<string, unknown> => {
    const done = spawnSync(HOLDFAST, [...args, "--json"], { env, encoding: "utf8" });
    assert.equal(done.status, 0, `${args.join(" ")}: ${done.stderr}${done.stdout}`);
    return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  };

  /** What is done in a round, by what it is called. Each may be asked for a second time. */
  const work: Readonly<Record<string, () => string[]>> = {
    snapshot: () => ["snapshot", url, "--source", `jsonl:${days[(day = (day + 1) % days.length)] as string}`],
    rotate: () => ["keys", "rotate", url, "--identity", identity, ...(second.member ? ["--remove", second.keyId] : ["--add", second.file])],
    redact: () => {
      const ids = readFileSync(days[day] as string, "utf8").split("\n").flatMap((line) => /^\{"id":"(gid:\/\/shopify\/Customer\/\d+)"/.exec(line)?.[1] ?? []).filter((id) => !erased.has(id));
      const id = ids[Math.floor(random() * ids.length)] as string;
      erased.add(id);
      return ["redact", url, id, "--identity", identity, "--reason", "case 17"];
    },
    prune: () => ["prune", url, "--keep", "last=3", "--grace", "0"],
    repair: () => ["vault", "repair", url, "--add-parity"],
  };
  /** Snapshots most often: they do most. */
  const rounds = ["snapshot", "rotate", "snapshot", "redact", "snapshot", "prune", "repair"];
  const lasted: Record<string, number> = {};

  before(async () => {
    mkdirSync(vault);
    await writeExportFile({ path: days[0] as string, bytes: BYTES, seed: 7 });
    await writeExportFile({ path: days[1] as string, bytes: BYTES, seed: 7, changeFraction: 0.3 });
    await writeExportFile({ path: days[2] as string, bytes: BYTES, seed: 8 });
    run(["keys", "new", "--out", join(folder, "keys")]);
    run(["keys", "new", "--out", join(folder, "officer")]);
    second = { ...second, file: join(folder, "officer/recipient.jwk"), keyId: (await readIdentityFile(join(folder, "officer/identity.jwk"))).keyId };
    opener = openerFor(await readIdentityFile(identity));
    run(["vault", "create", url, "--parity", "--recipient", join(folder, "keys/recipient.jwk")]);
    run(["snapshot", url, "--source", `jsonl:${days[0] as string}`]);
    // How long each lasts undisturbed here, so that the moments fall inside of it.
    for (const name of Object.keys(work)) {
      const args = work[name]?.() as string[];
      const began = performance.now();
      run(args);
      lasted[name] = performance.now() - began;
      if (name === "rotate") second.member = !second.member;
    }
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything the store holds, without the command. */
  const check = async (what: string): Promise<string[]> => {
    const { findings, report } = await checkVault({
      store, readData: true, opener, hostKeys: null, scratchDirectory: folder, keptCheckpoint: undefined,
      ledger: (vaultId) => openLedger({ store, origin: originOf(vaultId), clock: { now: () => new Date(0) } }), onProgress: () => undefined,
    });
    assert.deepEqual(findings, [], what);
    assert.ok(report.recordsChecked > 0);
    const opened = await openVaultWithIdentity({ store, opener });
    const snapshots = await opened.snapshots();
    assert.ok(snapshots.every(({ complete }) => complete), what);
    return snapshots.map(({ snapshotId }) => snapshotId);
  };

  it(`${String(KILLS)} times leaves nothing half done that shows, and the same command succeeds when run again`, async (t) => {
    let killed = 0;
    const byName: Record<string, number> = {};
    for (let round = 0; round < KILLS; round += 1) {
      const name = rounds[round % rounds.length] as string;
      const before = await check(`round ${String(round)}, before`);
      const args = (work[name] as () => string[])();
      const what = `round ${String(round)}, ${name}, seed ${String(SEED)}`;
      const child = spawn(HOLDFAST, [...args, "--json"], { env, stdio: "ignore" });
      const over = once(child, "exit") as Promise<[number | null, string | null]>;
      const timer = setTimeout(() => child.kill("SIGKILL"), (lasted[name] as number) * (0.2 + 0.8 * random()));
      const [, signal] = await over;
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        killed += 1;
        byName[name] = (byName[name] ?? 0) + 1;
      }

      const now = await check(what);
      if (name === "snapshot") assert.ok(now.length === before.length || now.length === before.length + 1, what);
      else if (name === "prune") assert.ok(now.every((id) => before.includes(id)) && now.length >= Math.min(3, before.length), what);
      else assert.deepEqual(now, before, what);

      run(args);
      if (name === "rotate") second.member = !second.member;
      await check(`${what}, run again`);
      if (name === "snapshot") await expectLatest(days[day] as string, what);
    }
    t.diagnostic(`${String(killed)} of ${String(KILLS)} killed before they had ended: ${JSON.stringify(byName)}`);
    assert.ok(killed >= KILLS / 2, `only ${String(killed)} of ${String(KILLS)} were killed before they had ended`);
  });

  /** The latest snapshot is the day's file, line by line. */
  async function expectLatest(path: string, what: string): Promise<void> {
    const opened = await openVaultWithIdentity({ store, opener });
    const lines: string[] = [];
    for await (const batch of opened.read(await opened.resolve("latest"), contentKeys(store, opener)).records()) for (const { bytes } of batch) lines.push(Buffer.from(bytes).toString("utf8"));
    const wanted = readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
    assert.deepEqual(lines.sort(), wanted.sort(), what);
  }
});
