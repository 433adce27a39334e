/** What a snapshot read, kept as the shop's inventory; namespaces never seen before become tasks. */
import type { CoverageTask, InventoryEntry, Ports, SnapshotReadScope } from "../ports.ts";
import { namespaceTasks } from "./changes.ts";
import { raiseTasks, type TaskPorts } from "./tasks.ts";

export async function keepInventory(
  ports: TaskPorts & Required<Pick<Ports, "inventory">>,
  { shop, snapshotId, at, entries, scope }: { readonly shop: string; readonly snapshotId: string; readonly at: Date; readonly entries: readonly InventoryEntry[]; readonly scope: SnapshotReadScope },
): Promise<readonly CoverageTask[]> {
  // A reading of changes only has numbers of changes: no inventory.
  if (scope === "changes") return [];
  const unseen = await ports.inventory.put(shop, { snapshotId, at, whole: scope === "whole", entries });
  if (unseen === null || unseen.length === 0) return [];
  return raiseTasks(ports, shop, namespaceTasks(unseen, await ports.inventory.list(shop)));
}
