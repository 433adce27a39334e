/** A living shop in memory that a restore writes to, and a log of its steps. Every field of a record can be written; a record's fields compare as they stand in its bytes. */
import type { Assessment, FamilyChange, RestoreLog, RestoreStep, RestoreTarget, ReviseResult } from "#app/sources/port.ts";
import type { SourceRecord } from "#app/vault/index.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `losses`: fields that cannot come back, by name. `onRoot` is told of every root before it is written, and may throw as a process dies. */
export interface FakeRevisionOptions {
  readonly losses?: Readonly<Record<string, string>>;
  readonly refuse?: readonly string[];
  readonly kinds?: readonly string[];
  readonly onRoot?: (id: string) => void | Promise<void>;
}

export type FakeRevision = Pick<RestoreTarget, "assess" | "revise" | "read" | "orderedKinds"> & {
  /** What the shop holds: families by the id of their root. */
  readonly shop: Map<string, readonly SourceRecord[]>;
};

export function fakeRevision(o: FakeRevisionOptions = {}): FakeRevision {
  const shop = new Map<string, readonly SourceRecord[]>();
  const target: FakeRevision = {
    shop,
    orderedKinds: new Set(),
    assess: (change, { extras, ids }) => assess(ids === undefined || change.now === null ? change : { ...change, now: change.now.map((record) => renamed(record, ids.known.get(change.id) ?? change.id, change.id)) }, extras, o.losses ?? {}),
    async *read(roots) {
      await Promise.resolve();
      for (const { id } of roots) yield { id, records: shop.get(id) ?? null };
    },
    async revise(changes, run) {
      const done = new Map<string, ReviseResult>();
      const ids = new Map<string, string>();
      for await (const step of run.log.entries()) {
        if (step.step === "done") done.set(step.id, step);
        if (step.step === "created") ids.set(step.id, step.newId);
      }
      const counts = { restored: 0, "restored-with-losses": 0, refused: 0, skipped: 0 };
      let costPoints = 0;
      for await (const change of changes(new Set(o.kinds ?? ["Customer"]))) {
        run.signal.throwIfAborted();
        await run.paused?.();
        let result = done.get(change.id);
        if (result === undefined) {
          await o.onRoot?.(change.id);
          const { action, losses, costPoints: cost } = target.assess(change, { extras: run.extras });
          const current = shop.get(change.id);
          const changed = change.now !== null && current !== undefined && !same(current, change.now);
          if (action === "none") result = { kind: change.kind, id: change.id, outcome: "skipped" };
          else if (action === "refuse" || o.refuse?.includes(change.id) === true) result = { kind: change.kind, id: change.id, outcome: "refused", code: "TAKEN" };
          else if (changed && run.ifChanged(change) === "skip") result = { kind: change.kind, id: change.id, outcome: "skipped", code: "changed_since" };
          else {
            costPoints += cost;
            const newId = action === "create" ? change.id.replace(/\/(\d+)$/, (_, n: string) => `/${Number(n) + 900_000}`) : change.id;
            if (change.then === null) shop.delete(change.id);
            else shop.set(newId, change.then.map((record) => renamed(record, change.id, newId)));
            if (newId !== change.id) {
              ids.set(change.id, newId);
              await run.log.append([{ step: "created", id: change.id, newId }]);
            }
            result = { kind: change.kind, id: change.id, ...(newId === change.id ? {} : { newId }), outcome: losses.length === 0 ? "restored" : "restored-with-losses" };
          }
          await run.log.append([{ step: "done", ...result }]);
        }
        counts[result.outcome]++;
        await run.onResult?.(result);
      }
      return { ids, counts, costPoints };
    },
  };
  return target;
}

export class MemoryRestoreLog implements RestoreLog {
  readonly name: string;
  readonly steps: RestoreStep[];
  constructor(name = "test", steps: RestoreStep[] = []) {
    this.name = name;
    this.steps = steps;
  }
  async *entries(): AsyncGenerator<RestoreStep> {
    await Promise.resolve();
    yield* [...this.steps];
  }
  append(steps: readonly RestoreStep[]): Promise<void> {
    this.steps.push(...steps.map((step) => JSON.parse(JSON.stringify(step)) as RestoreStep));
    return Promise.resolve();
  }
}

function assess(change: FamilyChange, extras: "keep" | "remove", losses: Readonly<Record<string, string>>): Assessment {
  const nothing: Assessment = { action: "none", changes: [], losses: [], costPoints: 0 };
  if (change.then === null) {
    if (extras === "keep" || change.now === null) return nothing;
    return { action: "remove", changes: change.now.map((record) => ({ kind: record.kind, id: record.id, fields: Object.keys(fieldsOf(record)) })), losses: [], costPoints: 10 };
  }
  const before = new Map((change.now ?? []).map((record) => [record.id, fieldsOf(record)]));
  const changes: { kind: string; id: string; fields: string[] }[] = [];
  const lost: { kind: string; field: string; reason: string }[] = [];
  for (const record of change.then) {
    const then = fieldsOf(record);
    const now = before.get(record.id) ?? {};
    const differing = [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => JSON.stringify(then[name]) !== JSON.stringify(now[name]));
    const fields = differing.filter((name) => losses[name] === undefined);
    if (fields.length > 0) changes.push({ kind: record.kind, id: record.id, fields });
    for (const field of differing) if (losses[field] !== undefined) lost.push({ kind: record.kind, field, reason: losses[field] });
  }
  if (change.now === null) return { action: "create", changes, losses: lost, costPoints: 10 };
  if (changes.length === 0) return lost.length === 0 ? nothing : { action: "refuse", changes, losses: lost, costPoints: 0 };
  return { action: "update", changes, losses: lost, costPoints: 10 };
}

function fieldsOf(record: SourceRecord): Fields {
  return JSON.parse(Buffer.from(record.bytes).toString("utf8")) as Fields;
}

function same(a: readonly SourceRecord[], b: readonly SourceRecord[]): boolean {
  return a.length === b.length && a.every((record, n) => record.id === b[n]?.id && Buffer.from(record.bytes).equals(b[n]!.bytes));
}

function renamed(record: SourceRecord, old: string, now: string): SourceRecord {
  if (old === now) return record;
  const fields = { ...fieldsOf(record) } as Record<string, unknown>;
  if (fields["id"] === old) fields["id"] = now;
  if (fields["__parentId"] === old) fields["__parentId"] = now;
  return { kind: record.kind, id: record.id === old ? now : record.id, parentId: record.parentId === old ? now : record.parentId, bytes: Buffer.from(JSON.stringify(fields)) };
}
