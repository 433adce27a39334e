/** At the start of a life: bulk operations that an earlier one left behind are waited for, and what they created is read from their results. */
import { CATALOGUE } from "../catalogue/all.ts";
import type { Operation } from "../operation.ts";
import type { Operations } from "../operations.ts";
import { isOver } from "../operation.ts";
import type { Asked, History } from "./history.ts";
import type { Identities } from "./identities.ts";
import type { Requests } from "./requests.ts";

export interface RecoverTools {
  readonly requests: Requests;
  readonly operations: Operations;
  readonly history: History;
  readonly identities: Identities;
}

export async function recover({ requests, operations, history, identities }: RecoverTools, signal: AbortSignal): Promise<void> {
  for (const [id, newId] of history.created) identities.pair(id, newId);
  if (history.asked.size === 0) return;
  const left = await operations.named(`mutation ${history.name}_`, signal);
  const creations = [...history.asked.values()].filter((asked) => asked.what === "create" && asked.ids.some((id) => !history.created.has(id) && !history.done.has(id)));
  const read = new Set<string>();
  for (const asked of creations) {
    const operation = left.find(({ query }) => query.includes(`mutation ${asked.batch}(`)) ?? (asked.operation === null ? null : await operations.get(asked.operation, signal));
    if (operation === null) continue;
    read.add(operation.id);
    await takeResults(operation, asked);
  }
  // Whatever else of ours still runs would write under the hands of this life.
  for (const operation of left) if (!read.has(operation.id) && !isOver(operation)) await requests.over(operation);

  async function takeResults(operation: Operation, { kind, ids }: Asked): Promise<void> {
    const write = CATALOGUE.find((one) => one.kind === kind)?.write ?? null;
    if (write === null) return;
    const results = await requests.results(operation, write, ids.length);
    const made = ids.flatMap((id, n): (readonly [string, string])[] => {
      const result = results[n]!;
      return result.done && result.id !== null && !history.created.has(id) ? [[id, result.id]] : [];
    });
    await history.create(made);
    for (const [id, newId] of made) identities.pair(id, newId);
  }
}
