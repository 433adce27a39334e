/** The scanner without WebAssembly: it finds the lines, and asks the reference about every one of them. Several times slower, never different. */
import { ROW, ROW_WIDTH } from "#app/vault/index.ts";
import { ASK, ASK_WIDTH, EXTRA_A_LINE, KindNames, type Found, type LineScanner } from "./line-scanner.ts";

const MAX_ROWS = 4096;
const EXTRA_BYTES = 256 * 1024;
/** More names than these are forgotten before the next call. */
const MAX_KINDS = 4096;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;

export class PlainScanner implements LineScanner {
  readonly memory: Buffer;
  readonly free = 0;
  readonly rows = new Int32Array(MAX_ROWS * ROW_WIDTH);
  readonly asks = new Int32Array(MAX_ROWS * ASK_WIDTH);
  readonly extra = Buffer.alloc(EXTRA_BYTES);
  readonly #names = new KindNames();
  #found: Found = { rows: 0, asks: 0, lines: 0, extra: 0 };

  constructor(bytes: number) {
    this.memory = Buffer.alloc(bytes);
  }

  get found(): Found {
    return this.#found;
  }

  get kinds(): readonly string[] {
    return this.#names.all;
  }

  scan(from: number, to: number, maxLine: number, _askAll: boolean): number {
    if (this.#names.all.length > MAX_KINDS) this.#names.forget();
    let rows = 0;
    let lines = 0;
    let extra = 0;
    let at = from;
    for (; at < to && rows < MAX_ROWS && extra + EXTRA_A_LINE <= EXTRA_BYTES; lines++) {
      const end = this.memory.indexOf(NEWLINE, at);
      if (end - at > maxLine || !isBlank(this.memory, at, end)) {
        this.rows[rows * ROW_WIDTH + ROW.start] = at - from;
        this.rows[rows * ROW_WIDTH + ROW.end] = end - from;
        this.asks[rows * ASK_WIDTH + ASK.row] = rows;
        this.asks[rows * ASK_WIDTH + ASK.line] = lines;
        this.asks[rows * ASK_WIDTH + ASK.extra] = extra;
        extra += Math.min(end - at, EXTRA_A_LINE);
        rows++;
      }
      at = end + 1;
    }
    this.#found = { rows, asks: rows, lines, extra };
    return at;
  }

  kindNumber(kind: string): number {
    return this.#names.number(kind) ?? this.#names.add(kind);
  }

  wipe(): void {
    this.#names.forget();
    this.memory.fill(0);
    this.extra.fill(0);
  }
}

/** Nothing but spaces, tabs and "\r". */
export function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== TAB && byte !== CARRIAGE_RETURN) return false;
  }
  return true;
}
