/**
 * After records were put back they are read again, and what is there is held against what was to be: in the comparable form, by the same judgement that made the plan.
 * A record of which something would still be written is not what it was to be.
 */
import type { ChangesOf, Extras, FamilyChange, RestoreTarget, ReviseResult, ReviseRun } from "#app/sources/port.ts";
import type { ReportLine } from "./apply-report.ts";

/** Families held at once. */
const BATCH = 200;

export interface VerifyOptions {
  readonly target: RestoreTarget;
  readonly extras: Extras;
  /** Of this run and those before it. */
  readonly ids: ReviseRun["ids"];
  readonly results: ReadonlyMap<string, ReviseResult>;
  readonly kinds: ReadonlySet<string>;
  readonly signal: AbortSignal;
  /** Awaited between batches. */
  readonly paused: () => Promise<void>;
  readonly onRecords: (records: number) => void;
}

/** One line for each change that has a result. */
export async function* verified(changes: ChangesOf, o: VerifyOptions): AsyncGenerator<ReportLine> {
  let batch: FamilyChange[] = [];
  for await (const change of changes(o.kinds)) {
    if (!o.results.has(change.id)) continue;
    batch.push(change);
    if (batch.length < BATCH) continue;
    yield* verifyBatch(batch, o);
    batch = [];
  }
  if (batch.length > 0) yield* verifyBatch(batch, o);
}

async function* verifyBatch(batch: readonly FamilyChange[], o: VerifyOptions): AsyncGenerator<ReportLine> {
  o.signal.throwIfAborted();
  await o.paused();
  const wanted = batch.flatMap((change) => (isWritten(o.results.get(change.id)!) ? [{ kind: change.kind, id: currentId(change, o) }] : []));
  const found = new Map<string, FamilyChange["now"]>();
  for await (const { id, records } of o.target.read(wanted, o.signal)) found.set(id, records);
  for (const change of batch) {
    const result = o.results.get(change.id)!;
    const planned = o.target.assess(change, { extras: o.extras, ids: o.ids });
    if (!isWritten(result)) {
      yield line(result, planned.losses, null);
      continue;
    }
    const now = found.get(currentId(change, o)) ?? null;
    yield change.then === null ? gone(result, now) : there(result, { ...change, now }, planned, o);
  }
  o.onRecords(batch.length);
}

function there(result: ReviseResult, change: FamilyChange, planned: ReturnType<RestoreTarget["assess"]>, o: VerifyOptions): ReportLine {
  if (change.now === null) return line({ ...result, outcome: "refused", code: result.code ?? "gone" }, planned.losses, [{ kind: change.kind, fields: ["(all)"] }]);
  const after = o.target.assess(change, { extras: o.extras, ids: o.ids });
  const differs = after.changes.map(({ kind, fields }) => ({ kind, fields: [...fields] }));
  // A record that was created anew has lost what nobody can give it, on top of what differs now.
  const losses = result.newId === undefined ? after.losses : planned.losses;
  const outcome = result.outcome === "restored" && (losses.length > 0 || differs.length > 0) ? "restored-with-losses" : result.outcome;
  return line({ ...result, outcome }, losses, differs);
}

function gone(result: ReviseResult, now: FamilyChange["now"]): ReportLine {
  return line(result, [], now === null || result.kind === "GiftCard" ? [] : [{ kind: result.kind, fields: ["(all)"] }]);
}

function line({ kind, id, newId, outcome, code }: ReviseResult, losses: ReportLine["losses"] | readonly { readonly kind: string; readonly field: string; readonly reason: string }[], differs: ReportLine["differs"]): ReportLine {
  return { kind, id, ...(newId === undefined ? {} : { newId }), outcome, ...(code === undefined ? {} : { code }), losses: losses.map((one) => ({ ...one })), differs };
}

function isWritten({ outcome }: ReviseResult): boolean {
  return outcome === "restored" || outcome === "restored-with-losses";
}

function currentId(change: FamilyChange, { ids, results }: VerifyOptions): string {
  return results.get(change.id)?.newId ?? change.now?.[0]?.id ?? ids.known.get(change.id) ?? change.id;
}
