/** The scanner of records in WebAssembly (members.as), with the table of known members that it works by. */
import { KNOWN_MEMBERS } from "../known-members.ts";
import type { Member, Members } from "../known-members.ts";
import { LARGEST, textTerms } from "../text-terms.ts";
import { TERM } from "../types.ts";
import { WASM } from "./wasm.ts";

/** As TermSource.scan says. */
export type FoundMany = (terms: Uint8Array, from: number, ends: Int32Array, first: number, count: number) => void;

interface Exports {
  readonly memory: WebAssembly.Memory;
  find(at: number, to: number, node: number): number;
  readonly terms: WebAssembly.Global<"i32">;
  readonly later: WebAssembly.Global<"i32">;
  readonly NODES: WebAssembly.Global<"i32">;
  readonly NODE_MEMBERS: WebAssembly.Global<"i32">;
  readonly MEMBER_BYTES: WebAssembly.Global<"i32">;
  readonly MAX_NODES: WebAssembly.Global<"i32">;
  readonly TERMS: WebAssembly.Global<"i32">;
  readonly TEXT: WebAssembly.Global<"i32">;
  readonly LATER: WebAssembly.Global<"i32">;
  readonly FREE: WebAssembly.Global<"i32">;
  readonly INTO: WebAssembly.Global<"i32">;
  readonly EACH: WebAssembly.Global<"i32">;
}

/** Vector loads look so far beyond the end. */
const BEYOND = 16;
const NEWLINE = 0x0a;

export class MemberScanner {
  private readonly wasm: Exports;
  private readonly memory: Buffer;
  private readonly numbers: Int32Array;
  private readonly terms: number;
  private readonly later: number;
  private readonly text: number;
  private readonly free: number;
  private readonly termsFound: WebAssembly.Global<"i32">;
  private readonly laterFound: WebAssembly.Global<"i32">;
  private readonly nodes = new Map<string, number>();
  /** Throws where this runtime has no WebAssembly or no 128-bit vectors. */
  constructor() {
    const wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(WASM, "base64"))).exports as unknown as Exports;
    this.wasm = wasm;
    this.memory = Buffer.from(wasm.memory.buffer);
    this.numbers = new Int32Array(wasm.memory.buffer);
    this.terms = wasm.TERMS.value >> 2;
    this.later = wasm.LATER.value >> 2;
    this.text = wasm.TEXT.value;
    this.free = wasm.FREE.value;
    this.termsFound = wasm.terms;
    this.laterFound = wasm.later;
    if (this.free + LARGEST + BEYOND > this.memory.length) throw new RangeError("the scanner's memory has no room for the largest record");
    const known = new Map<Members, number>();
    for (const [kind, members] of Object.entries(KNOWN_MEMBERS)) this.nodes.set(kind, this.node(members, known));
  }

  /** Writes down what is known of an object; equal tables are one node. */
  private node(members: Members, known: Map<Members, number>): number {
    const there = known.get(members);
    if (there !== undefined) return there;
    const { NODES, NODE_MEMBERS, MEMBER_BYTES, MAX_NODES, INTO, EACH } = this.wasm;
    const number = known.size + 1;
    known.set(members, number);
    const entries = Object.entries(members);
    if (number >= MAX_NODES.value || entries.length > NODE_MEMBERS.value) throw new RangeError("the scanner's table is full");
    for (const [i, [name, member]] of entries.entries()) {
      if (name.length > MEMBER_BYTES.value - 8) throw new RangeError(`the name ${name} is too long for the scanner's table`);
      const at = NODES.value + (number * NODE_MEMBERS.value + i) * MEMBER_BYTES.value;
      const [action, child] = actionOf(member, INTO.value, EACH.value);
      this.memory[at] = name.length;
      this.memory[at + 1] = action;
      this.memory[at + 2] = child === null ? 0 : this.node(child, known);
      this.memory.write(name, at + 8, "latin1");
    }
    return number;
  }

  /** As TermSource.scan. What `found` is handed is valid until it returns. */
  scan(kind: string, bytes: Uint8Array, start: number, end: number, found: FoundMany): boolean {
    const node = this.nodes.get(kind);
    if (node === undefined) return false;
    const { memory, numbers, free, text } = this;
    const length = end - start;
    memory.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), free);
    memory[free + length] = NEWLINE;
    if (this.wasm.find(free, free + length, node) === 0) return false;
    const count = this.termsFound.value;
    if (count > 0) found(memory, text, numbers, this.terms, count);
    if (this.laterFound.value > 0) {
      this.rest(found);
      memory.fill(0, free, free + length);
    }
    return true;
  }

  /** Values that are not plain ASCII, or written with escapes. */
  private rest(found: FoundMany): void {
    for (let i = this.later, left = this.laterFound.value; left > 0; left--, i += 4) {
      const [type, escaped, from, to] = this.numbers.subarray(i, i + 4) as unknown as [number, number, number, number];
      const text = escaped === 0 ? this.memory.toString("utf8", this.free + from, this.free + to) : (JSON.parse(this.memory.toString("utf8", this.free + from - 1, this.free + to + 1)) as string);
      textTerms(type, text, (of, term) => {
        const typed = Buffer.from(`${String.fromCharCode(of)}${term}`, "utf8");
        if (typed.length > 1) found(typed, 0, Int32Array.of(typed.length), 0, 1);
      });
    }
  }
}

/** The number by which the scanner knows a member, and where it leads. */
function actionOf(member: Member, into: number, each: number): readonly [number, Members | null] {
  if (typeof member === "string") return [TERM[member], null];
  if ("phone" in member) return [TERM.phone, null];
  return "into" in member ? [into, member.into] : [each, member.each];
}

let scanner: MemberScanner | null | undefined;

/** This thread's; null where the runtime has none: everything is parsed. */
export function memberScanner(): MemberScanner | null {
  if (scanner === undefined) {
    try {
      scanner = new MemberScanner();
    } catch {
      // A processor without vectors, a runtime started without a compiler: the other way gives the same terms, later.
      scanner = null;
    }
  }
  return scanner;
}
