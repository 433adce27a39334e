/** HMAC-SHA-256 of many short messages in one call (hmac.as), with the runtime's own for long ones, and where there is no WebAssembly. */
import { createHmac } from "node:crypto";
import { WASM } from "./wasm.ts";

export const HMAC_BYTES = 32;
/** A job: a key of 16 bytes and a counter of 4. */
export const JOB_KEY_BYTES = 16;
export const JOB_BYTES = 20;

interface Exports {
  readonly memory: WebAssembly.Memory;
  messages(count: number): void;
  jobs(count: number): void;
  wipe(text: number, count: number): void;
  readonly KEY: WebAssembly.Global<"i32">;
  readonly ENDS: WebAssembly.Global<"i32">;
  readonly MAX_MESSAGES: WebAssembly.Global<"i32">;
  readonly TEXT: WebAssembly.Global<"i32">;
  readonly TEXT_BYTES: WebAssembly.Global<"i32">;
  readonly OUT: WebAssembly.Global<"i32">;
  readonly LONGEST: WebAssembly.Global<"i32">;
}

interface Engine {
  readonly wasm: Exports;
  readonly memory: Buffer;
  readonly ends: Uint32Array;
  readonly key: number;
  readonly text: number;
  readonly out: number;
  readonly most: number;
  readonly textBytes: number;
  readonly longest: number;
}

let engine: Engine | null | undefined;

function started(): Engine | null {
  if (engine !== undefined) return engine;
  try {
    const wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(WASM, "base64"))).exports as unknown as Exports;
    const { KEY, ENDS, MAX_MESSAGES, TEXT, TEXT_BYTES, OUT, LONGEST, memory } = wasm;
    engine = { wasm, memory: Buffer.from(memory.buffer), ends: new Uint32Array(memory.buffer, ENDS.value, MAX_MESSAGES.value), key: KEY.value, text: TEXT.value, out: OUT.value, most: MAX_MESSAGES.value, textBytes: TEXT_BYTES.value, longest: LONGEST.value };
  } catch {
    // A processor without vectors, a runtime started without a compiler: the runtime's own HMAC gives the same, later.
    engine = null;
  }
  return engine;
}

/** HMACs of `count` messages under `key` (32 bytes), into `out` from `at` on, 32 bytes each. `ends`: where in `text` each ends; the first begins at 0. */
export function hmacs(key: Uint8Array, text: Uint8Array, ends: Uint32Array, count: number, out: Buffer, at: number): void {
  const by = started();
  if (by === null) return slowly(key, text, ends, 0, count, out, at, 0);
  for (let first = 0; first < count; ) {
    const start = first === 0 ? 0 : (ends[first - 1] as number);
    let next = first;
    let longer = false;
    for (; next < count && next - first < by.most; next++) {
      const end = ends[next] as number;
      if (end - start > by.textBytes) break;
      by.ends[next - first] = end - start;
      if (end - (next === 0 ? 0 : (ends[next - 1] as number)) > by.longest) longer = true;
    }
    if (next > first) {
      const end = ends[next - 1] as number;
      by.memory.set(key, by.key);
      by.memory.set(text.subarray(start, end), by.text);
      by.wasm.messages(next - first);
      by.memory.copy(out, at + first * HMAC_BYTES, by.out, by.out + (next - first) * HMAC_BYTES);
      by.wasm.wipe(end - start, next - first);
    }
    // One that has no room at all is longer than any.
    else longer = next++ === first;
    if (longer) slowly(key, text, ends, first, next, out, at, by.longest + 1);
    first = next;
  }
}

/** Of those messages that have `from` bytes or more. */
function slowly(key: Uint8Array, text: Uint8Array, ends: Uint32Array, first: number, last: number, out: Buffer, at: number, from: number): void {
  for (let i = first; i < last; i++) {
    const start = i === 0 ? 0 : (ends[i - 1] as number);
    const end = ends[i] as number;
    if (end - start >= from) createHmac("sha256", key).update(text.subarray(start, end)).digest().copy(out, at + i * HMAC_BYTES);
  }
}

/** HMACs of jobs, each under a key of its own: 20 bytes a job in, 32 out. */
export function jobHmacs(jobs: Uint8Array, count: number, out: Buffer): void {
  const by = started();
  for (let first = 0; first < count; ) {
    const next = by === null ? count : Math.min(count, first + by.most);
    if (by === null) {
      for (let i = 0; i < count; i++) {
        const key = i * JOB_BYTES;
        createHmac("sha256", jobs.subarray(key, key + JOB_KEY_BYTES)).update(jobs.subarray(key + JOB_KEY_BYTES, key + JOB_BYTES)).digest().copy(out, i * HMAC_BYTES);
      }
    } else {
      by.memory.set(jobs.subarray(first * JOB_BYTES, next * JOB_BYTES), by.text);
      by.wasm.jobs(next - first);
      by.memory.copy(out, first * HMAC_BYTES, by.out, by.out + (next - first) * HMAC_BYTES);
      by.wasm.wipe((next - first) * JOB_BYTES, next - first);
    }
    first = next;
  }
}
