/** What a run came to, for whoever makes the plan. */
import { outcomeOf } from "#app/response/index.ts";
import type { Ports, RestoreSelection } from "../ports.ts";
import { readRun } from "./read-run.ts";

export interface AssistantOutcome {
  readonly runId: string;
  readonly scenario: string;
  readonly treeVersion: string;
  readonly treeDigest: string;
  readonly selection: RestoreSelection;
  /** ISO 8601: the last second in which everything was right; null: nobody knows, the snapshot it is. */
  readonly at: string | null;
  /** The newest good snapshot that was found. */
  readonly snapshotId: string | null;
  readonly conflicts: "review" | "restore" | null;
  readonly extras: "keep" | "remove" | null;
}

/** Null: there is no such run, it has not come to an end, was abandoned, or ends in something other than a restore. */
export async function assistantOutcome(ports: Pick<Ports, "assistantRuns">, { shop, runId }: { readonly shop: string; readonly runId: string }): Promise<AssistantOutcome | null> {
  if (ports.assistantRuns === undefined) return null;
  const read = await readRun(ports.assistantRuns, shop, runId);
  const plan = read === null ? null : (outcomeOf(read.run)?.plan ?? null);
  if (read === null || plan === null) return null;
  const { row } = read;
  const { selection: chosen, at, snapshotId, hints } = plan;
  return {
    runId, scenario: row.scenario, treeVersion: row.treeVersion, treeDigest: row.treeDigest, selection: selectionOf(chosen), at, snapshotId, conflicts: hints.conflicts ?? null, extras: hints.extras ?? null,
  };
}

type Chosen = NonNullable<NonNullable<ReturnType<typeof outcomeOf>>["plan"]>["selection"];

/** Customers are people: what names them comes with them. */
function selectionOf(chosen: Chosen): RestoreSelection {
  switch (chosen.what) {
    case "everything":
      return { scope: "everything" };
    case "kinds":
      return { scope: "kinds", kinds: chosen.kinds };
    case "namespace":
      return { scope: "namespace", namespace: chosen.namespace };
    default:
      return { scope: chosen.ids.every((id) => id.startsWith("gid://shopify/Customer/")) ? "person" : "records", ids: chosen.ids };
  }
}
