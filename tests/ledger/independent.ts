/**
 * A second reader of our logs, written from the C2SP texts (signed-note, tlog-checkpoint, tlog-tiles, tlog-proof, tlog-cosignature) and
 * RFC 6962 section 2.1, with node:crypto and nothing of app/ledger. Slow and plain on purpose: recursion where the product loops.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

export type Get = (path: string) => Uint8Array | null;

const sha256 = (...parts: (Uint8Array | string)[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
export const leaf = (entry: Uint8Array): Buffer => sha256(Buffer.from([0x00]), entry);
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([0x01]), left, right);

/** MTH(D[n]) over leaf hashes. */
export function treeHash(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256("");
  if (leaves.length === 1) return Buffer.from(leaves[0]!);
  const k = largestPowerBelow(leaves.length);
  return node(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

// --- signed notes ---

export interface Vkey {
  readonly name: string;
  readonly id: Buffer;
  readonly type: number;
  readonly key: KeyObject;
}

/** <name>+<hash>+<keydata>. */
export function parseVkey(text: string): Vkey {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  const name = text.slice(0, first);
  const data = Buffer.from(text.slice(second + 1), "base64");
  const id = sha256(name, "\n", data).subarray(0, 4);
  if (id.toString("hex") !== text.slice(first + 1, second)) throw new Error("key id");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), data.subarray(1)]);
  return { name, id, type: data[0]!, key: createPublicKey({ key: spki, format: "der", type: "spki" }) };
}

/** The text of a note that the key has signed; throws otherwise. For type 4 the time of the cosignature comes with it. */
export function openNote(note: string, vkey: Vkey): { text: string; time?: number } {
  const lines = note.split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no newline");
  const blank = lines.lastIndexOf("");
  const text = lines.slice(0, blank).map((line) => `${line}\n`).join("");
  let opened: { text: string; time?: number } | null = null;
  for (const line of lines.slice(blank + 1)) {
    const [dash, name, base64, ...rest] = line.split(" ");
    if (dash !== "\u2014" || rest.length > 0) throw new Error("not a signature line");
    const bytes = Buffer.from(base64!, "base64");
    if (bytes.toString("base64") !== base64) throw new Error("not base64");
    if (name !== vkey.name || !bytes.subarray(0, 4).equals(vkey.id)) continue;
    if (vkey.type === 1) {
      if (!verify(null, Buffer.from(text), vkey.key, bytes.subarray(4))) throw new Error("wrong signature");
      opened = { text };
    } else {
      const time = Number(bytes.readBigUInt64BE(4));
      if (!verify(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), vkey.key, bytes.subarray(12))) throw new Error("wrong cosignature");
      opened = { text, time };
    }
  }
  if (opened === null) throw new Error("no signature by this key");
  return opened;
}

export function readCheckpoint(note: string, vkey: Vkey): { origin: string; size: number; root: Buffer; text: string } {
  const { text } = openNote(note, vkey);
  const [origin, size, root] = text.split("\n");
  if (!/^(0|[1-9][0-9]*)$/.test(size!)) throw new Error("size");
  return { origin: origin!, size: Number(size), root: Buffer.from(root!, "base64"), text };
}

/** One line by a witness over a checkpoint's text. */
export function cosign(text: string, name: string, key: KeyObject, time: number): string {
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const id = sha256(name, "\n", Buffer.from([4]), raw).subarray(0, 4);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), key);
  return `\u2014 ${name} ${Buffer.concat([id, stamp, signature]).toString("base64")}\n`;
}

export function vkeyOf(name: string, type: number, key: KeyObject): string {
  const data = Buffer.concat([Buffer.from([type]), createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32)]);
  return `${name}+${sha256(name, "\n", data).subarray(0, 4).toString("hex")}+${data.toString("base64")}`;
}

// --- tlog-tiles ---

/** tile/<L>/<N>[.p/<W>] */
export function tilePath(level: number | "entries", n: number, width: number): string {
  let path = String(n % 1000).padStart(3, "0");
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  return `tile/${level}/${path}${width < 256 ? `.p/${width}` : ""}`;
}

