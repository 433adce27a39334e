/** Reads a file in large pieces through two buffers in turn: the next piece is on its way while the last one is worked on. */
import type { FileHandle } from "node:fs/promises";

const PIECE_BYTES = 1024 * 1024;

/** Each piece is valid only until the next one is asked for. Stops at once with the signal's reason when it aborts. */
export async function* readPieces(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let current = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let next = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let pending = file.read(current, 0, PIECE_BYTES, null);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await pending;
      if (bytesRead === 0) return;
      pending = file.read(next, 0, PIECE_BYTES, null);
      yield current.subarray(0, bytesRead);
      [current, next] = [next, current];
    }
  } finally {
    // The read under way must end before the caller closes the file; its failure no longer matters to anybody.
    await pending.catch(() => undefined);
  }
}
