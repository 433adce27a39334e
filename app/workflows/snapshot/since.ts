/** Since when a snapshot of changes has to ask, stream by stream, so that nothing falls between it and what the vault has. Pure. */
import type { SourceRun } from "#app/sources/port.ts";
import type { Gap, SnapshotManifest } from "#app/vault/index.ts";

/** The shop's clock and ours may differ, and a change may be found by a search a little after it was made. */
export const OVERLAP_MS = 10 * 60_000;

/**
 * Null: read everything. Otherwise everything that has changed since the newest snapshot began; a stream that it did not read to the end is asked for since the
 * last one that did.
 */
export function changesSince(snapshots: readonly Pick<SnapshotManifest, "startedAt" | "gaps" | "gapCount" | "source">[], apiVersion: string | undefined): NonNullable<SourceRun["since"]> | null {
  const newest = snapshots[0];
  // Gaps that were not kept could be of any stream; another version may spell the same record otherwise.
  if (newest === undefined || newest.gapCount > newest.gaps.length || newest.source.apiVersion !== apiVersion) return null;
  const streams: Record<string, string | null> = {};
  for (const stream of new Set(newest.gaps.filter(hides).map((gap) => gap.stream))) {
    const whole = snapshots.find(({ gaps, gapCount, source }) => gapCount <= gaps.length && source.apiVersion === apiVersion && !gaps.some((gap) => gap.stream === stream && hides(gap)));
    streams[stream] = whole === undefined ? null : earlier(whole.startedAt);
  }
  return { at: earlier(newest.startedAt), streams };
}

/** Something of the stream was not read. Counts that do not match may mean that, too. */
function hides({ code, reason }: Gap): boolean {
  return code !== "record.duplicate" && code !== "count.unknown" && !(code === "stream.partial" && reason === "incremental");
}

function earlier(at: string): string {
  return new Date(Date.parse(at) - OVERLAP_MS).toISOString();
}
