/**
 * Everything that can be done to a vault in which everything has happened, object by object. A fresh verifier that has the store, and the checkpoint an officer
 * kept, names each. Objects are sorted into rows by their names; an object that belongs to no row fails the test, so a new sort of object gets its row.
 */
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { repairVault } from "#app/vault/index.ts";
import { seededNumbers } from "#tests/support/vault-kit.ts";
import { cloneOf, freshlyChecked, wholeVault } from "./whole-vault.ts";
import type { Bucket, WholeVault } from "./whole-vault.ts";

interface Row {
  readonly name: string;
  readonly match: RegExp;
  /** Codes, one of which must name this very object when its bytes are wrong. Null: nobody needs these bytes; `why` says why. */
  readonly damaged: readonly string[] | null;
  /** Codes, one of which must be found when it is gone; "itself" if that finding names it. */
  readonly gone: readonly string[] | null;
  readonly why?: string;
}

/** What a verifier finds by the object's own name. */
const ROWS: readonly Row[] = [
  { name: "description", match: /^vault\.json$/, damaged: ["description.damaged"], gone: ["description.missing"] },
  { name: "wrapped key", match: /^keys\/[a-z0-9-]+(?:\.g\d+)?\.jwe$/, damaged: ["key.damaged"], gone: ["key.missing"] },
  { name: "recipients", match: /^recipients\/\d+\.json$/, damaged: ["recipients.damaged"], gone: ["recipients.missing"] },
  { name: "digests of wrapped keys", match: /^recipients\/keys-[0-9a-f]{64}$/, damaged: ["recipients.damaged"], gone: ["recipients.missing"] },
  { name: "pack", match: /^packs\/..\/[0-9a-f]{64}$/, damaged: ["pack.damaged"], gone: ["pack.missing"] },
  { name: "pack key", match: /^packs\/..\/[0-9a-f]{64}\.key$/, damaged: ["pack_key.damaged"], gone: ["pack_key.missing"] },
  { name: "index or pack list", match: /^tree\//, damaged: ["tree.damaged", "pack_list.damaged"], gone: ["tree.missing", "pack_list.missing"] },
  { name: "search part", match: /^search\/..\/[0-9a-f]{64}\.\d+\.[0-9a-f]{32}$/, damaged: ["search.damaged"], gone: ["search.missing"] },
  { name: "manifest", match: /^snapshots\//, damaged: ["manifest.damaged"], gone: ["snapshot.missing", "manifest.parent_missing"] },
  { name: "redaction", match: /^redactions\/\d+\.json$/, damaged: ["redaction.damaged"], gone: ["redaction.missing", "pack.missing"] },
  { name: "certificate of a redaction", match: /^redactions\/\d+\.certificate-\d+\.json$/, damaged: ["certificate.damaged"], gone: null, why: "it says that what a redaction promised was done, and can be issued anew" },
  { name: "prune", match: /^prunes\/\d+\.json$/, damaged: ["prune.damaged"], gone: ["prune.missing", "snapshot.missing", "manifest.parent_missing"] },
  { name: "list of a prune", match: /^prunes\/doomed-[0-9a-f]{64}$/, damaged: ["doomed.damaged"], gone: null, why: "names garbage; a prune that cannot read it removes nothing, and the next one makes another" },
  { name: "hold", match: /^holds\//, damaged: ["hold.damaged"], gone: null, why: "a hold that is taken away is told by the ledger's entry, which the command makes" },
  { name: "privacy request", match: /^requests\//, damaged: ["request.damaged"], gone: null, why: "a request that is taken away is told by the ledger's entry of its receipt, and the platform's database" },
  { name: "roster", match: /^access\/roster\/\d{10}\.json$/, damaged: ["roster.damaged"], gone: ["roster.missing"] },
  { name: "drill's record", match: /^drills\//, damaged: ["drill.damaged"], gone: ["drill.missing"] },
  { name: "restore", match: /^restores\//, damaged: ["restore.damaged"], gone: null, why: "a plan that is taken away is told by the ledger's entry with its digest, and cannot be carried out" },
  { name: "journal segment", match: /^journal\/\d{7}\/\d{10}$/, damaged: ["journal.damaged"], gone: ["journal.missing", "journal.rolled_back"] },
  { name: "package about a person", match: /^disclosures\//, damaged: null, gone: null, why: "sealed to the merchant until it is fetched, which tells; it can be made again, and it is removed by itself" },
  { name: "recovery program", match: /^recover\/1\.0\.0-[0-9a-f]{8}\//, damaged: ["recovery.damaged"], gone: ["recovery.missing"] },
  { name: "words beside it", match: /^recover\/README\.txt$/, damaged: null, gone: null, why: "tells a person where to look; the signed folder beside it has what runs" },
  { name: "cosigned checkpoint", match: /^ledger\/cosigned\//, damaged: null, gone: null, why: "the vault's part is held to the ledger, the witness's line by whoever knows the witness (tests/ledger); the witness has it too" },
  { name: "checkpoint", match: /^ledger\/checkpoints\/\d+$/, damaged: ["ledger.damaged", "ledger.bad_signature"], gone: ["ledger.damaged", "ledger.rolled_back"] },
  { name: "tile", match: /^ledger\/tile\//, damaged: ["ledger.damaged"], gone: ["ledger.damaged"] },
  { name: "staged entries", match: /^ledger\/staged\//, damaged: null, gone: null, why: "the ledger's scratch: what an append that died would be finished from" },
  { name: "parity of a hold", match: /^parity\/holds\//, damaged: ["parity.damaged"], gone: null, why: "holds had none at first, so one without is no damage; a repair can add it" },
  { name: "parity", match: /^parity\//, damaged: ["parity.damaged"], gone: ["parity.missing"] },
];
/** Some changes say little that others do not; they are tried in the slow tier. */
const SLOW = process.env["SLOW"] === "1";
const rowOf = (key: string): Row | undefined => ROWS.find((row) => row.match.test(key));

let world: WholeVault;
let other: WholeVault;
/** Objects nothing names any more: a prune's second phase takes them. Their damage is nobody's. */
let orphans: ReadonlySet<string>;
beforeAll(async () => {
  world = await wholeVault("world");
  other = await wholeVault("other");
  const checked = await freshlyChecked(world.store, world.kept);
  expect(checked.findings).toEqual([]);
  orphans = new Set(checked.report.orphans);
}, 60_000);

const keys = (): string[] => [...world.store.objects.keys()].filter((key) => !orphans.has(key));
/** Partial tiles that a later, larger one replaces are told or not, and need not be. */
const newestEntries = (): number => Math.max(...keys().flatMap((name) => Number(/^ledger\/tile\/entries\/000\.p\/(\d+)$/.exec(name)?.[1] ?? 0)));
const superseded = (key: string): boolean => /^ledger\/tile\/.*\.p\/\d+$/.test(key) && !key.endsWith(`.p/${newestEntries()}`);

async function expectNamed(tampered: Bucket, key: string, codes: readonly string[] | null, what: string, itself = true): Promise<void> {
  if (codes === null || superseded(key)) return;
  const { ok, findings } = await freshlyChecked(tampered, world.kept);
  const named = findings.some(({ code, object }) => codes.includes(code) && (!itself || object === key));
  if (ok || !named) unnamed.push({ what, key, findings: findings.map(({ code, object }) => `${code} ${object}`) });
}
/** All of them, so that one run says everything that is not named. */
const unnamed: { what: string; key: string; findings: string[] }[] = [];
afterEach(() => {
  expect(unnamed.splice(0)).toEqual([]);
});

function withBytes(key: string, bytes: Uint8Array | null): Bucket {
  const tampered = cloneOf(world.store);
  if (bytes === null) tampered.objects.delete(key);
  else tampered.objects.set(key, Uint8Array.from(bytes));
  return tampered;
}
const body = (key: string): Uint8Array => world.store.objects.get(key) as Uint8Array;

describe("every sort of object", () => {
  it("has a row, and every row an object", () => {
    const sorted = [...world.store.objects.keys()].map((key) => ({ key, row: rowOf(key)?.name ?? "none: write one" }));
    expect(sorted.filter(({ row }) => row.startsWith("none"))).toEqual([]);
    expect(new Set(sorted.map(({ row }) => row))).toEqual(new Set(ROWS.map(({ name }) => name)));
    for (const { damaged, gone, why } of ROWS) expect(damaged !== null && gone !== null ? true : (why ?? "").length > 20).toBe(true);
  });

  it("is named when a bit is flipped", async () => {
    const number = seededNumbers(3);
    for (const key of keys()) {
      for (const at of [...(SLOW ? [0, body(key).length - 1] : []), Math.floor(number() * body(key).length)]) await expectNamed(withBytes(key, body(key).map((byte, i) => (i === at ? byte ^ (1 << Math.floor(number() * 8)) : byte))), key, rowOf(key)?.damaged ?? null, `flip at ${at}`);
    }
  }, 300_000);

  it("is named when it is cut or extended", async () => {
    for (const key of keys()) {
      for (const [what, bytes] of [...(SLOW ? [["cut in half", body(key).subarray(0, body(key).length >> 1)], ["doubled", Buffer.concat([body(key), body(key)])]] as const : []), ["cut by one", body(key).subarray(0, -1)], ["emptied", body(key).subarray(0, 0)], ["extended", Buffer.concat([body(key), Buffer.of(0)])]] as const) await expectNamed(withBytes(key, bytes), key, rowOf(key)?.damaged ?? null, what);
    }
  }, 300_000);

  it("is missed when it is gone", async () => {
    for (const key of keys()) {
      const row = rowOf(key) as Row;
      // The newest entries are staged as well, so their tiles can be made again.
      if (row.name === "tile") continue;
      await expectNamed(withBytes(key, null), key, row.gone, "gone", row.name !== "manifest" && row.name !== "prune" && row.name !== "redaction" && !row.name.startsWith("drill") && !row.name.startsWith("digests") && !key.startsWith("ledger/"));
    }
  }, 300_000);

  it("is named when another of its sort, of this vault or another, lies in its place", async () => {
    for (const key of keys()) {
      const row = rowOf(key) as Row;
      // A neighbour's note in an older place says nothing new and takes nothing away: only what makes the ledger go back can show.
      const mine = keys().filter((name) => name !== key && rowOf(name) === row && !(row.name === "checkpoint" && Math.abs(Number(name.slice(-3)) - Number(key.slice(-3))) === 1)).slice(0, 2).map((name) => [name, body(name)] as const);
      const theirs = [...other.store.objects].filter(([name]) => rowOf(name) === row).slice(0, 2);
      for (const [name, bytes] of [...mine, ...theirs]) {
        if (Buffer.compare(bytes, body(key)) === 0) continue;
        if (row.name === "description") expect((await freshlyChecked(withBytes(key, bytes), world.kept)).ok).toBe(false);
        // A checkpoint says a size, not a place: out of place it shows as a ledger that goes back, at the one after it.
        else await expectNamed(withBytes(key, bytes), key, row.name === "checkpoint" ? ["ledger.damaged", "ledger.forked", "ledger.bad_signature"] : row.damaged, `replaced by ${name}`, row.name !== "checkpoint");
      }
    }
  }, 300_000);
});

describe("the ledger's tiles", () => {
  it("are missed when they are gone and nothing is staged to make them from", async () => {
    for (const key of keys().filter((name) => rowOf(name)?.name === "tile" && !superseded(name))) {
      const tampered = withBytes(key, null);
      for (const name of [...tampered.objects.keys()]) if (name.startsWith("ledger/staged/")) tampered.objects.delete(name);
      await expectNamed(tampered, key, ["ledger.damaged"], "gone");
    }
  });
});

describe("the vault as a whole", () => {
  it("rolled back to an older state is sound by itself, and found by the checkpoint that was kept", async () => {
    expect((await freshlyChecked(world.older.store, world.older.kept)).findings).toEqual([]);
    expect((await freshlyChecked(world.older.store, world.kept)).findings).toEqual([expect.objectContaining({ code: "ledger.rolled_back" })]);
  });

  it("without its newest snapshot is found by the ledger; without the ledger's newest entries too, by the checkpoint", async () => {
    const newest = keys().filter((key) => key.startsWith("snapshots/")).sort().pop() as string;
    const tampered = withBytes(newest, null);
    expect((await freshlyChecked(tampered, undefined)).findings).toContainEqual(expect.objectContaining({ code: "snapshot.missing" }));
    for (const key of [...tampered.objects.keys()]) if (key.startsWith("ledger/") && !world.older.store.objects.has(key)) tampered.objects.delete(key);
    expect((await freshlyChecked(tampered, world.kept)).findings).toContainEqual(expect.objectContaining({ code: "ledger.rolled_back" }));
  });

  it("forked, by somebody who has the host's keys and goes on from an older state, is found by the checkpoint", async () => {
    const fork = cloneOf(world.older.store);
    const { openVault } = await import("#app/vault/index.ts");
    const { ledgerOf } = await import("./whole-vault.ts");
    const { record, SCRATCH, seededRandom, snapshotOf } = await import("#tests/support/vault-kit.ts");
    const clock = { now: () => new Date(Date.parse("2026-03-06T09:00:00.000Z")) };
    const vault = await openVault({ store: fork, hostKeys: world.hostKeys, clock, random: seededRandom("fork"), scratchDirectory: SCRATCH });
    const { manifest } = await snapshotOf(vault, [record("customers", "id1", "synthetic, of the fork")]);
    const { snapshotEntry } = await import("#app/workflows/snapshot/enter-snapshots.ts");
    await ledgerOf(fork, world.hostKeys.vaultId, world.hostKeys, clock).append([snapshotEntry(manifest, "cli", clock), { actor: "cli", action: "vault.verified", subject: { vault: world.hostKeys.vaultId }, outcome: "done" }, { actor: "cli", action: "vault.verified", subject: { vault: world.hostKeys.vaultId }, outcome: "done" }]);
    const { findings } = await freshlyChecked(fork, world.kept);
    expect(findings.map(({ code }) => code)).toContain("ledger.forked");
    expect((await freshlyChecked(fork, undefined)).findings.filter(({ code }) => code.startsWith("ledger."))).toEqual([]);
  });

  it("of which single objects are older ones is found", async () => {
    for (const key of keys()) {
      const old = world.older.store.objects.get(key);
      if (old === undefined || Buffer.compare(old, body(key)) === 0) continue;
      await expectNamed(withBytes(key, old), key, rowOf(key)?.damaged ?? null, "older");
    }
    // Objects are written once: an older object under the same name would be another object under the same name.
    expect(keys().filter((key) => world.older.store.objects.has(key) && Buffer.compare(world.older.store.objects.get(key) as Uint8Array, body(key)) !== 0)).toEqual([]);
  });

  it("is mended by repair from a copy, whatever single object is damaged", async () => {
    for (const key of keys()) {
      // The next snapshot writes a recovery program anew; the ledger has a mending of its own.
      if (/^(?:ledger|recover)\//.test(key) || rowOf(key)?.damaged === null) continue;
      const tampered = withBytes(key, body(key).subarray(0, body(key).length >> 1));
      const { mended } = await repairVault({ store: tampered, from: world.store });
      if (mended.length !== 1 || Buffer.compare(tampered.objects.get(key) as Uint8Array, body(key)) !== 0) unnamed.push({ what: "not mended", key, findings: mended.map(({ object, by }) => `${object} ${by}`) });
    }
  }, 180_000);

  it("is left alone by repair when nothing is wrong: no pruned snapshot, no redacted pack comes back, even from a copy that has them", async () => {
    const store = cloneOf(world.store);
    expect(await repairVault({ store, from: world.older.store })).toMatchObject({ mended: [], unmended: [] });
    expect([...store.objects.keys()].sort()).toEqual([...world.store.objects.keys()].sort());
  });
});
