/** The ids of a kind's roots as they pass by, for what must be asked for root by root afterwards. Eight bytes each: a million roots take 8 MB. */
import { ROW, ROW_WIDTH, type RecordBatch, type SourceRecord } from "#app/vault/index.ts";

export class RootIds {
  readonly #type: string;
  #numbers = new Float64Array(1024);
  #count = 0;

  /** `type`: the type in their GIDs. */
  constructor(type: string) {
    this.#type = type;
  }

  get count(): number {
    return this.#count;
  }

  /** Ids that are no GID with a number are not taken: nothing can be asked for by them. */
  note(batch: RecordBatch | readonly SourceRecord[]): void {
    if ("rows" in batch) this.#noteRows(batch);
    else for (const record of batch) if (record.parentId === null && record.kind === this.#type) this.#add(record.id);
  }

  /** In order of arrival, so many at a time. */
  *groups(size: number): Generator<readonly string[]> {
    for (let at = 0; at < this.#count; at += size) {
      yield Array.from(this.#numbers.subarray(at, Math.min(this.#count, at + size)), (number) => `gid://shopify/${this.#type}/${number}`);
    }
  }

  #noteRows({ rows, bytes, count, kinds }: RecordBatch): void {
    const type = kinds.indexOf(this.#type);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let n = 0; n < count; n++) {
      const row = n * ROW_WIDTH;
      if (rows[row + ROW.kind] !== type || rows[row + ROW.parentStart] !== -1) continue;
      this.#add(text.toString("latin1", rows[row + ROW.idStart], rows[row + ROW.idEnd]));
    }
  }

  #add(id: string): void {
    const number = Number(/\/(\d{1,15})$/.exec(id)?.[1] ?? NaN);
    if (Number.isNaN(number)) return;
    if (this.#count === this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#count++] = number;
  }
}
