/** The chart of drill times. Loaded only when seen; the table behind it (drill-table.tsx) is what carries the data. */
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import type { DrillRow } from "../models.ts";
import { duration, exact } from "../wording/time.ts";

export default function DrillTrend({ rows, goalMs }: { rows: readonly DrillRow[]; goalMs: number }) {
  const points = [...rows].reverse().map((row) => ({ at: exact(row.startedAt, "UTC").replace(/ \d{4}, .*/, ""), ms: row.rtoMs ?? 0, passed: row.state === "passed" }));
  const highest = Math.max(...points.map((p) => p.ms), 1000);
  const showGoal = goalMs <= highest * 3;
  const ticks = ticksUpTo(showGoal ? Math.max(highest, goalMs) : highest);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={points} margin={{ top: 8, right: 16, bottom: 4, left: 4 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--p-color-border-secondary)" />
        <XAxis dataKey="at" tick={{ fontSize: 12, fill: "var(--p-color-text-secondary)" }} tickLine={false} minTickGap={32} />
        <YAxis width={72} domain={[0, ticks.at(-1) ?? highest]} ticks={ticks} tickFormatter={(ms: number) => duration(ms).replace(/ /g, "\u00a0")} tick={{ fontSize: 12, fill: "var(--p-color-text-secondary)" }} tickLine={false} axisLine={false} />
        {showGoal ? <ReferenceLine y={goalMs} stroke="var(--p-color-text-secondary)" strokeDasharray="4 4" label={{ value: "goal", position: "insideTopRight", fontSize: 12 }} /> : null}
        <Line type="linear" dataKey="ms" stroke="var(--p-color-text-emphasis)" strokeWidth={2} isAnimationActive={false} dot={<Dot />} />
      </LineChart>
    </ResponsiveContainer>
  );
}

/** Round for passed, a cross for failed: shape, not colour, tells them apart. */
function Dot(props: { cx?: number; cy?: number; payload?: { passed: boolean } }) {
  const { cx, cy, payload } = props;
  if (cx === undefined || cy === undefined) return null;
  if (payload?.passed) return <circle cx={cx} cy={cy} r={4} fill="var(--p-color-text-emphasis)" />;
  return <path d={`M${cx - 5},${cy - 5}L${cx + 5},${cy + 5}M${cx - 5},${cy + 5}L${cx + 5},${cy - 5}`} stroke="var(--p-color-text-critical)" strokeWidth={2.5} fill="none" />;
}

const S = 1000;
const STEPS = [0.1 * S, 0.2 * S, 0.5 * S, S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S, 60 * S, 120 * S, 300 * S, 600 * S, 900 * S, 1800 * S, 3600 * S, 7200 * S, 21_600 * S, 43_200 * S, 86_400 * S];

/** Three to five lines at round times. */
export function ticksUpTo(highest: number): number[] {
  const step = STEPS.find((s) => highest / s <= 4) ?? highest / 4;
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, i) => i * step);
}
