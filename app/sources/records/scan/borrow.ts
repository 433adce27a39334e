/** Scanners are kept for the next reading: each holds megabytes of memory, and an instance of WebAssembly reserves addresses by the gigabyte. */
import type { LineScanner } from "./line-scanner.ts";
import { PlainScanner } from "./plain-scanner.ts";
import { WasmScanner } from "./wasm-scanner.ts";

/** Bytes of memory from `free` on that every scanner has. */
export const ROOM = 3 * 1024 * 1024;

/** Kept when nobody uses them. */
const KEPT = 2;
const idle: LineScanner[] = [];

/** A scanner of one's own until `giveBack`. */
export function borrowScanner(): LineScanner {
  return idle.pop() ?? newScanner();
}

/** What it held is overwritten: a customer's record does not wait in memory for the next reading. */
export function giveBack(scanner: LineScanner): void {
  scanner.wipe();
  if (idle.length < KEPT) idle.push(scanner);
}

function newScanner(): LineScanner {
  try {
    return new WasmScanner();
  } catch {
    // A processor without vectors, a runtime started without a compiler, or no addresses left: the other way gives the same records, later.
    return new PlainScanner(ROOM);
  }
}
