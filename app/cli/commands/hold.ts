/** `hold`, `release`, `holds`: what no prune may let go, by whom, why and since when. */
import { readHolds, type Hold } from "#app/vault/index.ts";
import { holdSnapshots, releaseHeld, type LegalHold } from "#app/workflows/prune/hold-snapshots.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openToRead, openToWrite, type IdentityOptions } from "../open-vault.ts";
import { Refused } from "../refused.ts";
import { withScratch } from "../scratch.ts";

export async function hold(cli: Cli, address: string, snapshots: readonly string[], options: HoldOptions): Promise<CommandResult> {
  const legal = legalFrom(options);
  if ((options.all === true) === snapshots.length > 0) throw new CliError("cli.usage", "A hold is on the snapshots that are named, or with --all on every one there is and is to come");
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, hostKeys } = await openToWrite(cli, address, scratchDirectory);
    const outcome = await holdSnapshots(
      { store, vault, hostKeys, ledger: ledgerOf(cli, store, hostKeys.vaultId, hostKeys), clock: cli.clock, random: cli.random, actor: "cli" },
      { name: options.name, reason: options.reason, snapshots: options.all === true ? "all" : snapshots, ...(legal === null ? {} : { legal }) },
    );
    if (outcome.kind === "refused") throw new Refused(outcome.code, outcome.code === "hold.too_late" ? `A prune let go of ${outcome.snapshots?.join(", ") ?? "a snapshot"} at the same moment` : "The hold cannot be placed");
    return { json: { ...outcome.hold }, text: `Hold ${outcome.hold.holdId} "${outcome.hold.name}" on ${covered(outcome.hold)}${barred(outcome.hold)}. It lasts until 'holdfast release'.` };
  });
}

export async function release(cli: Cli, address: string, id: string, options: { readonly reason: string }): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, hostKeys } = await openToWrite(cli, address, scratchDirectory);
    const outcome = await releaseHeld({ store, vault, hostKeys, ledger: ledgerOf(cli, store, hostKeys.vaultId, hostKeys), clock: cli.clock, random: cli.random, actor: "cli" }, { hold: id, reason: options.reason });
    if (outcome.kind === "refused") throw new Refused(outcome.code, "The hold cannot be released");
    return { json: { ...outcome.release }, text: `Hold ${outcome.release.holdId} is released. The next prune may let its snapshots go.` };
  });
}

export async function holds(cli: Cli, address: string, options: IdentityOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store } = await openToRead(cli, address, options, scratchDirectory);
    const { inForce, released, damaged } = await readHolds(store, vault.description);
    const lines = [
      ...inForce.map((one) => `${one.holdId}  since ${one.at}  ${one.name}: ${covered(one)}${barred(one)}; ${one.reason} (${one.by})`),
      ...released.map(({ hold: one, release: end }) => `${one.holdId}  ${one.at} to ${end.at}  ${one.name}: released; ${end.reason} (${end.by})`),
      ...damaged.map((object) => `${object} is damaged`),
    ];
    return { json: { holds: inForce, released, damaged }, text: lines.length === 0 ? "No holds." : lines.join("\n"), finding: damaged.length > 0 };
  });
}

export interface HoldOptions {
  readonly name: string;
  readonly reason: string;
  readonly all?: boolean;
  readonly basis?: string;
  readonly citation?: string;
  readonly until?: string;
  readonly person?: readonly string[];
}

function legalFrom({ basis, citation, until, person }: HoldOptions): LegalHold | null {
  if (basis === undefined && citation === undefined) {
    if (until !== undefined || person !== undefined) throw new CliError("cli.usage", "--until and --person belong to a legal hold, which takes --basis and --citation");
    return null;
  }
  if (basis === undefined || citation === undefined) throw new CliError("cli.usage", "A legal hold takes both --basis and --citation");
  const end = until === undefined ? null : new Date(until);
  if (end !== null && Number.isNaN(end.getTime())) throw new CliError("cli.usage", "--until is a date such as 2027-06-30 or 2027-06-30T12:00:00Z");
  return { basis, citation, until: end, persons: person ?? "all" };
}

function barred({ legal }: Hold): string {
  if (legal === undefined) return "";
  const whom = legal.subjects === "all" ? "anybody" : plural(legal.subjects.length, "person");
  return `; no erasure of ${whom}${legal.until === null ? "" : ` before ${legal.until}`} (${legal.basis}: ${legal.citation})`;
}

function covered({ snapshots }: Hold): string {
  return snapshots === "all" ? "every snapshot, those to come included" : plural(snapshots.length, "snapshot");
}
