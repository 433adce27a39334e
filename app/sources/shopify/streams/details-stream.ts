/** What no bulk query reaches of a kind, asked for by the ids of its roots, a few requests at a time. */
import type { Gap, SourceRecord } from "#app/vault/index.ts";
import type { SourceStream, StreamOutcome } from "../../port.ts";
import { detailRecords, type DetailPart, type Details } from "../catalogue/details.ts";
import type { Reading } from "./reading.ts";
import type { RootIds } from "./root-ids.ts";
import { incremental } from "./bulk-stream.ts";
import { bytesOf } from "./pages.ts";

/** Requests under way at once. More would only wait for the same bucket. */
const AT_ONCE = 4;

export function detailsStream(reading: Reading, part: DetailPart, roots: RootIds, partial: boolean): SourceStream {
  const gaps: Gap[] = [];
  let bytesRead = 0;
  return {
    name: part.stream,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      reading.progress(part.stream, "downloading");
      const under: Promise<Details>[] = [];
      const next = async (): Promise<readonly SourceRecord[]> => {
        const { records, truncated } = await under.shift()!;
        for (const id of truncated) gaps.push({ code: "stream.partial", stream: part.stream, kind: part.kind, id, reason: "TOO_MANY_CHILDREN" });
        bytesRead += bytesOf(records);
        return records;
      };
      try {
        for (const ids of roots.groups(part.batch)) {
          const asked = detailRecords(part, ids, reading.ask);
          // One that fails is met in its turn.
          asked.catch(() => undefined);
          under.push(asked);
          if (under.length < AT_ONCE) continue;
          const records = await next();
          if (records.length > 0) yield records;
        }
        while (under.length > 0) {
          const records = await next();
          if (records.length > 0) yield records;
        }
      } finally {
        await Promise.allSettled(under);
      }
    },
    finish: (): Promise<StreamOutcome> => Promise.resolve({ gaps: partial ? [...gaps, incremental(part.stream)] : gaps, counts: {}, bytesRead }),
  };
}
