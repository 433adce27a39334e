/** What finds the lines and identities in a piece of memory: in WebAssembly (wasm-scanner.ts), or where that cannot run in JavaScript. */

/** Names of one line take this many bytes of `extra` at most: an id and a parent id. */
export const EXTRA_A_LINE = 2 * 4096;

/** Numbers per entry of `asks`, and where they stand. */
export const ASK_WIDTH = 3;
export const ASK = {
  /** Index of the line's row; only its range is filled in. */
  row: 0,
  /** Lines before it in this call. */
  line: 1,
  /** Where in `extra` its names may be put; as much as its line is long, but at most EXTRA_A_LINE, is kept free. */
  extra: 2,
} as const;

export interface LineScanner {
  /** Where the lines to scan are put: from `free` on. At least `room` bytes there. The content stays until it is overwritten. */
  readonly memory: Buffer;
  readonly free: number;
  /** Rows of the last call, as app/vault/record-batch.ts names them; ranges count from `from`, those in `extra` go on after `to - from`. */
  readonly rows: Int32Array;
  /** Lines of the last call that only the reference can judge: ASK_WIDTH numbers each. */
  readonly asks: Int32Array;
  readonly extra: Buffer;
  readonly found: Found;
  /** By number. The same array as long as numbers keep their meaning; it may grow. */
  readonly kinds: readonly string[];
  /**
   * Scans the lines in memory at [from, to); the last byte of these is "\n". Returns where it stopped, the start of a line: `to`, or earlier
   * when a table is full. A line longer than `maxLine` is always asked about; with `askAll` every line is that is not blank.
   */
  scan(from: number, to: number, maxLine: number, askAll: boolean): number;
  /** The number of a kind the reference found; valid for the rows of the last call. */
  kindNumber(kind: string): number;
  /** Overwrites everything it held. */
  wipe(): void;
}

/** Sizes of the last call's results. */
export interface Found {
  readonly rows: number;
  readonly asks: number;
  /** Lines passed, blank ones included. */
  readonly lines: number;
  /** Bytes used or kept free in `extra`. */
  readonly extra: number;
}

/** Names a scanner has numbers for. */
export class KindNames {
  #names: string[] = [];
  readonly #numbers = new Map<string, number>();

  get all(): readonly string[] {
    return this.#names;
  }

  /** Undefined: not known. */
  number(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  add(name: string): number {
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  /** From here on numbers mean other names, in another array: what was handed out before stays as it is. */
  forget(): void {
    this.#names = [];
    this.#numbers.clear();
  }
}
