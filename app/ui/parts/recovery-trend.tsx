/** The chart of recovery points. Loaded only when seen; the table beside it carries the data. */
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import type { RecoverySeries } from "../models/recovery.ts";
import { clockTime, duration } from "../wording/time.ts";
import { ticksUpTo } from "./drill-trend.tsx";

export default function RecoveryTrend({ series, objectiveMs }: { series: RecoverySeries; objectiveMs: number }) {
  const points = series.points.map(({ at, ageMs }) => ({ at: clockTime(at, "UTC", false), ageMs }));
  const highest = Math.max(...points.map(({ ageMs }) => ageMs ?? 0), 1000);
  const showGoal = objectiveMs <= highest * 3;
  const ticks = ticksUpTo(showGoal ? Math.max(highest, objectiveMs) : highest);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={points} margin={{ top: 8, right: 16, bottom: 4, left: 4 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--p-color-border-secondary)" />
        <XAxis dataKey="at" tick={{ fontSize: 12, fill: "var(--p-color-text-secondary)" }} tickLine={false} minTickGap={48} />
        <YAxis width={72} domain={[0, ticks.at(-1) ?? highest]} ticks={ticks} tickFormatter={(ms: number) => duration(ms).replace(/ /g, "\u00a0")} tick={{ fontSize: 12, fill: "var(--p-color-text-secondary)" }} tickLine={false} axisLine={false} />
        {showGoal ? <ReferenceLine y={objectiveMs} stroke="var(--p-color-text-secondary)" strokeDasharray="4 4" label={{ value: "goal", position: "insideTopRight", fontSize: 12 }} /> : null}
        <Line type="stepAfter" dataKey="ageMs" stroke="var(--p-color-text-emphasis)" strokeWidth={2} isAnimationActive={false} dot={false} connectNulls={false} />
      </LineChart>
    </ResponsiveContainer>
  );
}
