/**
 * Emergency snapshots without the app: held in the command that takes them. No process stays behind that could end a hold when its time is over, so the next
 * `holdfast prune` does it before it looks at anything else; until then it holds longer, which is the safe side.
 */
import { readHolds } from "#app/vault/index.ts";
import { HOLD_HOURS, INCIDENT } from "#app/workflows/capture/emergency.ts";
import { holdSnapshots, releaseHeld, type HoldSnapshots } from "#app/workflows/prune/hold-snapshots.ts";
import { CliError } from "./errors.ts";
import { Refused } from "./refused.ts";

export interface EmergencyOptions {
  readonly emergency?: boolean;
  readonly hold?: string;
  readonly incident?: string;
}

/** Until a moment, or until somebody releases the hold of an incident. */
export type Emergency = { readonly hours: number } | { readonly incident: string };

export interface EmergencyHeld {
  readonly holdId: string;
  readonly name: string;
  /** ISO 8601; null: until it is released. */
  readonly until: string | null;
}

const HOUR_MS = 3_600_000;
const TIME = /^([1-9]\d{0,4})(h|d)$/;
const MOST_HOURS = 366 * 24;
const NAME = /^emergency [0-9a-f]{16}$/;
const UNTIL = /^emergency, until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

export function emergencyFrom({ emergency, hold, incident }: EmergencyOptions): Emergency | null {
  if (emergency !== true) {
    if (hold !== undefined || incident !== undefined) throw new CliError("cli.usage", "--hold and --incident belong to --emergency");
    return null;
  }
  if (incident !== undefined) {
    if (hold !== undefined) throw new CliError("cli.usage", "A snapshot is held for --hold, or until the hold of --incident is released: not both");
    if (!INCIDENT.test(incident)) throw new CliError("cli.usage", "--incident is a number such as 2026-014: letters, digits, - and _, and no date");
    return { incident };
  }
  if (hold === undefined) return { hours: HOLD_HOURS };
  const [, figure, unit] = TIME.exec(hold) ?? [];
  const hours = Number(figure) * (unit === "d" ? 24 : 1);
  if (!(hours <= MOST_HOURS)) throw new CliError("cli.usage", "--hold is a time such as 72h or 10d, at most 366d");
  return { hours };
}

export async function holdNow(o: HoldSnapshots, snapshotId: string, emergency: Emergency): Promise<EmergencyHeld> {
  const until = "hours" in emergency ? new Date(o.clock.now().getTime() + emergency.hours * HOUR_MS).toISOString() : null;
  const name = "incident" in emergency ? `incident ${emergency.incident}` : `emergency ${snapshotId}`;
  const held = await holdSnapshots(o, { name, reason: until === null ? `emergency, until ${name} is closed` : `emergency, until ${until}`, snapshots: [snapshotId] });
  if (held.kind === "refused") throw new Refused(held.code, `Snapshot ${snapshotId} is taken, but it cannot be held`);
  return { holdId: held.hold.holdId, name, until };
}

export function heldText({ holdId, name, until }: EmergencyHeld): string {
  return until === null ? `Held as "${name}" (${holdId}). It lasts until 'holdfast release'.` : `Held until ${until} (${holdId}). The first prune after that lets go of the hold; 'holdfast release' does at any time.`;
}

/** Ends the holds of this module whose time is over. */
export async function releaseEmergencies(o: HoldSnapshots): Promise<number> {
  const now = o.clock.now().toISOString();
  const { inForce } = await readHolds(o.store, o.vault.description);
  const due = inForce.filter(({ name, reason }) => NAME.test(name) && (UNTIL.exec(reason)?.[1] ?? "9999") <= now);
  for (const { holdId } of due) await releaseHeld(o, { hold: holdId, reason: "its time is over" });
  return due.length;
}
