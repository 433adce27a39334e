/** Sums of a plan, by kind and by what cannot come back. Memory: by kind and field, not by record. */
import type { ConflictRule, RestoreCounts } from "../ports.ts";
import { decisionOf, type PlanDecision, type PlannedFamily, type RestorePlan } from "./plan-types.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** Different fields that cannot come back; a platform has hundreds. */
const MOST_LOSSES = 10_000;

export class PlanTotals {
  readonly #rule: ConflictRule;
  readonly #sum = zero();
  readonly #kinds = new Map<string, Mutable<RestoreCounts>>();
  readonly #losses = new Map<string, { kind: string; field: string; reason: string; records: number }>();
  #edited = 0;
  #reCreated = 0;
  #undecided = 0;
  #cost = 0;
  constructor(rule: ConflictRule) {
    this.#rule = rule;
  }

  /** False: there is nothing to do, and nothing to write down. */
  add(family: PlannedFamily): boolean {
    this.#count(family.kind, family.action);
    if (family.action === "none") return false;
    if (family.conflict === "edited-since") this.#edited++;
    if (family.conflict === "re-created") this.#reCreated++;
    if (needsDecision(this.#rule, new Map(), family)) this.#undecided++;
    this.#cost += family.costPoints;
    for (const { kind, field, reason } of new Map(family.losses.map((loss) => [`${loss.kind}\0${loss.field}`, loss])).values()) {
      const key = `${kind}\0${field}\0${reason}`;
      const known = this.#losses.get(key);
      if (known !== undefined) known.records++;
      else if (this.#losses.size < MOST_LOSSES) this.#losses.set(key, { kind, field, reason, records: 1 });
    }
    return true;
  }

  get creates(): number {
    return this.#sum.create;
  }

  /** What is lost of a record that is itself in no line of the plan. */
  lose(loss: { readonly kind: string; readonly field: string; readonly reason: string }, records = 1): void {
    const key = `${loss.kind}\0${loss.field}\0${loss.reason}`;
    const known = this.#losses.get(key);
    if (known !== undefined) known.records += records;
    else if (this.#losses.size < MOST_LOSSES) this.#losses.set(key, { ...loss, records });
  }

  erased(kind: string): void {
    this.#count(kind, "erased");
  }

  #count(kind: string, what: keyof RestoreCounts): void {
    const counts = this.#kinds.get(kind) ?? zero();
    counts[what]++;
    this.#kinds.set(kind, counts);
    this.#sum[what]++;
  }

  result(): RestorePlan["totals"] {
    const kinds = Object.fromEntries([...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
    const losses = [...this.#losses.values()].sort((a, b) => (`${a.kind} ${a.field}` < `${b.kind} ${b.field}` ? -1 : 1));
    return { ...this.#sum, kinds, editedSince: this.#edited, reCreated: this.#reCreated, undecided: this.#undecided, losses, costPoints: this.#cost };
  }
}

export function needsDecision(rule: ConflictRule, decisions: ReadonlyMap<string, PlanDecision>, family: PlannedFamily): boolean {
  return family.action !== "none" && family.action !== "refuse" && decisionOf(rule, decisions, family) === null;
}

function zero(): Mutable<RestoreCounts> {
  return { create: 0, update: 0, remove: 0, none: 0, refuse: 0, erased: 0 };
}
