/** A file as a source of bytes. They are read straight into the memory where they are scanned, the next while the last are worked on. */
import type { FileHandle } from "node:fs/promises";
import type { ByteSource } from "../records/index.ts";

/** Stops with the signal's reason when it aborts. `failed` says in the source's own terms what went wrong with the file. */
export function fileBytes(file: FileHandle, signal: AbortSignal, failed: (cause: unknown) => Error): ByteSource {
  return {
    readsAhead: true,
    async read(into) {
      signal.throwIfAborted();
      try {
        return (await file.read(into, 0, into.length, null)).bytesRead;
      } catch (cause) {
        throw failed(cause);
      }
    },
    close: () => file.close(),
  };
}
