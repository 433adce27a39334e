/** `jsonl:PATH`: a bulk-export file as a source. It cannot say how many records there should be, so it gives no counts. */
import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { RecordBatch } from "#app/vault/index.ts";
import { SourceError, type Source, type SourceRun, type SourceStream } from "../port.ts";
import { readRecords, recordsOf, type RecordReading } from "../records/index.ts";
import { fileBytes } from "./file-bytes.ts";

/** Kinds of a Shopify export whose order carries meaning; the rest of a file may be shuffled without being a change. */
const ORDERED_KINDS: ReadonlySet<string> = new Set(["LineItem", "FulfillmentLineItem", "DraftOrderLineItem"]);

/** Throws SourceError source.not_found, source.unauthorized, source.bad_address (not a file) when the file cannot be read. */
export async function openJsonlSource(file: string): Promise<Source> {
  const probe = await openFile(file);
  try {
    if (!(await probe.stat()).isFile()) {
      throw new SourceError("source.bad_address", "The source is not a regular file.");
    }
  } finally {
    await probe.close();
  }
  const name = path.basename(file);
  return {
    description: { type: "jsonl", name },
    orderedKinds: ORDERED_KINDS,
    async *streams(run) {
      yield fileStream(file, name, run);
    },
  };
}

function fileStream(file: string, name: string, run: SourceRun): SourceStream {
  let reading: RecordReading | undefined;
  let size = 0;
  async function* batches(): AsyncGenerator<RecordBatch> {
    run.onProgress?.({ stream: name, phase: "downloading", resume: {} });
    const handle = await openFile(file);
    ({ size } = await handle.stat());
    reading = readRecords(fileBytes(handle, run.signal, sourceError), { stream: name });
    yield* reading.batches();
    run.onProgress?.({ stream: name, phase: "done", resume: {} });
  }
  return {
    name,
    batches,
    // The file may grow while it is read.
    share: () => (size === 0 ? 0 : Math.min(1, (reading?.bytesRead ?? 0) / size)),
    async *records() {
      for await (const batch of batches()) yield recordsOf(batch);
    },
    async finish() {
      return { gaps: reading?.gaps ?? [], counts: {}, bytesRead: reading?.bytesRead ?? 0 };
    },
  };
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (cause) {
    throw sourceError(cause);
  }
}

function sourceError(cause: unknown): SourceError {
  switch (isSystemError(cause) ? cause.code : undefined) {
    case "ENOENT":
    case "ENOTDIR":
      return new SourceError("source.not_found", "The source file does not exist.", { cause });
    case "EACCES":
    case "EPERM":
      return new SourceError("source.unauthorized", "The source file may not be read by this user.", { cause });
    case "EISDIR":
      return new SourceError("source.bad_address", "The source is a directory, not a file.", { cause });
    default:
      return new SourceError("source.failed", "The source file could not be read.", { cause, retry: "later" });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return typeof error === "object" && error !== null && "syscall" in error && "code" in error && typeof error.code === "string";
}
