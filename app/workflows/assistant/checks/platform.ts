/** Looks at the platform: whether it answers, which other apps may write, and whether the store is read as it was proven. */
import { SourceError } from "#app/sources/port.ts";
import { exposure } from "../../coverage/exposure.ts";
import type { CheckAsked, CheckPorts, Found } from "./checks.ts";
import { fact, named } from "./facts.ts";

/** How long one waits for an answer at night. */
const PATIENCE_MS = 10_000;
const AWAY = new Set(["source.unreachable", "source.failed", "source.throttled"]);

export async function platformAnswers({ surveys }: CheckPorts, { shop }: CheckAsked): Promise<Found | null> {
  if (surveys === undefined) return null;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    await (await surveys.open(shop)).versions(signal);
    return { outcome: "answers", facts: [] };
  } catch (error) {
    if (signal.aborted) return { outcome: "away", facts: [fact("problem", "source.unreachable")] };
    if (!(error instanceof SourceError)) throw error;
    return { outcome: AWAY.has(error.code) ? "away" : "unknown", facts: [fact("problem", error.code)] };
  }
}

/** As they were found when the platform was looked at last. */
export async function otherApps({ platforms }: CheckPorts, { shop }: CheckAsked): Promise<Found | null> {
  const known = (await platforms?.get(shop)) ?? null;
  if (known === null || known.surroundings.apps === null) return null;
  const writing = known.surroundings.apps.map(({ title, scopes }) => ({ title, writes: scopes.filter((scope) => scope.startsWith("write_")).length })).filter(({ writes }) => writes > 0);
  return { outcome: writing.length > 0 ? "some" : "none", facts: [fact("lookedAt", known.checkedAt), fact("apps", known.surroundings.apps.length), fact("writing", writing.length), ...writing.slice(0, 40).map(({ title, writes }) => named("app", title, writes))] };
}

export async function coverageOf(ports: CheckPorts, { shop }: CheckAsked): Promise<Found | null> {
  const { platforms, coverageTasks, inventory } = ports;
  if (platforms === undefined || coverageTasks === undefined || inventory === undefined) return null;
  const { full, revalidation, tasks } = await exposure({ ...ports, platforms, coverageTasks, inventory }, { shop });
  if (full === null) return null;
  const streams = [...new Set(full.gaps.map(({ stream }) => stream))].sort();
  const facts = [
    fact("snapshot", full.snapshotId), fact("takenAt", full.takenAt), fact("records", full.records), fact("gaps", full.gapCount), fact("openTasks", tasks.filter(({ state }) => state === "open").length),
    ...streams.slice(0, 30).map((stream) => named("gap", stream, full.gaps.filter((gap) => gap.stream === stream).length)),
    ...(revalidation.required && revalidation.why !== null ? [fact("why", revalidation.why)] : []),
  ];
  return { outcome: !full.complete ? "gaps" : revalidation.required ? "changed" : "whole", facts };
}
