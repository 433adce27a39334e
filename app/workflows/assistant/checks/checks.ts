/**
 * What the assistant looks up by itself. Each answers one of its outcomes (app/response, CHECKS) and what it rests on: counts, codes, times, ids of ours. What
 * cannot be looked up is "unknown"; it is never taken for good news.
 */
import type { CheckName, Facts } from "#app/response/index.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Ports } from "../../ports.ts";
import { failureOf } from "../../shared/failure.ts";
import { coverageOf, otherApps, platformAnswers } from "./platform.ts";
import { goodSnapshot, journalReach, storageSound } from "./snapshots.ts";
import { holdsInForce, requestsSoFar, teamNamed } from "./people.ts";
import { whatChanged } from "./what-changed.ts";

export type CheckPorts = Pick<
  Ports,
  "catalog" | "links" | "keyring" | "stores" | "signer" | "outbox" | "scratch" | "clock" | "random" | "log" | "runs" | "compliance" | "capture" | "platforms" | "surveys" | "coverageTasks" | "inventory" | "responseTeam"
>;

export interface CheckAsked {
  readonly shop: string;
  /** When the damage began; null: nobody knows. */
  readonly moment: Date | null;
}

export interface Found {
  readonly outcome: string;
  readonly facts: Facts;
}

const UNKNOWN: Found = { outcome: "unknown", facts: [] };

const LOOK: Readonly<Record<CheckName, (ports: CheckPorts, asked: CheckAsked) => Promise<Found | null>>> = {
  "good-snapshot": goodSnapshot,
  "what-changed": whatChanged,
  journal: journalReach,
  holds: holdsInForce,
  team: teamNamed,
  "other-apps": otherApps,
  storage: storageSound,
  coverage: coverageOf,
  requests: requestsSoFar,
  platform: platformAnswers,
};

export async function look(ports: CheckPorts, check: CheckName, asked: CheckAsked): Promise<Found> {
  try {
    return (await LOOK[check](ports, asked)) ?? UNKNOWN;
  } catch (error) {
    const code = error instanceof SourceError ? error.code : failureOf(error)?.code;
    if (code === undefined) throw error;
    return { outcome: "unknown", facts: [{ name: "problem", value: code }] };
  }
}
