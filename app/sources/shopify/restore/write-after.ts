/** Writes what hangs on roots that exist by now (store credit, contacts of companies), many in one bulk mutation. */
import type { Family, FollowUp, Node } from "../catalogue/kind.ts";
import { References } from "../references.ts";
import { runBulkMutation, type BulkMutationOptions } from "./bulk-mutation.ts";
import type { RestoreProgress } from "./progress.ts";

export async function writeAfter(steps: readonly FollowUp[], families: readonly Family[], progress: RestoreProgress, options: BulkMutationOptions): Promise<void> {
  for (const step of steps) {
    const lines: { readonly of: Node; readonly variables: Readonly<Record<string, unknown>> }[] = [];
    for (const family of families) {
      const newId = progress.ids.get(family.root.id);
      if (newId !== undefined) lines.push(...step.each(family, newId, new References(progress.ids)));
    }
    if (lines.length === 0) continue;
    const results = await runBulkMutation(
      step,
      lines.map(({ variables }) => variables),
      options,
    );
    progress.charge(lines.length);
    for (const [n, { of }] of lines.entries()) {
      const result = results[n]!;
      if (!result.done) progress.refuse(of, result.code);
      else if (result.id !== null) progress.ids.set(of.id, result.id);
    }
  }
}
