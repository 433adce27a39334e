/**
 * `restore`: puts a snapshot's records back into a living shop, in two steps. The first writes a plan to a file (ids, names of fields, reasons; no values) and changes
 * nothing. The second carries out exactly that plan; started again after a crash it goes on from its log in the vault.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { ChangesOf, FamilyChange, RestoreTarget, ReviseResult } from "#app/sources/port.ts";
import { readRecipientFile } from "#app/keys/index.ts";
import { contentKeys, type Recipient, type RestoreKeeper, type SnapshotReader } from "#app/vault/index.ts";
import { restorable } from "#app/workflows/drill/restorable.ts";
import { knownIds, VaultRestoreLog } from "#app/workflows/restore/apply-log.ts";
import { ReportWriter } from "#app/workflows/restore/apply-report.ts";
import { verified } from "#app/workflows/restore/apply-verify.ts";
import { missingRights, NeededRights } from "#app/workflows/restore/rights.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { openerFrom, openToWrite, type IdentityOptions } from "../open-vault.ts";
import { openTarget } from "../open-target.ts";
import { withScratch } from "../scratch.ts";
import { exportFile, writeExport } from "./restore-export.ts";

export interface RestoreOptions extends IdentityOptions {
  readonly to?: string;
  readonly record?: readonly string[];
  readonly plan?: string;
  readonly apply?: string;
  readonly recipient?: string;
  readonly identity?: string;
}

const Family = z.object({ kind: z.string(), id: z.string(), action: z.enum(["create", "update"]), changes: z.array(z.object({ kind: z.string(), id: z.string(), fields: z.array(z.string()) })), losses: z.array(z.object({ kind: z.string(), field: z.string(), reason: z.string() })) });
const RecipientShape = z.object({ keyId: z.string(), jwk: z.object({ kty: z.string(), crv: z.string().optional(), x: z.string().optional(), y: z.string().optional(), n: z.string().optional(), e: z.string().optional() }) });
const Plan = z.object({ format: z.literal(1), planId: z.string(), vault: z.string(), vaultId: z.string(), snapshotId: z.string(), /** When the snapshot was committed: what every kind goes back to. */ at: z.string(), to: z.string(), recipient: RecipientShape.optional(), families: z.array(Family), /** What writing takes, as the platform spells it. */ rights: z.array(z.string()).default([]), digest: z.string() });
type Plan = z.infer<typeof Plan>;

const AT_ONCE = 100;

