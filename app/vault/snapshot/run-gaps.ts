/** What a run met that should not be: gaps, and what the source said it has. */
import type { Gap } from "../record.ts";

/** Gaps kept in the manifest; all are counted. */
const GAPS_KEPT = 1000;

export class RunGaps {
  readonly kept: Gap[] = [];
  count = 0;
  /** Something may have hidden records. */
  hidden = false;
  readonly expected = new Map<string, { expected: number; at: string }>();

  note(gap: Gap): void {
    this.count++;
    if (this.kept.length < GAPS_KEPT) this.kept.push(gap);
    if (gap.code !== "record.duplicate" && gap.code !== "count.mismatch" && gap.code !== "count.unknown") this.hidden = true;
  }

  expect(kind: string, expected: number, at: string): void {
    const before = this.expected.get(kind);
    // Two streams may each count their part of a kind.
    this.expected.set(kind, { expected: expected + (before?.expected ?? 0), at: before === undefined || at > before.at ? at : before.at });
  }
}
