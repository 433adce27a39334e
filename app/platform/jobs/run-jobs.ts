/**
 * The jobs that wake workers for runs: one queue per kind, so that a long snapshot holds up no drill. They name a run and nothing else, and which run a
 * worker takes is decided when it does (records/next-run.ts): the longest waiting, not the one that woke it.
 */
import { z } from "zod";
import type { RunKind } from "#app/workflows/ports.ts";
import type { JobDefinition } from "./job-queue.ts";

export interface RunJob {
  readonly runId: string;
}

const shape = z.strictObject({ runId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

export const RUN_JOBS: Readonly<Record<RunKind, JobDefinition<RunJob>>> = {
  snapshot: { name: "run_snapshot", version: 1, shape },
  drill: { name: "run_drill", version: 1, shape },
  verify: { name: "run_verify", version: 1, shape },
  custody: { name: "run_custody", version: 1, shape },
  emergency: { name: "run_emergency", version: 1, shape },
  restore: { name: "run_restore", version: 1, shape },
};

export const RUN_KINDS = Object.keys(RUN_JOBS) as readonly RunKind[];

/** Wakes the room that every worker keeps for emergencies, whatever their kind. */
export const URGENT_JOB: JobDefinition<RunJob> = { name: "run_urgent", version: 1, shape };