export async function restore(cli: Cli, address: string | undefined, snapshot: string | undefined, { identity, to, record, plan, apply, recipient, ...rest }: RestoreOptions): Promise<CommandResult> {
  if (identity === undefined) throw new CliError("cli.usage", "a restore opens the snapshot: give --identity");
  const keys = { ...rest, identity };
  if (apply !== undefined) return carryOut(cli, parse(await readFile(apply, "utf8")), keys);
  if (address === undefined || snapshot === undefined || to === undefined || plan === undefined) throw new CliError("cli.usage", "a plan needs a vault, a snapshot, --to and --plan; to carry one out, give --apply");
  if ((exportFile(to) !== null) !== (recipient !== undefined)) throw new CliError("cli.usage", "an export is for somebody: give --to export:FILE together with --recipient");
  const o = { address, snapshot, to, record: record ?? [] };
  const { plan: made, missing } = await (recipient === undefined ? planned(cli, o, keys) : plannedExport(cli, { ...o, recipient: await readRecipientFile(recipient) }, keys));
  await writeFile(plan, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  const create = made.families.filter(({ action }) => action === "create").length;
  return { json: { planId: made.planId, digest: made.digest, at: made.at, create, update: made.families.length - create, plan, rights: made.rights, missing }, text: `${recipient === undefined ? `${count(create)} to create, ${count(made.families.length - create)} to change` : `${count(create)} to export`}, every kind as it was at ${made.at}, when the snapshot was taken. The plan is in ${plan}; nothing was changed. ${missing.length > 0 ? `The shop has yet to grant ${missing.join(", ")}. ` : ""}To carry it out: restore --apply ${plan}` };
}

async function planned(cli: Cli, o: { address: string; snapshot: string; to: string; record: readonly string[] }, keys: IdentityOptions): Promise<{ readonly plan: Plan; readonly missing: readonly string[] }> {
  return withSides(cli, o, keys, async ({ reader, target, ids, manifest, at, vaultId }) => {
    const roots = await chosenRoots(reader, o.record);
    const families: Plan["families"] = [];
    const needed = new NeededRights(target);
    for await (const change of sides(cli, reader, target, ids, roots)) {
      const { action, changes, losses } = needed.target.assess(change, { extras: "keep", ids });
      if (action !== "create" && action !== "update") continue;
      families.push({ kind: change.kind, id: change.id, action, changes: changes.map((one) => ({ ...one, fields: [...one.fields] })), losses: losses.map((one) => ({ ...one })) });
      cli.progress(`planning · ${plural(families.length, "record")} to put back`);
    }
    const plan = { format: 1 as const, planId: randomUUID(), vault: o.address, vaultId, snapshotId: manifest, at, to: o.to, families, rights: [...needed.all] };
    return { plan: { ...plan, digest: digestOf(plan) }, missing: await missingRights(target, plan.rights, cli.signal) };
  });
}

/** No shop is asked: each chosen root goes with all that belongs to it. */
async function plannedExport(cli: Cli, o: { address: string; snapshot: string; to: string; record: readonly string[]; recipient: Recipient }, keys: IdentityOptions): Promise<{ readonly plan: Plan; readonly missing: readonly string[] }> {
  return withSnapshot(cli, o, keys, async ({ reader, manifest, at, vaultId }) => {
    const families = (await chosenRoots(reader, o.record)).map(({ kind, id }) => ({ kind, id, action: "create" as const, changes: [], losses: [] }));
    const plan = { format: 1 as const, planId: randomUUID(), vault: o.address, vaultId, snapshotId: manifest, at, to: o.to, recipient: RecipientShape.parse(o.recipient), families, rights: [] };
    return { plan: { ...plan, digest: digestOf(plan) }, missing: [] };
  });
}

async function carryOutExport(cli: Cli, plan: Plan, keys: IdentityOptions): Promise<CommandResult> {
  const file = exportFile(plan.to);
  const { recipient } = plan;
  if (file === null || recipient === undefined) throw new CliError("cli.usage", "this file is no plan of an export");
  return withSnapshot(cli, { address: plan.vault, snapshot: plan.snapshotId }, keys, async ({ reader, vaultId }) => {
    if (vaultId !== plan.vaultId) throw new CliError("cli.usage", "the plan is of another vault");
    const { records, parts } = await writeExport(cli, { file, recipient: recipient as Recipient, roots: plan.families, reader, vaultId, planId: plan.planId });
    return { json: { planId: plan.planId, code: "restore.done", exported: plan.families.length, records, parts, recipient: recipient.keyId, file }, text: `${count(plan.families.length)} exported with all that belongs to them (${plural(records, "record")}) to ${file}. Only the private half of ${recipient.keyId} opens it.` };
  });
}

async function chosenRoots(reader: SnapshotReader, chosen: readonly string[]): Promise<readonly { readonly kind: string; readonly id: string }[]> {
  const roots: { kind: string; id: string }[] = [];
  if (chosen.length > 0) for (const id of chosen) for (const { kind } of (await reader.tree(id)).slice(0, 1)) roots.push({ kind, id });
  else for await (const batch of reader.records()) for (const { kind, id, parentId } of batch) if (parentId === null) roots.push({ kind, id });
  return roots;
}

async function carryOut(cli: Cli, plan: Plan, keys: IdentityOptions): Promise<CommandResult> {
  if (exportFile(plan.to) !== null) return carryOutExport(cli, plan, keys);
  return withSides(cli, { address: plan.vault, snapshot: plan.snapshotId, to: plan.to }, keys, async ({ reader, target, ids, keeper, vaultId }) => {
    if (vaultId !== plan.vaultId) throw new CliError("cli.usage", "the plan is of another vault");
    const missing = await missingRights(target, plan.rights, cli.signal);
    if (missing.length > 0) throw new CliError("cli.rights_missing", `${target.description.name} has not granted ${missing.join(", ")}, which this plan takes, so nothing was written`);
    const changes: ChangesOf = (kinds) => sides(cli, reader, target, ids, plan.families.filter(({ kind }) => kinds.has(kind)));
    const results = new Map<string, ReviseResult>();
    const log = await VaultRestoreLog.open(keeper, plan.planId, target.description.name);
    const startedAt = cli.clock.now().toISOString();
    const outcome = await target.revise(changes, {
      signal: cli.signal,
      extras: "keep",
      log,
      ids,
      ifChanged: () => "skip",
      onResult: (result) => {
        results.set(result.id, result);
        cli.progress(`restoring · ${count(results.size)} of ${count(plan.families.length)} records`);
      },
    });
    const report = await ReportWriter.open(keeper, plan.planId);
    const kinds = new Set(plan.families.map(({ kind }) => kind));
    const after = { known: new Map([...ids.known, ...outcome.ids]), same: ids.same };
    for await (const line of verified(changes, { target, extras: "keep", ids: after, results, kinds, signal: cli.signal, paused: () => Promise.resolve(), onRecords: () => undefined })) await report.add(line);
    const { counts } = report;
    const code = counts.differing > 0 ? "restore.differs" : counts.refused + counts.restoredWithLosses > 0 ? "restore.done_with_losses" : "restore.done";
    const name = await report.finish({ planDigest: plan.digest, target: target.description.name, startedAt, finishedAt: cli.clock.now().toISOString(), code, costPoints: outcome.costPoints });
    return {
      json: { planId: plan.planId, code, ...counts, created: outcome.ids.size, costPoints: outcome.costPoints, report: `restores/${plan.planId}/${name}` },
      text: `${count(counts.restored)} restored exactly, ${count(counts.restoredWithLosses)} with losses that the platform names, ${count(counts.refused)} refused, ${count(counts.skipped)} skipped, ${count(counts.differing)} not what they were to be.`,
      finding: counts.differing > 0,
    };
  });
}

interface Opened {
  readonly reader: SnapshotReader;
  readonly keeper: RestoreKeeper;
  readonly manifest: string;
  readonly at: string;
  readonly source: string;
  readonly vaultId: string;
}

interface Sides extends Opened {
  readonly target: RestoreTarget;
  readonly ids: { readonly known: ReadonlyMap<string, string>; readonly same: boolean };
}

async function withSides<T>(cli: Cli, o: { address: string; snapshot: string; to: string }, keys: IdentityOptions, work: (sides: Sides) => Promise<T>): Promise<T> {
  return withSnapshot(cli, o, keys, async (opened) => {
    const target = await openTarget(cli, o.to);
    const { name } = target.description;
    return work({ ...opened, target, ids: { known: await knownIds(opened.keeper, name), same: opened.source === name } });
  });
}

async function withSnapshot<T>(cli: Cli, o: { address: string; snapshot: string }, keys: IdentityOptions, work: (opened: Opened) => Promise<T>): Promise<T> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { store, vault, hostKeys } = await openToWrite(cli, o.address, scratchDirectory);
    const opener = await openerFrom(cli, keys);
    if (opener === null) throw new CliError("cli.usage", "a restore opens the snapshot: give --identity");
    const manifest = await vault.resolve(o.snapshot);
    const reader = restorable(vault.read(manifest, contentKeys(store, opener)), await vault.tombstones());
    const keeper: RestoreKeeper = { store, description: vault.description, indexKey: vault.indexKey, signingKey: hostKeys.signingKey, random: cli.random };
    return work({ reader, keeper, manifest: manifest.snapshotId, at: manifest.takenAt, source: manifest.source.name, vaultId: vault.description.vaultId });
  });
}

