/**
 * The bytes of files that records point to, streamed: no file is held, and a cut connection goes on where it stopped. A file whose bytes cannot be had is a
 * named gap; the others go on.
 */
import type { Gap, SourceRecord } from "#app/vault/index.ts";
import { SourceError, type SourceStream, type StreamOutcome } from "../../port.ts";
import { throwIfCancelled } from "../client.ts";
import { contentRecords } from "../catalogue/content.ts";
import { asObject, type Kind, type Part } from "../catalogue/kind.ts";
import { download } from "../download.ts";
import type { Reading } from "./reading.ts";

export type ContentPart = Extract<Part, { readonly how: "content" }>;

/** What there is to download, gathered while the records pass by. Addresses are the platform's, and are asked for again when they do not answer. */
export class Addresses {
  readonly #part: ContentPart;
  readonly found: { readonly id: string; readonly address: string }[] = [];

  constructor(part: ContentPart) {
    this.#part = part;
  }

  note(batch: readonly SourceRecord[]): void {
    for (const record of batch) {
      if (record.parentId !== null) continue;
      const fields = asObject(JSON.parse(Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.byteLength).toString("utf8")));
      const address = fields === null ? null : this.#part.address(fields);
      if (address !== null) this.found.push({ id: record.id, address });
    }
  }
}

export function contentStream(reading: Reading, kind: Kind, part: ContentPart, addresses: Addresses): SourceStream {
  const gaps: Gap[] = [];
  let bytesRead = 0;
  return {
    name: part.stream,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      reading.progress(part.stream, "downloading");
      for (const { id, address } of addresses.found) {
        try {
          for await (const record of contentRecords(id, counted(bytesOf(reading, kind, part, id, address), (bytes) => (bytesRead += bytes)))) yield [record];
        } catch (error) {
          if (!(error instanceof SourceError) || error.code === "source.cancelled") throw error;
          gaps.push({ code: "stream.cut", stream: part.stream, kind: part.kind, id });
        }
      }
    },
    finish: (): Promise<StreamOutcome> => Promise.resolve({ gaps, counts: {}, bytesRead }),
  };
}

function bytesOf(reading: Reading, kind: Kind, part: ContentPart, id: string, address: string): AsyncIterable<Uint8Array> {
  return download({
    address: async ({ again }) => {
      if (!again) return address;
      if (kind.one === null) return null;
      const node = asObject((await reading.ask(kind.one, { id }))["node"]);
      return node === null ? null : part.address(node);
    },
    size: null,
    fetch: reading.fetch,
    sleep: reading.operations.sleep,
    signal: reading.signal,
    onCut: () => {
      throwIfCancelled(reading.signal);
      throw new SourceError("source.failed", "a file could not be read to its end", { reason: "CONTENT_CUT" });
    },
  });
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}
