/** A line that arrives in many pieces, copied together; one longer than allowed is only counted, never held. */
export class LongLine {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Copies what it is given. */
  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    else this.#parts.push(Buffer.from(bytes));
  }

  /** Null: it is too long. */
  whole(): Buffer | null {
    return this.#bytes > this.#maxBytes ? null : Buffer.concat(this.#parts, this.#bytes);
  }
}
