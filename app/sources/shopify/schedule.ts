/**
 * In which order the streams of a run are read. All bulk operations are asked for at the beginning and wait in the shop's queue, five at a time; while the shop
 * prepares them, what is read page by page is read; then the results, as they become ready. A part that needs the roots of its kind comes right after it.
 */
import type { RecordBatch, SourceRecord } from "#app/vault/index.ts";
import type { SourceStream } from "../port.ts";
import type { BulkQuery } from "./bulk.ts";
import type { Kind, Part } from "./catalogue/kind.ts";
import { countNow } from "./counts.ts";
import { bulkStream } from "./streams/bulk-stream.ts";
import { Addresses, contentStream } from "./streams/content-stream.ts";
import { detailsStream } from "./streams/details-stream.ts";
import { metaobjectStream } from "./streams/metaobject-stream.ts";
import { pagedStream } from "./streams/paged-stream.ts";
import type { Reading } from "./streams/reading.ts";
import { RootIds } from "./streams/root-ids.ts";

interface Waiting {
  readonly bulk: BulkQuery;
  readonly streams: () => Generator<SourceStream>;
}

export async function* inTurn(reading: Reading, catalogue: readonly Kind[]): AsyncGenerator<SourceStream> {
  const waiting: Waiting[] = catalogue.flatMap((kind) => bulks(reading, kind));
  for (const { bulk } of waiting) bulk.begin();
  for (const kind of catalogue) {
    if (kind.read.how !== "bulk") yield* paged(reading, kind);
  }
  while (waiting.length > 0) {
    if (!waiting.some(({ bulk }) => bulk.isOver)) await Promise.race(waiting.map(({ bulk }) => bulk.over().catch(() => undefined)));
    const at = waiting.findIndex(({ bulk }) => bulk.isOver);
    yield* waiting.splice(at, 1)[0]!.streams();
  }
}

function bulks(reading: Reading, kind: Kind): Waiting[] {
  const { read, count, parts } = kind;
  const all: Waiting[] = [];
  const search = reading.changed(kind.stream);
  if (read.how === "bulk") {
    const partial = search !== null && read.narrowed !== null;
    const bulk = reading.bulk(kind.stream, partial ? read.narrowed!(search) : read.query, async () => (count === null || partial ? null : countNow(reading.client, count, reading.signal)));
    const after = partsOf(reading, kind, partial);
    all.push({
      bulk,
      *streams() {
        yield bulkStream(reading, { kind, stream: kind.stream, bulk, partial, onBatch: after.note });
        yield* after.streams();
      },
    });
  }
  for (const part of parts) {
    if (part.how !== "bulk") continue;
    const partial = search !== null && part.narrowed !== null;
    const bulk = reading.bulk(part.stream, partial ? part.narrowed!(search) : part.query, () => Promise.resolve(null));
    all.push({ bulk, *streams() { yield bulkStream(reading, { kind, stream: part.stream, bulk, partial, childrenOnly: true }); } });
  }
  return all;
}

function* paged(reading: Reading, kind: Kind): Generator<SourceStream> {
  const after = partsOf(reading, kind, false);
  yield kind.read.how === "by-type" ? metaobjectStream(reading, kind) : pagedStream(reading, kind, after.note);
  yield* after.streams();
}

/** The parts that follow the roots of their kind: they see every batch of them go by. */
function partsOf(reading: Reading, kind: Kind, partial: boolean): { note: (batch: RecordBatch | readonly SourceRecord[]) => void; streams: () => Generator<SourceStream> } {
  const noters: ((batch: RecordBatch | readonly SourceRecord[]) => void)[] = [];
  const later: (() => SourceStream)[] = [];
  for (const part of kind.parts) follow(part);
  return {
    note: (batch) => {
      for (const note of noters) note(batch);
    },
    *streams() {
      for (const stream of later) yield stream();
    },
  };

  function follow(part: Part): void {
    if (part.how === "details") {
      const roots = new RootIds(kind.types[0] ?? kind.kind);
      noters.push((batch) => roots.note(batch));
      later.push(() => detailsStream(reading, part, roots, partial));
    } else if (part.how === "content") {
      const addresses = new Addresses(part);
      // What has files is read page by page: the platform's bulk queries do not take them.
      noters.push((batch) => void ("rows" in batch || addresses.note(batch)));
      later.push(() => contentStream(reading, kind, part, addresses));
    }
  }
}
