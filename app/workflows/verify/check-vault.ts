/**
 * Is the vault what it says it is? Checks its objects and signatures, checks the ledger, and lays the two side by side: what was entered is there
 * and is what was entered, and every head of the ledger that a snapshot was signed over is still part of the ledger. Only reads; needs no vault
 * that opens. The one check behind the command, the application and repair.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Ledger, LedgerReport, VerifyLedger } from "#app/ledger/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import { checkRecoveryKit, readPrunes, recoveryKits, verifyVault, VaultError } from "#app/vault/index.ts";
import type { HostKeys, KeyOpener, ObjectStore, VaultDescription, VerifyProgress, VerifyReport } from "#app/vault/index.ts";
import { checkRotations } from "../keys/entered-rotations.ts";
import { readableDescription } from "../shared/readable-description.ts";
import { enteredSnapshots } from "../snapshot/enter-snapshots.ts";
import { checkEnteredDrills } from "./check-drills.ts";
import { checkEnteredJournal } from "./check-journal.ts";
import { checkEnteredRosters, type CheckedRosters } from "./check-rosters.ts";

export interface CheckedFinding {
  /** Codes of the vault's verifier, of the ledger, and: snapshot.missing, snapshot.replaced, snapshot.not_entered, recipients.missing, recipients.replaced, roster.replaced, recovery.missing, recovery.damaged. */
  readonly code: string;
  /** A stored object's name. */
  readonly object: string;
  readonly detail?: string;
}

export interface CheckVault {
  readonly store: ObjectStore;
  readonly readData: boolean;
  readonly opener: KeyOpener | null;
  /** Also say whose vault this is when its description does not. */
  readonly hostKeys: HostKeys | null;
  readonly scratchDirectory: string;
  /** A signed checkpoint that was kept elsewhere. */
  readonly keptCheckpoint: string | undefined;
  readonly witnesses?: VerifyLedger["witnesses"];
  readonly ledger: (vaultId: string) => Ledger | Promise<Ledger>;
  readonly onProgress: (progress: VerifyProgress) => void;
}

export interface CheckedVault {
  readonly ok: boolean;
  readonly findings: readonly CheckedFinding[];
  readonly report: VerifyReport;
  /** Null when nothing says whose signature to expect. */
  readonly ledger: LedgerReport | null;
  readonly vaultId: string | null;
  /** The newest snapshot, when nothing at all was found. */
  readonly soundSnapshot: string | null;
  /** Deeds of which the vault has proof and the ledger no word: their writer died in between. */
  readonly unentered: CheckedRosters["unentered"];
}

/** Faults are findings. Throws StoreError when the store cannot be read, vault.not_found when nothing of a vault is there. */
export async function checkVault(o: CheckVault): Promise<CheckedVault> {
  const report = await verifyVault({
    store: o.store,
    readData: o.readData,
    scratchDirectory: o.scratchDirectory,
    onProgress: o.onProgress,
    ...(o.hostKeys === null ? {} : { hostKeys: o.hostKeys }),
    ...(o.opener === null ? {} : { opener: o.opener, terms: recordTerms }),
  });
  const findings: CheckedFinding[] = [...report.findings];
  const description = await readableDescription(o.store);
  const whose = description ?? (o.hostKeys === null ? null : { vaultId: o.hostKeys.vaultId, signingPublicKey: o.hostKeys.signingKey });
  if (whose === null) return { ok: false, findings, report, ledger: null, vaultId: null, soundSnapshot: null, unentered: [] };
  const damaged = new Set(report.findings.filter(({ code }) => code === "manifest.damaged").map(({ object }) => object));
  const there = await readThere(o.store, damaged);
  const ledger = await o.ledger(whose.vaultId);
  const { kty, crv, x } = whose.signingPublicKey;
  const ledgerReport = await ledger.verify({
    publicKey: { kty, crv, x },
    checkpoint: o.keptCheckpoint,
    witnesses: o.witnesses,
    heads: there.flatMap(({ object, checkpoint }) => (checkpoint === null ? [] : [{ object, ...checkpoint }])),
  });
  findings.push(...ledgerReport.findings);
  // Damage to the ledger is named by its own check; what can be read of it proves nothing then.
  if (ledgerReport.ok) findings.push(...(await compare(o.store, there, damaged, await enteredSnapshots(ledger), description)));
  if (ledgerReport.ok) findings.push(...(await checkRotations(o.store, ledger, new Set(findings.map(({ object }) => object)))));
  if (ledgerReport.ok && description !== null) findings.push(...(await checkEnteredJournal(o.store, description, ledger, new Set(findings.map(({ object }) => object)))));
  if (ledgerReport.ok && description !== null) findings.push(...(await checkEnteredDrills(o.store, description, ledger, new Set(findings.map(({ object }) => object)))));
  const rosters = ledgerReport.ok && description !== null ? await checkEnteredRosters(o.store, description, ledger, new Set(findings.map(({ object }) => object))) : null;
  findings.push(...(rosters?.findings ?? []));
  if (description !== null) findings.push(...(await checkKits(o.store, description)));
  const newest = there.at(-1)?.snapshotId ?? null;
  return { ok: findings.length === 0, findings, report, ledger: ledgerReport, vaultId: whose.vaultId, soundSnapshot: findings.length === 0 ? newest : null, unentered: rosters?.unentered ?? [] };
}

