/** Works through what has come due, a few side by side. What nobody can do now is due again when the claim has run out. */
import type { Clock, DueLine } from "../ports.ts";

export interface EachDue<Row> {
  readonly clock: Clock;
  readonly line: DueLine<Row>;
  /** For so long what is taken is nobody else's. Above what the work on all of it takes at most. */
  readonly claimMs: number;
  readonly atOnce: number;
  readonly sideBySide: number;
}

/**
 * Answers for how many `work` said that it did something. One for which it throws holds up no other; the first error is thrown when all are through, so nothing
 * is under way any more when this ends.
 */
export async function eachDue<Row>({ clock, line, claimMs, atOnce, sideBySide }: EachDue<Row>, work: (row: Row) => Promise<boolean>): Promise<number> {
  const now = clock.now();
  const due = [...(await line.claimDue(now, new Date(now.getTime() + claimMs), atOnce))];
  let done = 0;
  const failed: { readonly error: unknown }[] = [];
  const lane = async (): Promise<void> => {
    for (let row = due.shift(); row !== undefined; row = due.shift()) {
      try {
        if (await work(row)) done++;
      } catch (error) {
        failed.push({ error });
      }
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, lane));
  if (failed[0] !== undefined) throw failed[0].error;
  return done;
}

/** How long it can be looked up what was sent and what was asked for. */
const KEEP_MS = 90 * 24 * 3_600_000;

/** Forgets what ended long ago. Answers how many. */
export function forgetEnded(clock: Clock, line: { forget(before: Date): Promise<number> }): Promise<number> {
  return line.forget(new Date(clock.now().getTime() - KEEP_MS));
}
