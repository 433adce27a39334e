/** Runs of the assistant in memory. What goes in comes out as a database gives it back: as JSON, and never changed. */
import type { AssistantRuns, AssistantRunRow, KeptRun, KeptStep } from "#app/workflows/ports.ts";

export class FakeAssistantRuns implements AssistantRuns {
  readonly rows = new Map<string, KeptRun>();
  readonly kept = new Map<string, string[]>();

  create: AssistantRuns["create"] = (run) => {
    if (this.rows.has(run.id)) return Promise.reject(new Error(`there is a run ${run.id} already`));
    this.rows.set(run.id, { ...run, tree: JSON.parse(JSON.stringify(run.tree)) as unknown, state: "open", steps: 0, lastAt: run.startedAt, lastBy: run.startedBy, endedAt: null });
    this.kept.set(run.id, []);
    return Promise.resolve();
  };
  get: AssistantRuns["get"] = (shop, id) => Promise.resolve(this.#of(shop, id));
  list: AssistantRuns["list"] = (shop, limit) =>
    Promise.resolve([...this.rows.values()].filter((row) => row.shop === shop).sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? -1 : 1)).slice(0, limit).map(({ tree: _tree, ...row }): AssistantRunRow => row));
  steps: AssistantRuns["steps"] = (shop, id) => Promise.resolve(this.#of(shop, id) === null ? [] : this.kept.get(id)!.map((text) => JSON.parse(text) as KeptStep));
  append: AssistantRuns["append"] = (shop, id, kept, state) => {
    const row = this.#of(shop, id);
    const steps = this.kept.get(id);
    if (row === null || steps === undefined) return Promise.reject(new Error(`there is no run ${id}`));
    if (kept.step.n <= steps.length) return Promise.resolve(false);
    steps.push(JSON.stringify(kept));
    const at = new Date(kept.step.at);
    this.rows.set(id, { ...row, state, steps: kept.step.n, lastAt: at, lastBy: kept.step.by, endedAt: state === "finished" || state === "abandoned" ? at : null });
    return Promise.resolve(true);
  };
  forget: AssistantRuns["forget"] = (shop) => {
    for (const [id, row] of this.rows) if (row.shop === shop) this.rows.delete(id);
    return Promise.resolve();
  };

  #of(shop: string, id: string): KeptRun | null {
    const row = this.rows.get(id);
    return row?.shop === shop ? row : null;
  }
}
