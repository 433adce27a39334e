/** The chart of recovery points. Loaded only when seen; the table beside it carries the data. */
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import type { RecoverySeries } from "../models/recovery.ts";
import { withBreaks } from "../wording/recovery.ts";
import { clockTime, duration } from "../wording/time.ts";
import { ticksUpTo } from "./drill-trend.tsx";
import { useClock } from "./time.tsx";

export default function RecoveryTrend({ series, objectiveMs }: { series: RecoverySeries; objectiveMs: number }) {
  const { zone } = useClock();
  const points = withBreaks(series.points.map(({ at, ageMs }) => ({ at: Date.parse(at), ageMs })));
  const highest = Math.max(...points.map(({ ageMs }) => ageMs ?? 0), 1000);
  const showGoal = objectiveMs <= highest * 3;
  const ticks = ticksUpTo(showGoal ? Math.max(highest, objectiveMs) : highest);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={[...points]} margin={{ top: 8, right: 16, bottom: 4, left: 4 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--p-color-border-secondary)" />
        <XAxis dataKey="at" type="number" scale="time" domain={["dataMin", "dataMax"]} ticks={hoursOf(points, zone)} tickFormatter={(at: number) => clockTime(new Date(at).toISOString(), zone, false)} tick={{ fontSize: 12, fill: "var(--p-color-text-secondary)" }} tickLine={false} minTickGap={48} />
        <YAxis width={72} domain={[0, ticks.at(-1) ?? highest]} ticks={ticks} tickFormatter={(ms: number) => duration(ms).replace(/ /g, "\u00a0")} tick={{ fontSize: 12, fill: "var(--p-color-text-secondary)" }} tickLine={false} axisLine={false} />
        {showGoal ? <ReferenceLine y={objectiveMs} stroke="var(--p-color-text-secondary)" strokeDasharray="4 4" label={{ value: "allowed", position: "insideTopRight", fontSize: 12 }} /> : null}
        <Line type="stepAfter" dataKey="ageMs" stroke="var(--p-color-text-emphasis)" strokeWidth={2} isAnimationActive={false} dot={false} connectNulls={false} />
      </LineChart>
    </ResponsiveContainer>
  );
}

const HOUR_MS = 3_600_000;

/** Every third full hour of the reader's own clock; for less than six hours every one. */
function hoursOf(points: readonly { readonly at: number }[], zone: string): number[] {
  const [from, to] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const every = to - from < 6 * HOUR_MS ? 1 : 3;
  const ticks: number[] = [];
  // Zones stand whole quarters of an hour apart.
  for (let at = Math.ceil(from / (HOUR_MS / 4)) * (HOUR_MS / 4); at <= to; at += HOUR_MS / 4) {
    const [hour = 0, minute = 0] = clockTime(new Date(at).toISOString(), zone, false).split(":").map(Number);
    if (minute === 0 && hour % every === 0) ticks.push(at);
  }
  return ticks.length > 0 ? ticks : [from];
}
