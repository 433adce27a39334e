/** A setting was changed, and by whom, in the ledger of the shop's vault. */
import { actorName, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { recordEvent } from "../shared/outbox.ts";

export interface ChangedSchedule {
  readonly shop: string;
  readonly actor: Actor;
  /** "off", "day", "hour" …: a word, not a cron line. */
  readonly frequency: string;
  readonly timezone: string;
  /** Absent: full snapshots. "schedule_changes": the readings of changes between them. */
  readonly setting?: "schedule_changes";
}

/** False: not in the vault's log yet, or there is no vault. */
export async function recordSchedule(ports: Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock">, { shop, actor, frequency, timezone, setting }: ChangedSchedule): Promise<boolean> {
  return recordEvent(ports, shop, { actor: actorName(actor), action: "setting.changed", subject: { shop, setting: setting ?? "schedule", frequency: frequency.replaceAll("-", "_"), timezone, enabled: frequency !== "off" }, outcome: "done" });
}
