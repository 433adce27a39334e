import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { RootBuilder } from "#app/vault/tree/root.ts";

interface Entry {
  key: string;
  digest: string;
  place: number;
}

/** The definition in docs/design.md 2.5, word for word and without any cleverness. */
function plainRoot(entries: readonly Entry[]): string {
  const sha = (label: string, parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat([Buffer.from(`${label}\0`, "latin1"), ...parts])).digest();
  const varint = (value: number): Buffer => {
    const bytes: number[] = [];
    for (let rest = BigInt(value); ; rest >>= 7n) {
      bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
      if (rest <= 0x7fn) return Buffer.from(bytes);
    }
  };
  const chunks: Buffer[][] = [];
  let open: Buffer[] = [];
  for (const { key, digest, place } of entries) {
    open.push(Buffer.concat([varint(key.length), Buffer.from(key, "latin1"), place < 0 ? Buffer.of(0) : Buffer.concat([Buffer.of(1), varint(place)]), Buffer.from(digest, "latin1")]));
    if (digest.charCodeAt(0) === 0 || open.length === 2048) {
      chunks.push(open);
      open = [];
    }
  }
  if (open.length > 0) chunks.push(open);
  let level = chunks.map((chunk) => sha("holdfast leaf v1", chunk));
  while (level.length > 1) {
    const groups: Buffer[][] = [];
    let group: Buffer[] = [];
    for (const hash of level) {
      group.push(hash);
      if (((hash[31] as number) & 63) === 0 || group.length === 512) {
        groups.push(group);
        group = [];
      }
    }
    if (group.length > 0) groups.push(group);
    level = groups.map((each) => sha("holdfast node v1", each));
  }
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(entries.length));
  return sha("holdfast root v1", [count, ...level]).toString("hex");
}

function built(entries: readonly Entry[]): string {
  const root = new RootBuilder();
  for (const { key, digest, place } of entries) root.add(key, digest, place);
  return root.finish();
}

const hex = (minLength: number, maxLength: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength, maxLength });
// Digests that start with 00 one time in four, so that chunks end often.
const entry = fc.record({ key: hex(1, 8), digest: fc.tuple(fc.constantFrom("\0", "a", "b", "c"), hex(15, 15)).map((parts) => parts.join("")), place: fc.constantFrom(-1, -1, 0, 5, 300) });
const sorted = (entries: readonly Entry[]): Entry[] => [...new Map(entries.map((each) => [each.key, each])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));

describe("the root", () => {
  it("is the one docs/design.md defines", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), (drawn) => {
        const entries = sorted(drawn);
        expect(built(entries)).toBe(plainRoot(entries));
      }),
    );
  });

  it("is that one too where chunks and groups reach their largest size, and over several levels", () => {
    const many = Array.from({ length: 200_000 }, (_, i) => ({ key: String(i).padStart(8, "0"), digest: createHash("md5").update(String(i)).digest().toString("latin1"), place: -1 }));
    expect(built(many)).toBe(plainRoot(many));
    const unbroken = many.slice(0, 5000).map((each) => ({ ...each, digest: "x".repeat(16) }));
    expect(built(unbroken)).toBe(plainRoot(unbroken));
    const broken = many.slice(0, 40_000).map((each) => ({ ...each, digest: `\0${each.digest.slice(1)}` }));
    expect(built(broken)).toBe(plainRoot(broken));
  });

  it("changes with any key, place or digest, and with an entry more or less", () => {
    const entries = Array.from({ length: 600 }, (_, i) => ({ key: String(i).padStart(4, "0"), digest: String(i).padStart(16, "0"), place: i % 3 === 0 ? i : -1 }));
    const roots = new Set([built(entries)]);
    for (const i of [0, 1, 299, 599]) {
      const each = entries[i] as Entry;
      for (const other of [[], [{ ...each, key: `${each.key}x` }], [{ ...each, place: each.place + 1 }], [{ ...each, digest: each.digest.replace(/.$/, "z") }], [each, { ...each, key: `${each.key}y` }]]) roots.add(built([...entries.slice(0, i), ...other, ...entries.slice(i + 1)]));
    }
    expect(roots.size).toBe(1 + 4 * 5);
    expect(built([])).not.toBe(built([entries[0] as Entry]));
  });
});
