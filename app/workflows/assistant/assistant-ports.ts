/** The ports with the runs of the assistant among them. */
import type { Ports } from "../ports.ts";

/** Null where a process keeps no runs (no database). */
export function assistantPorts(ports: Ports): (Ports & Required<Pick<Ports, "assistantRuns">>) | null {
  const { assistantRuns } = ports;
  return assistantRuns === undefined ? null : { ...ports, assistantRuns };
}
