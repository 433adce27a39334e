/**
 * `restore`: puts records back into a living shop as they were at a snapshot or at any second between two, in two steps. The first writes a plan to a file (ids, names of
 * fields, reasons; no values) and changes nothing. The second carries out exactly that plan; started again after a crash it goes on from its log in the vault.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { ChangesOf, ReviseResult } from "#app/sources/port.ts";
import { readRecipientFile } from "#app/keys/index.ts";
import type { Recipient } from "#app/vault/index.ts";
import { VaultRestoreLog } from "#app/workflows/restore/apply-log.ts";
import { ReportWriter } from "#app/workflows/restore/apply-report.ts";
import { verified } from "#app/workflows/restore/apply-verify.ts";
import { missingRights, NeededRights } from "#app/workflows/restore/rights.ts";
import type { RestoreSelection } from "#app/workflows/ports.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { IdentityOptions } from "../open-vault.ts";
import { exportFile, writeExport } from "./restore-export.ts";
import { keepWhatWasThere, RestoreRecord, statedReason, type Counts } from "./restore-record.ts";
import { chosenRoots, sides, treeOf, withMoment, withSides, type Moment, type Sides } from "./restore-sides.ts";

export interface RestoreOptions extends IdentityOptions {
  readonly to?: string;
  readonly at?: string;
  readonly record?: readonly string[];
  readonly person?: readonly string[];
  readonly plan?: string;
  readonly apply?: string;
  readonly recipient?: string;
  readonly identity?: string;
  readonly reason?: string;
}

const Family = z.object({ kind: z.string(), id: z.string(), action: z.enum(["create", "update"]), changes: z.array(z.object({ kind: z.string(), id: z.string(), fields: z.array(z.string()) })), losses: z.array(z.object({ kind: z.string(), field: z.string(), reason: z.string() })) });
const RecipientShape = z.object({ keyId: z.string(), jwk: z.object({ kty: z.string(), crv: z.string().optional(), x: z.string().optional(), y: z.string().optional(), n: z.string().optional(), e: z.string().optional() }) });
const Plan = z.object({
  format: z.literal(1), planId: z.string(), vault: z.string(), vaultId: z.string(),
  /** The snapshot, or the one beneath the moment. */
  snapshotId: z.string(),
  /** What the records go back to. */
  at: z.string(),
  /** `at` is a second that the journal knows, and not the snapshot's own. */
  between: z.literal(true).optional(),
  to: z.string(),
  /** Another shop than the one that the records are of: they are disclosed to it. */
  disclosedTo: z.string().optional(),
  recipient: RecipientShape.optional(), families: z.array(Family),
  /** What writing takes, as the platform spells it. */
  rights: z.array(z.string()).default([]),
  digest: z.string(),
});
type Plan = z.infer<typeof Plan>;
interface Made {
  readonly plan: Plan;
  readonly missing: readonly string[];
  /** When the snapshot beneath was committed. */
  readonly base: string;
}

type Asked = Moment & { readonly to: string; readonly selection: RestoreSelection };

export async function restore(cli: Cli, address: string | undefined, snapshot: string | undefined, { identity, to, at, record, person, plan, apply, recipient, reason, ...rest }: RestoreOptions): Promise<CommandResult> {
  if (identity === undefined) throw new CliError("cli.usage", "a restore opens the snapshot: give --identity");
  const keys = { ...rest, identity };
  if (apply !== undefined) return carryOut(cli, parse(await readFile(apply, "utf8")), keys, statedReason(reason));
  if (address === undefined || to === undefined || plan === undefined || (snapshot === undefined) === (at === undefined)) throw new CliError("cli.usage", "a plan needs a vault, a snapshot or --at, --to and --plan; to carry one out, give --apply");
  if (at !== undefined && !z.iso.datetime({ offset: true }).safeParse(at).success) throw new CliError("cli.usage", "--at takes a moment such as 2026-11-22T13:59:59Z");
  if (record !== undefined && person !== undefined) throw new CliError("cli.usage", "give --record or --person, not both");
  if ((exportFile(to) !== null) !== (recipient !== undefined)) throw new CliError("cli.usage", "an export is for somebody: give --to export:FILE together with --recipient");
  const selection: RestoreSelection = person !== undefined ? { scope: "person", ids: person } : record !== undefined ? { scope: "records", ids: record } : { scope: "everything" };
  const o: Asked = { address, snapshot: snapshot ?? null, at: at === undefined ? null : new Date(at).toISOString(), to, selection };
  const made = await (recipient === undefined ? planned(cli, o, keys) : plannedExport(cli, { ...o, recipient: await readRecipientFile(recipient) }, keys));
  await writeFile(plan, `${JSON.stringify(made.plan, null, 2)}\n`, { mode: 0o600 });
  return toldPlan(made, plan);
}

