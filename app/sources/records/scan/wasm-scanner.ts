/** The scanner in WebAssembly (scan.as), with the memory it works in. */
import { ROW_WIDTH } from "#app/vault/index.ts";
import { ASK_WIDTH, KindNames, type Found, type LineScanner } from "./line-scanner.ts";
import { WASM } from "./wasm.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  scan(from: number, to: number, maxLine: number, askAll: number): number;
  kind(from: number, to: number): number;
  kindsFull(): number;
  forgetKinds(): void;
  readonly rows: WebAssembly.Global<"i32">;
  readonly asks: WebAssembly.Global<"i32">;
  readonly lines: WebAssembly.Global<"i32">;
  readonly extra: WebAssembly.Global<"i32">;
  readonly kinds: WebAssembly.Global<"i32">;
  readonly SCRATCH: WebAssembly.Global<"i32">;
  readonly ROWS: WebAssembly.Global<"i32">;
  readonly MAX_ROWS: WebAssembly.Global<"i32">;
  readonly ASKS: WebAssembly.Global<"i32">;
  readonly KIND_TEXT: WebAssembly.Global<"i32">;
  readonly KIND_ENDS: WebAssembly.Global<"i32">;
  readonly EXTRA: WebAssembly.Global<"i32">;
  readonly FREE: WebAssembly.Global<"i32">;
}

let compiled: WebAssembly.Module | undefined;

/** Throws where this runtime has no WebAssembly or no 128-bit vectors. */
export class WasmScanner implements LineScanner {
  readonly memory: Buffer;
  readonly free: number;
  readonly rows: Int32Array;
  readonly asks: Int32Array;
  readonly extra: Buffer;
  readonly #wasm: Exports;
  readonly #names = new KindNames();
  readonly #kindEnds: Uint32Array;
  /** The reference found a kind for which the table has no number: all are forgotten before the next call. */
  #overflown = false;
  #found: Found = { rows: 0, asks: 0, lines: 0, extra: 0 };

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(WASM, "base64"));
    const wasm = new WebAssembly.Instance(compiled).exports as unknown as Exports;
    const { buffer } = wasm.memory;
    const maxRows = wasm.MAX_ROWS.value;
    this.#wasm = wasm;
    this.memory = Buffer.from(buffer);
    this.free = wasm.FREE.value;
    this.rows = new Int32Array(buffer, wasm.ROWS.value, maxRows * ROW_WIDTH);
    this.asks = new Int32Array(buffer, wasm.ASKS.value, maxRows * ASK_WIDTH);
    this.extra = Buffer.from(buffer, wasm.EXTRA.value, wasm.FREE.value - wasm.EXTRA.value);
    this.#kindEnds = new Uint32Array(buffer, wasm.KIND_ENDS.value);
  }

  get found(): Found {
    return this.#found;
  }

  get kinds(): readonly string[] {
    return this.#names.all;
  }

  scan(from: number, to: number, maxLine: number, askAll: boolean): number {
    const wasm = this.#wasm;
    if (this.#overflown || wasm.kindsFull() !== 0) {
      wasm.forgetKinds();
      this.#names.forget();
      this.#overflown = false;
    }
    const stopped = wasm.scan(from, to, maxLine, askAll ? 1 : 0);
    while (this.#names.all.length < wasm.kinds.value) this.#learn();
    this.#found = { rows: wasm.rows.value, asks: wasm.asks.value, lines: wasm.lines.value, extra: wasm.extra.value };
    return stopped;
  }

  /** Takes over the name of the next kind from the table. */
  #learn(): number {
    const n = this.#names.all.length;
    const text = this.#wasm.KIND_TEXT.value;
    return this.#names.add(this.memory.toString("utf8", text + (n === 0 ? 0 : this.#kindEnds[n - 1]!), text + this.#kindEnds[n]!));
  }

  kindNumber(kind: string): number {
    const known = this.#names.number(kind);
    if (known !== undefined) return known;
    if (this.#overflown || this.#wasm.kindsFull() !== 0) {
      this.#overflown = true;
      return this.#names.add(kind);
    }
    const scratch = this.#wasm.SCRATCH.value;
    this.#wasm.kind(scratch, scratch + this.memory.write(kind, scratch));
    return this.#learn();
  }

  wipe(): void {
    this.#wasm.forgetKinds();
    this.#names.forget();
    this.memory.fill(0, this.#wasm.SCRATCH.value);
  }
}