/** The recovery programs kept in the vault: whoever needs one has nothing else to fall back on. */
async function checkKits(store: ObjectStore, description: VaultDescription): Promise<CheckedFinding[]> {
  const findings: CheckedFinding[] = [];
  for (const folder of await recoveryKits(store)) {
    try {
      await checkRecoveryKit(store, description, folder);
    } catch (error) {
      if (!(error instanceof VaultError) || (error.code !== "vault.missing_object" && error.code !== "vault.damaged_object")) throw error;
      findings.push({ code: error.code === "vault.missing_object" ? "recovery.missing" : "recovery.damaged", object: error.object ?? folder });
    }
  }
  return findings;
}

interface There {
  readonly object: string;
  readonly snapshotId: string;
  readonly sequence: number;
  /** SHA-256 of the stored bytes, hex. */
  readonly digest: string;
  /** The ledger's head when the snapshot was taken. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
}

/** What is read of a manifest here. Its signature was checked by the vault's verifier. */
const Payload = z.object({
  snapshotId: z.string(),
  sequence: z.number(),
  checkpoint: z.object({ size: z.number().int().nonnegative(), root: z.string() }).nullable(),
});

/** The manifests that are sound, oldest first. */
async function readThere(store: ObjectStore, damaged: ReadonlySet<string>): Promise<There[]> {
  const there: There[] = [];
  for await (const { key } of store.list("snapshots/")) {
    const bytes = damaged.has(key) ? null : await store.get(key);
    const payload = bytes === null ? null : payloadOf(bytes);
    if (bytes === null || payload === null) continue;
    there.push({ object: key, digest: createHash("sha256").update(bytes).digest("hex"), ...payload });
  }
  return there.sort((a, b) => a.sequence - b.sequence);
}

function payloadOf(bytes: Uint8Array): z.infer<typeof Payload> | null {
  try {
    const { payload } = z.object({ payload: z.string() }).parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return Payload.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
  } catch {
    // Not a manifest: the vault's verifier names it.
    return null;
  }
}

/** Digests of the manifests that a signed prune took away, by snapshot id. */
async function excused(store: ObjectStore, description: VaultDescription | null): Promise<ReadonlyMap<string, string>> {
  return description === null ? new Map() : (await readPrunes(store, description)).expired;
}

/** A snapshot committed or pruned while this reads is no finding: what seems missing is looked for again, after the ledger was read. */
async function compare(store: ObjectStore, there: readonly There[], damaged: ReadonlySet<string>, entered: ReadonlyMap<string, string>, description: VaultDescription | null): Promise<CheckedFinding[]> {
  const findings = crossCheck(there, damaged, entered, await excused(store, description));
  if (findings.every(({ code }) => code !== "snapshot.missing")) return findings;
  return crossCheck(await readThere(store, damaged), damaged, entered, await excused(store, description));
}

function crossCheck(there: readonly There[], damaged: ReadonlySet<string>, entered: ReadonlyMap<string, string>, expired: ReadonlyMap<string, string>): CheckedFinding[] {
  const findings: CheckedFinding[] = [];
  const byId = new Map(there.map((one) => [one.snapshotId, one]));
  for (const [snapshotId, digest] of entered) {
    const found = byId.get(snapshotId);
    if (found !== undefined) {
      if (found.digest !== digest) findings.push({ code: "snapshot.replaced", object: found.object, detail: "not the manifest that was entered into the ledger" });
    } else if (expired.get(snapshotId) !== digest && ![...damaged].some((object) => object.endsWith(`-${snapshotId}`))) {
      findings.push({ code: "snapshot.missing", object: `snapshots/*-${snapshotId}`, detail: "in the ledger, not in the storage" });
    }
  }
  // The newest may be without an entry: its writer died right after the commit, and the next one enters it.
  for (const { snapshotId, object } of there.slice(0, -1)) {
    if (!entered.has(snapshotId)) findings.push({ code: "snapshot.not_entered", object, detail: "the ledger has no entry for it" });
  }
  return findings;
}