/** Every entry of the log of a checkpoint, each tile and bundle checked against the others and against the signed root; throws on the first thing that is not as the text says. */
export function readLog(get: Get, note: string, vkey: Vkey): Buffer[] {
  const { size, root } = readCheckpoint(note, vkey);
  const entries: Buffer[] = [];
  for (let n = 0; n * 256 < size; n++) {
    const path = tilePath("entries", n, Math.min(256, size - n * 256));
    const bundle = Buffer.from(must(get, path));
    let at = 0;
    const before = entries.length;
    while (at < bundle.length) {
      const length = bundle.readUInt16BE(at);
      entries.push(bundle.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    if (at !== bundle.length || entries.length - before !== Math.min(256, size - n * 256)) throw new Error(`${path}: lengths`);
  }
  const leaves = entries.map(leaf);
  if (!treeHash(leaves).equals(root)) throw new Error("the entries do not lead to the root");
  for (let level = 0; ; level++) {
    const each = 256 ** level;
    const count = Math.floor(size / each);
    if (count === 0) break;
    for (let n = 0; n * 256 < count; n++) {
      const width = Math.min(256, count - n * 256);
      const path = tilePath(level, n, width);
      const tile = Buffer.from(must(get, path));
      if (tile.length !== width * 32) throw new Error(`${path}: length`);
      for (let i = 0; i < width; i++) {
        const start = (n * 256 + i) * each;
        if (!treeHash(leaves.slice(start, start + each)).equals(tile.subarray(i * 32, i * 32 + 32))) throw new Error(`${path}: hash ${i}`);
      }
    }
  }
  return entries;
}

function must(get: Get, path: string): Uint8Array {
  const bytes = get(path);
  if (bytes === null) throw new Error(`${path} is missing`);
  return bytes;
}

// --- proofs ---

/** The root that a path of RFC 6962 section 2.1.1 leads to, by the definition read backwards. */
export function rootOfPath(m: number, n: number, leafHash: Uint8Array, path: readonly Uint8Array[]): Buffer {
  if (n === 1) {
    if (path.length > 0) throw new Error("the path is too long");
    return Buffer.from(leafHash);
  }
  const last = path.at(-1);
  if (last === undefined) throw new Error("the path is too short");
  const k = largestPowerBelow(n);
  return m < k ? node(rootOfPath(m, k, leafHash, path.slice(0, -1)), last) : node(last, rootOfPath(m - k, n - k, leafHash, path.slice(0, -1)));
}

/** Both roots that PROOF(m, D[n]) of RFC 6962 section 2.1.2 leads to, by the definition read backwards; `old` is the root that is known for m. */
export function rootsOfConsistency(m: number, n: number, old: Uint8Array, proof: readonly Uint8Array[], whole = true): [Buffer, Buffer] {
  if (m === n) {
    if (whole) {
      if (proof.length > 0) throw new Error("the proof is too long");
      return [Buffer.from(old), Buffer.from(old)];
    }
    if (proof.length !== 1) throw new Error("the proof has a wrong length");
    return [Buffer.from(proof[0]!), Buffer.from(proof[0]!)];
  }
  const last = proof.at(-1);
  if (last === undefined) throw new Error("the proof is too short");
  const k = largestPowerBelow(n);
  if (m <= k) {
    const [before, after] = rootsOfConsistency(m, k, old, proof.slice(0, -1), whole);
    return [before, node(after, last)];
  }
  const [before, after] = rootsOfConsistency(m - k, n - k, old, proof.slice(0, -1), false);
  return [node(last, before), node(last, after)];
}

/** A .tlog-proof file: the entry it carries, when it proves it. */
export function readProof(text: string, vkey: Vkey): { entry: Buffer; index: number; size: number } {
  const lines = text.split("\n");
  if (lines[0] !== "c2sp.org/tlog-proof@v1") throw new Error("header");
  if (!lines[1]!.startsWith("extra ") || !lines[2]!.startsWith("index ")) throw new Error("lines");
  const entry = Buffer.from(lines[1]!.slice(6), "base64");
  const index = Number(lines[2]!.slice(6));
  const blank = lines.indexOf("");
  const path = lines.slice(3, blank).map((line) => Buffer.from(line, "base64"));
  const { size, root } = readCheckpoint(lines.slice(blank + 1).join("\n"), vkey);
  if (!rootOfPath(index, size, leaf(entry), path).equals(root)) throw new Error("not included");
  return { entry, index, size };
}