function toldPlan({ plan, missing, base }: Made, file: string): CommandResult {
  const create = plan.families.filter(({ action }) => action === "create").length;
  const update = plan.families.length - create;
  const what = plan.recipient === undefined ? `${count(create)} to create, ${count(update)} to change` : `${count(create)} to export`;
  const when = plan.between === undefined ? `every kind as it was at ${plan.at}, when the snapshot was taken` : `as it was at ${plan.at}; kinds of which nobody tells when they change, as of the snapshot of ${base}`;
  const disclosed = plan.disclosedTo === undefined ? "" : `The records are of another shop: carrying this out discloses them to ${plan.disclosedTo}. `;
  return {
    json: { planId: plan.planId, digest: plan.digest, at: plan.at, base, create, update, plan: file, rights: plan.rights, missing, ...(plan.disclosedTo === undefined ? {} : { disclosedTo: plan.disclosedTo }) },
    text: `${what}, ${when}. The plan is in ${file}; nothing was changed. ${disclosed}${missing.length > 0 ? `The shop has yet to grant ${missing.join(", ")}. ` : ""}To carry it out, which nobody else is asked about here: restore --apply ${file} --reason "why"`,
  };
}

async function planned(cli: Cli, o: Asked, keys: IdentityOptions): Promise<Made> {
  return withSides(cli, o, keys, async (opened) => {
    const { target, ids } = opened;
    const families: Plan["families"] = [];
    const needed = new NeededRights(target);
    for await (const change of sides(cli, opened, chosenRoots(cli, opened, o.selection))) {
      const { action, changes, losses } = needed.target.assess(change, { extras: "keep", ids });
      if (action !== "create" && action !== "update") continue;
      families.push({ kind: change.kind, id: change.id, action, changes: changes.map((one) => ({ ...one, fields: [...one.fields] })), losses: losses.map((one) => ({ ...one })) });
      cli.progress(`planning · ${plural(families.length, "record")} to put back`);
    }
    const disclosed = ids.same ? {} : { disclosedTo: target.description.name };
    const plan = { ...beginning(o, opened), to: o.to, ...disclosed, families, rights: [...needed.all] };
    const made = { ...plan, digest: digestOf(plan) };
    await new RestoreRecord(cli, made, opened.base.source.name).planned();
    return { plan: made, missing: await missingRights(target, plan.rights, cli.signal), base: opened.base.takenAt };
  });
}

/** No shop is asked: each chosen root goes with all that belongs to it. */
async function plannedExport(cli: Cli, o: Asked & { readonly recipient: Recipient }, keys: IdentityOptions): Promise<Made> {
  return withMoment(cli, o, keys, async (opened) => {
    const families: Plan["families"] = [];
    for await (const root of chosenRoots(cli, opened, o.selection)) if ((await treeOf(opened, root)).length > 0) families.push({ ...root, action: "create", changes: [], losses: [] });
    const plan = { ...beginning(o, opened), to: o.to, recipient: RecipientShape.parse(o.recipient), families, rights: [] };
    const made = { ...plan, digest: digestOf(plan) };
    await new RestoreRecord(cli, made, opened.base.source.name).planned();
    return { plan: made, missing: [], base: opened.base.takenAt };
  });
}

function beginning({ address, at: asked }: Asked, { vaultId, base, at }: { readonly vaultId: string; readonly base: { readonly snapshotId: string }; readonly at: string }): Pick<Plan, "format" | "planId" | "vault" | "vaultId" | "snapshotId" | "at" | "between"> {
  return { format: 1, planId: randomUUID(), vault: address, vaultId, snapshotId: base.snapshotId, at, ...(asked === null ? {} : { between: true }) };
}

function momentOf(plan: Plan): Moment {
  return { address: plan.vault, snapshot: plan.snapshotId, at: plan.between === true ? plan.at : null };
}

