/** A kind with few members, read page by page to its end. The shop has no count of it to compare with. */
import type { SourceRecord } from "#app/vault/index.ts";
import type { SourceStream, StreamOutcome } from "../../port.ts";
import type { Kind } from "../catalogue/kind.ts";
import type { Reading } from "./reading.ts";
import { bytesOf, pages } from "./pages.ts";

export function pagedStream(reading: Reading, kind: Kind): SourceStream {
  const { read } = kind;
  let bytesRead = 0;
  return {
    name: kind.stream,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      if (read.how !== "pages") return;
      reading.progress(kind.stream, "downloading");
      for (const variables of read.variables) {
        for await (const batch of pages(reading, read.query, read.connection, variables)) {
          bytesRead += bytesOf(batch);
          yield batch;
        }
      }
    },
    finish: (): Promise<StreamOutcome> => Promise.resolve({ gaps: [], counts: {}, bytesRead }),
  };
}
