/** A look at the platform before a run, unless there was one lately: a field that has gone is told before the run fails on it. Never keeps a snapshot from being taken. */
import type { Ports } from "../ports.ts";
import { checkPlatform } from "./check-platform.ts";

export type LookFirstPorts = Pick<Ports, "ids" | "clock" | "log" | "alerts" | "links" | "stores" | "signer" | "outbox"> & Partial<Pick<Ports, "platforms" | "surveys" | "coverageTasks">>;

/** A look costs about as many requests as there are twenty types; schemas do not change by the minute. */
export const LATELY_MS = 3_600_000;

export async function lookFirst(ports: LookFirstPorts, shop: string, signal: AbortSignal): Promise<void> {
  const { platforms, surveys, coverageTasks } = ports;
  if (platforms === undefined || surveys === undefined || coverageTasks === undefined) return;
  const last = await platforms.get(shop);
  if (last !== null && ports.clock.now().getTime() - last.checkedAt.getTime() < LATELY_MS) return;
  // Its failure is an outcome, and is in the log; the run itself meets whatever is wrong with the shop.
  await checkPlatform({ ...ports, platforms, surveys, coverageTasks }, { shop, signal });
}
