/** Whether the newest state that could be brought back is older than the goal, stream by stream. Measuring also writes the rows that the chart shows. */
import { isBreached, measureRecoveryPoints } from "../../capture/measure-recovery-points.ts";
import { streamSubject } from "../phi-streams.ts";
import type { Finding, Watched, WatchContext, WatchPorts } from "../watch.ts";

/** So many times the goal, and it is no longer a matter of a late run. */
const FAR = 3;

export async function watchRecoveryPoints(ports: WatchPorts, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const measured = await measureRecoveryPoints(ports, { shop });
  // Before the first snapshot nothing is missed; the overview says what comes first.
  if (measured.every(({ ageMs }) => ageMs === null)) return null;
  const findings = measured.filter(isBreached).map(({ stream, ageMs, objectiveMs, basis, pending }): Finding => {
    const far = ageMs !== null && ageMs > FAR * objectiveMs;
    return { code: "alert.recovery_point_breached", subject: streamSubject(stream), severity: far ? "critical" : "warning", facts: { objectiveMs, basis, pending, ...(ageMs === null ? {} : { ageMs }) } };
  });
  return { codes: ["alert.recovery_point_breached"], findings, asOf: ports.clock.now() };
}
