/**
 * A schedule's time has come. Full snapshots and readings of changes are one sort of run, of which a shop has one at a time: the full one is the truth and must not be lost to a reading of changes that
 * happens to be under way, while a reading of changes that finds any other under way is not needed.
 */
import type { Ports } from "../ports.ts";
import { requestSnapshot } from "./request-snapshot.ts";

/** "later": it is still due, and is asked for again at the next look. */
export type AskedWhenDue = "asked" | "later";

type DuePorts = Parameters<typeof requestSnapshot>[0];

export async function requestDueSnapshot(ports: DuePorts & Pick<Ports, "runs">, o: { readonly shop: string; readonly dueAt: Date; readonly scope: "whole" | "changes" }): Promise<AskedWhenDue> {
  const { shop, dueAt, scope } = o;
  const asked = await requestSnapshot(ports, { shop, dueAt, scope, actor: { kind: "schedule", shop } });
  return scope === "whole" && asked.kind === "already-running" && asked.run.input["scope"] === "changes" ? "later" : "asked";
}
