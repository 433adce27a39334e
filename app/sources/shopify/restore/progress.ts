/** What a restore has done so far. One per run. */
import type { RestoreOutcome, RestoreRun } from "../../port.ts";
import { MUTATION_COST, type Family, type Node } from "../catalogue/kind.ts";

export class RestoreProgress {
  readonly ids = new Map<string, string>();
  readonly refused: { id: string; kind: string; code: string }[] = [];
  /** Metafields to be set when everything they may refer to exists. */
  readonly later: Node[] = [];
  #created = 0;
  #records = 0;
  #cost = 0;
  readonly #run: RestoreRun;

  constructor(run: RestoreRun) {
    this.#run = run;
  }

  charge(mutations: number): void {
    this.#cost += mutations * MUTATION_COST;
  }

  /** A family exists; those of its children that are in `later` are counted when they are written. */
  created(family: Family, newId: string, waiting: number): void {
    this.ids.set(family.root.id, newId);
    this.#created++;
    this.seen(1 + family.children.length - waiting);
  }

  seen(records: number): void {
    this.#records += records;
    this.#run.onProgress?.({ records: this.#records });
  }

  refuse(node: Pick<Node, "id" | "kind">, code: string): void {
    this.refused.push({ id: node.id, kind: node.kind, code });
    this.seen(1);
  }

  outcome(): RestoreOutcome {
    return { created: this.#created, ids: this.ids, refused: this.refused, costPoints: this.#cost };
  }
}
