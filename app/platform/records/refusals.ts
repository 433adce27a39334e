/** What was refused within the last hour, in memory and bounded: whoever comes after many thousand others is entered once more, never left out. */
import type { Refusals } from "#app/workflows/ports/refusals.ts";

const HOUR_MS = 3_600_000;
const MOST = 10_000;

export function refusals(): Refusals {
  /** Oldest first. */
  const last = new Map<string, number>();
  return {
    isNew: (key, at) => {
      const now = at.getTime();
      const before = last.get(key);
      // A clock that was set back must not silence anybody.
      if (before !== undefined && now >= before && now - before < HOUR_MS) return false;
      last.delete(key);
      last.set(key, now);
      for (const [oldest, when] of last) {
        if (last.size <= MOST && now - when < HOUR_MS) break;
        last.delete(oldest);
      }
      return true;
    },
  };
}
