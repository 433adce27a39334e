/** Collects the gaps of one stream with bounded memory: a wrong file of ten million lines must not become ten million objects. */
import type { Gap, GapCode } from "#app/vault/index.ts";

/** Gaps told one by one; beyond these only their number is kept, per code. */
export const MAX_SINGLE_GAPS = 10_000;

export class GapList {
  readonly #stream: string;
  readonly #single: Gap[] = [];
  readonly #beyond = new Map<GapCode, number>();

  constructor(stream: string) {
    this.#stream = stream;
  }

  add(code: GapCode, line: number): void {
    if (this.#single.length < MAX_SINGLE_GAPS) this.#single.push({ code, stream: this.#stream, line });
    else this.#beyond.set(code, (this.#beyond.get(code) ?? 0) + 1);
  }

  /** In the order met; at the end one gap per code that stands for all further ones, their number in `found`. */
  all(): readonly Gap[] {
    if (this.#beyond.size === 0) return this.#single;
    return [...this.#single, ...[...this.#beyond].map(([code, found]) => ({ code, stream: this.#stream, found }))];
  }
}
