/** A run as it stands: its own tree, checked against its digest, and its steps played again. */
import { freeze, replay, type FrozenTree, type RunState } from "#app/response/index.ts";
import type { AssistantRuns, KeptRun, KeptStep } from "../ports.ts";

export interface ReadRun {
  readonly row: KeptRun;
  readonly frozen: FrozenTree;
  readonly steps: readonly KeptStep[];
  readonly run: RunState;
}

/** Null: the shop has no such run. Throws ResponseError for a tree that is not the one that was frozen, and for steps that cannot have happened. */
export async function readRun(runs: AssistantRuns, shop: string, id: string): Promise<ReadRun | null> {
  const row = await runs.get(shop, id);
  if (row === null) return null;
  const steps = await runs.steps(shop, id);
  const frozen = freeze(row.tree, row.treeDigest);
  return { row, frozen, steps, run: replay(frozen.tree, steps.map(({ step }) => step)) };
}
