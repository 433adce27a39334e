/** What earlier lives of a run did, as far as the log tells; and the writing of it. */
import type { Clock } from "#app/vault/index.ts";
import type { RestoreLog, RestoreStep, ReviseResult } from "../../port.ts";

export interface Asked {
  readonly batch: string;
  readonly what: "create" | "change" | "remove";
  readonly kind: string;
  readonly ids: readonly string[];
  readonly after: string | null;
  operation: string | null;
}

export class History {
  readonly done = new Map<string, ReviseResult>();
  readonly created = new Map<string, string>();
  readonly asked = new Map<string, Asked>();
  readonly #log: RestoreLog;
  readonly #clock: Clock;
  #steps = 0;
  #batches = 0;

  private constructor(log: RestoreLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  static async read(log: RestoreLog, clock: Clock): Promise<History> {
    const history = new History(log, clock);
    for await (const step of log.entries()) history.#take(step);
    return history;
  }

  get name(): string {
    return this.#log.name;
  }

  /** No other life of the run has asked for one of this name: every asking is in the log before it is made. */
  newBatch(): string {
    return `${this.#log.name}_${this.#steps}_${this.#batches++}`;
  }

  async ask(batch: string, what: Asked["what"], kind: string, ids: readonly string[], after: string | null): Promise<void> {
    await this.#append([{ step: "asked", batch, at: this.#clock.now().toISOString(), what, kind, ids, after }]);
  }

  async started(batch: string, operation: string): Promise<void> {
    await this.#append([{ step: "started", batch, operation }]);
  }

  async create(pairs: readonly (readonly [string, string])[]): Promise<void> {
    await this.#append(pairs.map(([id, newId]) => ({ step: "created", id, newId })));
  }

  async finish(results: readonly ReviseResult[]): Promise<void> {
    await this.#append(results.map((result) => ({ step: "done", ...result })));
  }

  /** Roots that an earlier life asked something for and did not finish. */
  unfinished(what: Asked["what"]): ReadonlyMap<string, Asked> {
    const ids = new Map<string, Asked>();
    for (const asked of this.asked.values()) if (asked.what === what) for (const id of asked.ids) if (!this.done.has(id)) ids.set(id, asked);
    return ids;
  }

  async #append(steps: readonly RestoreStep[]): Promise<void> {
    if (steps.length === 0) return;
    await this.#log.append(steps);
    for (const step of steps) this.#take(step);
  }

  #take(step: RestoreStep): void {
    this.#steps++;
    switch (step.step) {
      case "asked":
        this.asked.set(step.batch, { batch: step.batch, what: step.what, kind: step.kind, ids: step.ids, after: step.after ?? null, operation: null });
        break;
      case "started": {
        const asked = this.asked.get(step.batch);
        if (asked !== undefined) asked.operation = step.operation;
        break;
      }
      case "created":
        this.created.set(step.id, step.newId);
        break;
      case "done": {
        const { step: _, ...result } = step;
        this.done.set(result.id, result);
      }
    }
  }
}