async function carryOutExport(cli: Cli, plan: Plan, keys: IdentityOptions, reason: string): Promise<CommandResult> {
  const file = exportFile(plan.to);
  const { recipient } = plan;
  if (file === null || recipient === undefined) throw new CliError("cli.usage", "this file is no plan of an export");
  return withMoment(cli, momentOf(plan), keys, async (opened) => {
    if (opened.vaultId !== plan.vaultId) throw new CliError("cli.usage", "the plan is of another vault");
    const record = new RestoreRecord(cli, plan, opened.base.source.name);
    const { done: { records, parts }, recorded } = await record.carriedOut(reason, async () => {
      const done = await writeExport(cli, { file, recipient: recipient as Recipient, roots: plan.families, tree: (kind, id) => treeOf(opened, { kind, id }), vaultId: plan.vaultId, planId: plan.planId });
      return { done, code: "restore.done", counts: { restored: plan.families.length, restoredWithLosses: 0, refused: 0, skipped: 0, differing: 0 } };
    });
    return { json: { recorded, planId: plan.planId, code: "restore.done", exported: plan.families.length, records, parts, recipient: recipient.keyId, file }, text: `${count(plan.families.length)} exported with all that belongs to them (${plural(records, "record")}) to ${file}. Only the private half of ${recipient.keyId} opens it.` };
  });
}

async function carryOut(cli: Cli, plan: Plan, keys: IdentityOptions, reason: string): Promise<CommandResult> {
  if (exportFile(plan.to) !== null) return carryOutExport(cli, plan, keys, reason);
  return withSides(cli, { ...momentOf(plan), to: plan.to }, keys, async (opened) => {
    const { target, vaultId } = opened;
    if (vaultId !== plan.vaultId) throw new CliError("cli.usage", "the plan is of another vault");
    const missing = await missingRights(target, plan.rights, cli.signal);
    if (missing.length > 0) throw new CliError("cli.rights_missing", `${target.description.name} has not granted ${missing.join(", ")}, which this plan takes, so nothing was written`);
    const record = new RestoreRecord(cli, plan, opened.base.source.name);
    const { done, recorded } = await record.carriedOut(reason, () => putBack(cli, plan, opened));
    const { counts, code, created, costPoints, report, kept } = done;
    return {
      json: { recorded, kept, planId: plan.planId, code, ...counts, created, costPoints, report, ...(plan.disclosedTo === undefined ? {} : { disclosedTo: plan.disclosedTo }) },
      text: `${count(counts.restored)} restored exactly, ${count(counts.restoredWithLosses)} with losses that the platform names, ${count(counts.refused)} refused, ${count(counts.skipped)} skipped, ${count(counts.differing)} not what they were to be.${kept ? " What the shop had of them before is in the vault's journal." : ""}${plan.disclosedTo === undefined ? "" : ` The records were disclosed to ${plan.disclosedTo}.`}`,
      finding: counts.differing > 0,
    };
  });
}

interface PutBack {
  readonly counts: Counts;
  readonly code: string;
  readonly created: number;
  readonly costPoints: number;
  /** The report's name in the storage. */
  readonly report: string;
  /** What the shop had before is in the vault. */
  readonly kept: boolean;
}

/** Keeps what the shop has, writes, looks again, and reports every record. Started again it goes on from its log. */
async function putBack(cli: Cli, plan: Plan, opened: Sides): Promise<{ readonly done: PutBack; readonly code: string; readonly counts: Counts }> {
  const { target, ids, keeper } = opened;
  const changes: ChangesOf = (kinds) => sides(cli, opened, plan.families.filter(({ kind }) => kinds.has(kind)));
  const kinds = new Set(plan.families.map(({ kind }) => kind));
  const kept = await keepWhatWasThere(cli, opened, plan.planId, changes, kinds);
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
  const after = { known: new Map([...ids.known, ...outcome.ids]), same: ids.same };
  for await (const line of verified(changes, { target, extras: "keep", ids: after, results, kinds, signal: cli.signal, paused: () => Promise.resolve(), onRecords: () => undefined })) await report.add(line);
  const { counts } = report;
  const code = counts.differing > 0 ? "restore.differs" : counts.refused + counts.restoredWithLosses > 0 ? "restore.done_with_losses" : "restore.done";
  const name = await report.finish({ planDigest: plan.digest, target: target.description.name, startedAt, finishedAt: cli.clock.now().toISOString(), code, costPoints: outcome.costPoints, ...(plan.disclosedTo === undefined ? {} : { disclosedTo: plan.disclosedTo }) });
  return { done: { counts, code, created: outcome.ids.size, costPoints: outcome.costPoints, report: `restores/${plan.planId}/${name}`, kept }, code, counts };
}

function digestOf(plan: Omit<Plan, "digest">): string {
  return createHash("sha256").update(JSON.stringify([plan.planId, plan.vault, plan.vaultId, plan.snapshotId, plan.at, plan.to, plan.recipient ?? null, plan.families, ...(plan.rights.length > 0 ? [plan.rights] : []), ...(plan.between === undefined ? [] : ["between"]), ...(plan.disclosedTo === undefined ? [] : ["disclosed to", plan.disclosedTo])])).digest("hex");
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
