/** Everything that can be made to go wrong in the simulated shop, at random, and which gaps each of it explains. */
import type { Faults } from "#app/sandbox/index.ts";
import type { Gap, GapCode } from "#app/vault/index.ts";

export type Random = () => number;
type Name = keyof Faults;

const between = (random: Random, low: number, high: number): number => Math.round(low + (high - low) * random());

/** How each fault is drawn. One row for every fault the sandbox has: the type holds the table complete. */
const DRAWN: { readonly [N in Name]-?: (random: Random) => NonNullable<Faults[N]> } & Readonly<Record<string, (random: Random) => unknown>> = {
  throttle: (random) => 0.05 + 0.3 * random(),
  slowDownload: (random) => between(random, 200_000, 5_000_000),
  cutDownload: (random) => ({ atByte: between(random, 1_000, 400_000), times: between(random, 1, 4) }),
  failBulk: (random) => ({ afterObjects: between(random, 10, 5_000), times: between(random, 1, 2), errorCode: random() < 0.5 ? "INTERNAL_SERVER_ERROR" : "TIMEOUT" }),
  loseFinishWebhook: () => 1,
  loseWebhook: (random) => 0.05 + 0.45 * random(),
  duplicateWebhook: (random) => 0.5 * random(),
  reorderWebhook: (random) => 0.5 * random(),
  delayWebhook: (random) => ({ fraction: 0.5 * random(), milliseconds: between(random, 100, 5_000) }),
  replayWebhook: (random) => 0.3 * random(),
  quietMetafields: () => true,
  invalidLineEvery: (random) => between(random, 50, 5_000),
  duplicateLineEvery: (random) => between(random, 50, 5_000),
  denyFields: (random) => (random() < 0.5 ? ["Customer.phone"] : ["orders"]),
  stallBulk: (random) => ({ times: 1, afterObjects: between(random, 0, 2_000) }),
  cancelBulk: (random) => ({ times: 1, afterObjects: between(random, 0, 2_000) }),
  othersRunning: (random) => between(random, 1, 5),
  serverError: (random) => 0.02 + 0.2 * random(),
  lostAnswer: (random) => 0.02 + 0.15 * random(),
  expireTokensBefore: () => new Date().toISOString(),
  slowAnswer: (random) => between(random, 50, 1_500),
  slowBulk: (random) => between(random, 500, 5_000),
  urlLifetime: (random) => between(random, 1, 5),
};

/** Faults that can leave each gap behind. "edits": changes while it was read. "kill": a process that was killed. */
const EXPLAINS: { readonly [C in GapCode]: readonly (Name | "edits" | "kill")[] } & Readonly<Record<string, readonly string[]>> = {
  "record.invalid_json": ["invalidLineEvery", "cutDownload"],
  "record.not_utf8": [],
  "record.missing_id": ["invalidLineEvery"],
  "record.truncated": ["cutDownload", "urlLifetime", "failBulk"],
  "record.duplicate": ["duplicateLineEvery", "edits"],
  "record.too_large": [],
  "stream.failed": ["failBulk", "cancelBulk", "stallBulk", "denyFields", "throttle", "serverError", "lostAnswer", "othersRunning", "urlLifetime", "cutDownload"],
  "stream.cut": ["cutDownload", "urlLifetime", "lostAnswer", "serverError"],
  "stream.partial": ["failBulk", "cancelBulk", "stallBulk", "edits"],
  "count.mismatch": ["failBulk", "cancelBulk", "invalidLineEvery", "duplicateLineEvery", "cutDownload", "urlLifetime", "denyFields", "edits"],
  "count.unknown": ["throttle", "serverError", "lostAnswer", "denyFields"],
};

export interface Spell {
  readonly from: number;
  readonly faults: readonly string[];
}

/** Each fault with this chance at a time, about three at once; sometimes none. */
const CHANCE = 0.15;
const CALM = 0.15;

export function drawFaults(random: Random): Faults {
  if (random() < CALM) return {};
  return Object.fromEntries(Object.entries(DRAWN).flatMap(([name, draw]) => (random() < CHANCE ? [[name, draw(random)]] : []))) as Faults;
}

export const FAULT_NAMES: readonly string[] = Object.keys(DRAWN);

/** What explains a gap of a snapshot that was read between two moments (milliseconds); empty: nothing does. */
export function explanations(gap: Pick<Gap, "code">, from: number, to: number, spells: readonly Spell[], edits: { readonly from: number; readonly to: number } | null): string[] {
  const able: readonly string[] = EXPLAINS[gap.code];
  const on = new Set(spells.filter((spell, n) => spell.from <= to && (spells[n + 1]?.from ?? Infinity) >= from).flatMap(({ faults }) => faults));
  if (edits !== null && edits.from <= to && edits.to >= from) on.add("edits");
  return able.filter((name) => on.has(name));
}