/** Each family as it was and as the target has it. */
async function* sides(cli: Cli, reader: SnapshotReader, target: RestoreTarget, ids: Sides["ids"], roots: readonly { readonly kind: string; readonly id: string }[]): AsyncGenerator<FamilyChange> {
  for (let at = 0; at < roots.length; at += AT_ONCE) {
    cli.signal.throwIfAborted();
    const part = roots.slice(at, at + AT_ONCE);
    const idNow = (id: string): string | undefined => ids.known.get(id) ?? (ids.same ? id : undefined);
    const wanted = part.flatMap(({ kind, id }) => (idNow(id) === undefined ? [] : [{ kind, id: idNow(id)! }]));
    const now = new Map<string, FamilyChange["now"]>();
    for await (const { id, records } of target.read(wanted, cli.signal)) now.set(id, records);
    for (const { kind, id } of part) {
      const then = await reader.tree(id);
      if (then.length > 0) yield { kind, id, then, now: now.get(idNow(id) ?? "") ?? null };
    }
  }
}

function digestOf(plan: Omit<Plan, "digest">): string {
  return createHash("sha256").update(JSON.stringify([plan.planId, plan.vault, plan.vaultId, plan.snapshotId, plan.at, plan.to, plan.recipient ?? null, plan.families, ...(plan.rights.length > 0 ? [plan.rights] : [])])).digest("hex");
}

function parse(text: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const parsed = Plan.safeParse(json);
  if (!parsed.success) throw new CliError("cli.usage", "this file is no plan of a restore");
  if (digestOf(parsed.data) !== parsed.data.digest) throw new CliError("cli.usage", "the plan was changed after it was made");
  return parsed.data;
}
