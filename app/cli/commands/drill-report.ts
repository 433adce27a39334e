/** `drill report`: how often drills were held and how they went, worked out offline from the signed records. Takes the vault and its public key, and no secret. */
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription } from "#app/vault/index.ts";
import { reportDrills, type DrillReport } from "#app/workflows/drill/report.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findingLines } from "../findings.ts";
import { readKeptCheckpoint } from "../kept-checkpoint.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";

export interface DrillReportOptions {
  readonly from?: string;
  readonly to?: string;
  readonly checkpoint?: string;
  readonly vaultId?: string;
}

export async function drillReport(cli: Cli, address: string, options: DrillReportOptions): Promise<CommandResult> {
  const from = dayOf(options.from, "--from", "T00:00:00.000Z");
  const to = dayOf(options.to, "--to", "T23:59:59.999Z");
  if (from !== undefined && to !== undefined && to < from) throw new CliError("cli.usage", "--to lies before --from");
  const store = new ReadOnlyStore(await openStore(address));
  const description = await readVaultDescription(store);
  // The id is the thumbprint of the key: whoever has it from elsewhere need not believe what lies here.
  if (options.vaultId !== undefined && options.vaultId !== description.vaultId) throw new CliError("cli.usage", `this is vault ${description.vaultId}, and not ${options.vaultId}`);
  const checkpoint = await readKeptCheckpoint(options.checkpoint);
  const report = await reportDrills({ store, description, ledger: ledgerOf(cli, store, description.vaultId), now: cli.clock.now(), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), ...(checkpoint === undefined ? {} : { checkpoint }) });
  return { json: { ...report, weeks: report.weeks.map((week) => ({ ...week, dueAt: week.dueAt.toISOString(), until: week.until.toISOString() })) }, text: text(report), finding: !report.ok };
}

function dayOf(given: string | undefined, option: string, time: string): Date | undefined {
  if (given === undefined) return undefined;
  const at = new Date(`${given}${time}`);
  if (!/^\d{4}-\d\d-\d\d$/.test(given) || Number.isNaN(at.getTime())) throw new CliError("cli.usage", `${option} takes a day such as 2026-11-22`);
  return at;
}

function text({ ok, findings, figures, weeks, drills, ledger }: DrillReport): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const missed = weeks.filter(({ state }) => state === "missed");
  return [
    `${count(figures.weeksPassed)} of ${plural(figures.weeksDue, "week")} passed, ${count(figures.weeksMissed)} missed, ${count(figures.weeksFailed)} failed.`,
    `${count(figures.passed)} of ${plural(figures.held, "drill")} passed${figures.medianRtoMs === null ? "" : `, median ${seconds(figures.medianRtoMs)} to restore`}; ${count(figures.certified)} answered for.`,
    ...missed.map(({ dueAt, lacking }) => `  missed: the week from ${dueAt.toISOString().slice(0, 10)}, without ${lacking.join(" and ")}`),
    ...drills.filter(({ passed }) => !passed).map(({ startedAt, code }) => `  failed: ${startedAt.slice(0, 10)} (${code})`),
    ...(ok ? [`Verified: every record is signed and named in the log of ${count(ledger?.size ?? 0)} entries.`] : ["Do not rely on these figures:", ...findingLines(findings)]),
  ].join("\n");
}
