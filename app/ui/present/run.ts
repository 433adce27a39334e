/** From a run, as the platform keeps it, to what a screen shows of it. */
import type { Run } from "#app/workflows/ports.ts";
import type { RunModel } from "../models.ts";

/** An estimate from less than this says more about the start than about the rest. */
const GROUND_FOR_A_GUESS_MS = 4_000;

const CUSTODY_JOBS: Readonly<Record<string, RunModel["job"]>> = { requests: "erasure", erase: "erasure", disclose: "disclosure", rotate: "rotation", prune: "prune" };

export function isUnderWay(run: Run): boolean {
  return run.state === "queued" || run.state === "running";
}

function jobOf({ kind, input }: Run): RunModel["job"] {
  if (kind === "restore") return input["what"] === "plan" ? "planning" : "restore";
  return kind === "emergency" || kind === "verify" || kind === "custody" ? "snapshot" : kind;
}

/** Null when it is over, or a run of a kind that has no screen. `before`: how many records the last one of its kind had. */
export function presentRun(run: Run, now: Date, before?: number): RunModel | null {
  if (!isUnderWay(run) || run.kind === "verify") return null;
  const startedAt = run.startedAt ?? run.requestedAt;
  const records = run.progress?.records ?? 0;
  const said = run.progress?.expected;
  const preparing = run.progress?.step === "running";
  const expected = run.kind === "drill" || run.kind === "custody" || run.kind === "restore" ? said : before;
  const remainingMs = expected !== undefined && expected > records ? remaining(records, expected, now.getTime() - startedAt.getTime()) : undefined;
  return {
    id: run.id,
    job: run.kind === "custody" ? (CUSTODY_JOBS[String(run.input["what"])] ?? "erasure") : jobOf(run),
    phase: run.state === "queued" ? "queued" : (run.progress?.step ?? "starting"),
    startedAt: startedAt.toISOString(),
    records,
    ...(expected === undefined || expected < records ? {} : { expected }),
    ...(remainingMs === undefined ? {} : { remainingMs }),
    ...(run.progress?.stream === undefined ? {} : { stream: run.progress.stream }),
    ...(preparing && said !== undefined ? { prepared: said } : {}),
  };
}

function remaining(done: number, of: number, elapsedMs: number): number | undefined {
  if (done === 0 || elapsedMs < GROUND_FOR_A_GUESS_MS) return undefined;
  return Math.round((elapsedMs / done) * (of - done));
}

/** What is under way, a snapshot before a drill; null when nothing is. */
export function underWay(runs: readonly Run[], now: Date, before?: number): RunModel | null {
  const active = runs.filter(isUnderWay);
  const run = active.find((r) => r.kind === "emergency") ?? active.find((r) => r.kind === "snapshot") ?? active.find((r) => r.kind === "drill") ?? active.find((r) => r.kind === "custody") ?? active.find((r) => r.kind === "restore");
  return run ? presentRun(run, now, before) : null;
}
