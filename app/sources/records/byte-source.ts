/** Where a reading takes its bytes from: a file is read straight into the scanner's memory, a download is copied there. */

export interface ByteSource {
  /** Puts the next bytes into `into`, at least one, or gives 0 at the end. `into` may be kept only until the promise settles. */
  read(into: Uint8Array): Promise<number>;
  /** The next read may be asked for while the result of the last is worked on. */
  readonly readsAhead: boolean;
  /** Called once, when nothing more is wanted; no read is under way then. */
  close(): Promise<void>;
}

/** Gathers chunks until `into` is full, so that small ones cost no more than large ones. A chunk is not touched after the next is asked for. */
export function fromChunks(chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array | null = null;
  let ended = false;
  return {
    readsAhead: false,
    async read(into) {
      let filled = 0;
      while (filled < into.length) {
        if (rest === null) {
          if (ended) break;
          // One that fails or ends needs no closing, one that is left before does.
          ended = true;
          const next = await iterator.next();
          if (next.done === true) break;
          ended = false;
          rest = next.value;
        }
        const take: Uint8Array = rest.subarray(0, into.length - filled);
        into.set(take, filled);
        filled += take.length;
        rest = take.length === rest.length ? null : rest.subarray(take.length);
      }
      return filled;
    },
    async close() {
      if (!ended) await iterator.return?.();
    },
  };
}
