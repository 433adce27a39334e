/**
 * To which moment each kind goes back. The journal knows every second of what the platform tells of; of the other kinds (files, articles, gift cards …) the last
 * that is known before the chosen second is the snapshot beneath it. Pure.
 */
import type { CaptureCatalogue, KindMoment } from "../ports.ts";

export interface MomentsOf {
  /** What is captured; null: nothing is. */
  readonly capture: Pick<CaptureCatalogue, "kinds"> | null;
  /** Root kinds that the restore changes. */
  readonly kinds: Iterable<string>;
  readonly at: Date;
  /** When the snapshot that the moment is read from was committed, ISO 8601 UTC; null: there is none. */
  readonly base: string | null;
}

/** Kinds that cannot go back to `at`, by name, with the moment that they go back to instead; none where `at` is a snapshot's own. */
export function momentsOf({ capture, kinds, at, base }: MomentsOf): readonly KindMoment[] {
  if (base === null || at.getTime() <= Date.parse(base)) return [];
  const told = new Set((capture?.kinds ?? []).filter(({ hasTopics, fetch }) => hasTopics && fetch !== "none").flatMap(({ kind, types }) => [kind, ...types]));
  return [...new Set(kinds)].filter((kind) => !told.has(kind)).sort().map((kind) => ({ kind, at: base }));
}
