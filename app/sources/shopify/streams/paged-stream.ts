/** A kind that is read page by page to its end, or of which the shop has only one. */
import type { Gap, SourceRecord } from "#app/vault/index.ts";
import type { SourceStream, StreamOutcome } from "../../port.ts";
import { objectRecords } from "../catalogue/current.ts";
import type { Kind } from "../catalogue/kind.ts";
import { COUNTED_AT_ONCE, countByWindows, countNow, expectation, reconciled } from "../counts.ts";
import type { Reading } from "./reading.ts";
import { bytesOf, pages } from "./pages.ts";
import { streamFailure } from "./tolerant.ts";

export function pagedStream(reading: Reading, kind: Kind, onBatch: (batch: readonly SourceRecord[]) => void = () => undefined): SourceStream {
  const { read, count } = kind;
  const gaps: Gap[] = [];
  let bytesRead = 0;
  let roots = 0;
  let before: number | null = null;
  let from: string | undefined;
  /** The last id number of every window that can be counted by itself, and the last one seen. */
  const bounds: string[] = [];
  let last: string | null = null;

  async function* found(): AsyncGenerator<readonly SourceRecord[]> {
    if (read.how === "object") yield await objectRecords(kind, reading.ask);
    if (read.how !== "pages") return;
    let refused = 0;
    for (const variables of read.variables) {
      try {
        yield* pages(reading, { kind, query: read.query, connection: read.connection, window: read.window, onGap: (gap) => gaps.push(gap) }, variables);
      } catch (error) {
        // One of several sets (an owner type whose scope is missing) costs itself only.
        const reason = streamFailure(error);
        if (reason === null || ++refused === read.variables.length) throw error;
        gaps.push({ code: "stream.failed", stream: kind.stream, reason });
      }
    }
  }

  /** Only what is read in the order of its ids, in one go, can be counted in windows of them. */
  async function inWindows(): Promise<number | null> {
    if (count?.windowed === undefined || read.how !== "pages" || read.window === null || read.variables.length !== 1 || last === null) return null;
    return await countByWindows(reading.client, { ...count, windowed: count.windowed }, bounds.at(-1) === last ? bounds : [...bounds, last], reading.signal);
  }

  return {
    name: kind.stream,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      reading.progress(kind.stream, "downloading");
      from = reading.clock.now().toISOString();
      if (count !== null) before = await countNow(reading.client, count, reading.signal);
      for await (const batch of found()) {
        bytesRead += bytesOf(batch);
        for (const { parentId, id } of batch) {
          if (parentId !== null) continue;
          last = /(\d+)$/.exec(id)?.[1] ?? null;
          if (++roots % COUNTED_AT_ONCE === 0 && last !== null) bounds.push(last);
        }
        onBatch(batch);
        yield batch;
      }
    },
    async finish(): Promise<StreamOutcome> {
      if (count === null) return { gaps, counts: {}, bytesRead };
      const after = await countNow(reading.client, count, reading.signal);
      const at = reading.clock.now().toISOString();
      const counted = after ?? (await inWindows());
      const said = expectation({ before: after === null ? counted : before, after: counted, at, drift: await reading.drift(kind.kind, from, at) }, roots);
      const { gaps: more, counts } = reconciled(kind, said, roots);
      return { gaps: [...gaps, ...more], counts, bytesRead };
    },
  };
}
