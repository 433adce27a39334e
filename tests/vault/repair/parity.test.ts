/** The code that mends: any four shards of a group, any region it promises, and nothing that is not the object. */
import { describe, expect, it } from "@jest/globals";
import { coefficient, GROUP_SHARDS, inverse, invert, multiply } from "#app/vault/repair/galois.ts";
import { encodeParity, mendableRegion, mendFromParity, parityLayout, paritySize, readParity } from "#app/vault/repair/parity.ts";
import { VaultError } from "#app/vault/index.ts";
import { seededNumbers, seededRandom } from "#tests/support/vault-kit.ts";

const bytesOf = (size: number, seed = "parity"): Buffer => Buffer.from(seededRandom(`${seed} ${size}`)(size));
const xored = (bytes: Buffer, from: number, length: number): Buffer => {
  const out = Buffer.from(bytes);
  for (let at = from; at < Math.min(out.length, from + length); at++) out[at] = (out[at] as number) ^ 0xa5;
  return out;
};

describe("the field", () => {
  it("multiplies as schoolbook polynomials modulo 0x11d do, for every pair", () => {
    for (let a = 0; a < 256; a++)
      for (let b = 0; b < 256; b++) {
        let product = 0;
        for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) product ^= a << bit;
        for (let bit = 15; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8);
        if (multiply(a, b) !== product) throw new Error(`${a} x ${b}`);
      }
    for (let a = 1; a < 256; a++) expect(multiply(a, inverse(a))).toBe(1);
    expect(() => inverse(0)).toThrow(RangeError);
  });

  it("gives a matrix of which every part can be inverted: all rows by all pairs of shards, and samples of threes and fours", () => {
    const rowSets = Array.from({ length: 16 }, (_, mask) => [0, 1, 2, 3].filter((row) => (mask >> row) & 1));
    const number = seededNumbers(4);
    const check = (rows: readonly number[], shards: readonly number[]): void => {
      const matrix = rows.map((row) => shards.map((shard) => coefficient(row, shard)));
      const back = invert(matrix);
      for (let i = 0; i < rows.length; i++)
        for (let j = 0; j < rows.length; j++) {
          const sum = matrix[i]?.reduce((total, value, k) => total ^ multiply(value, back[k]?.[j] as number), 0);
          if (sum !== (i === j ? 1 : 0)) throw new Error(`rows ${rows.join()} shards ${shards.join()}`);
        }
    };
    for (const rows of rowSets) {
      if (rows.length === 2) for (let a = 0; a < GROUP_SHARDS; a++) for (let b = 0; b < a; b++) check(rows, [a, b]);
      if (rows.length >= 3) for (let i = 0; i < 2000; i++) {
        const shards = new Set<number>();
        while (shards.size < rows.length) shards.add(Math.floor(number() * GROUP_SHARDS));
        check(rows, [...shards]);
      }
    }
    expect(() => invert([[1, 1], [1, 1]])).toThrow(RangeError);
  });
});

describe("a parity object", () => {
  it("costs at most 5 % from 64 KiB on, below that 2.9 KB, and the size again up to 4 KiB", () => {
    for (const size of [65_536, 65_537, 100_000, 524_287, 524_288, 524_289, 1_048_577, 4 << 20, 16 << 20, (16 << 20) + 1, 80 << 20]) expect(paritySize(size) / size).toBeLessThan(0.05);
    for (let size = 1; size < 65_536; size += 97) expect(paritySize(size)).toBeLessThan(size <= 4096 ? size + 120 : 2900);
  });

  it("is the same for the same bytes, of the size announced, and says what it protects", () => {
    for (const size of [1, 3, 84, 511, 4096, 4097, 30_000, 70_001, 600_001]) {
      const bytes = bytesOf(size);
      const parity = encodeParity(bytes);
      expect(parity.equals(encodeParity(Uint8Array.from(bytes)))).toBe(true);
      expect(parity.length).toBe(paritySize(size));
      expect(readParity(parity, "p")).toMatchObject({ size, whole: true });
    }
  });

  it("agrees with the code written down plainly", () => {
    const bytes = bytesOf(5000);
    const { shard, shards, groups, rows } = parityLayout(bytes.length);
    const parity = encodeParity(bytes);
    const body = 48 + (shards + groups * rows) * 4;
    for (let row = 0; row < rows; row++)
      for (let at = 0; at < shard; at++) {
        let sum = 0;
        for (let i = 0; i < shards; i++) sum ^= multiply(coefficient(row, i), bytes[i * shard + at] ?? 0);
        if (parity[body + row * shard + at] !== sum) throw new Error(`row ${row}, byte ${at}`);
      }
  });

  it("brings back an object of up to 4 KiB from nothing", () => {
    for (let size = 1; size <= 4096; size += size < 40 ? 1 : 53) {
      const bytes = bytesOf(size);
      expect(mendFromParity(null, encodeParity(bytes), "p")?.equals(bytes)).toBe(true);
    }
  });

  it("mends every single flipped bit of a small object, and samples of a large one", () => {
    const small = bytesOf(6000);
    const parity = encodeParity(small);
    for (let at = 0; at < small.length * 8; at += 7) {
      const flipped = Buffer.from(small);
      flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7));
      if (mendFromParity(flipped, parity, "p")?.equals(small) !== true) throw new Error(`bit ${at}`);
    }
    const large = bytesOf(1_300_000);
    const its = encodeParity(large);
    for (const at of [0, 1, 650_000, 1_299_999]) expect(mendFromParity(xored(large, at, 1), its, "p")?.equals(large)).toBe(true);
  });

  it("mends any region of the promised length, wherever it begins: 128 KiB in a pack of 16 MiB", () => {
    expect(mendableRegion(16 << 20)).toBeGreaterThan(128 * 1024);
    expect(mendableRegion(6 << 20)).toBeGreaterThan(128 * 1024);
    for (const size of [5000, 65_000, 200_000, 1_100_000]) {
      const bytes = bytesOf(size);
      const parity = encodeParity(bytes);
      const region = mendableRegion(size);
      for (const from of [0, 1, 511, 512, Math.floor(size / 2), size - region, size - region - 1]) expect({ size, from, mended: mendFromParity(xored(bytes, from, region), parity, "p")?.equals(bytes) }).toEqual({ size, from, mended: true });
    }
    const pack = bytesOf(16 << 20);
    const its = encodeParity(pack);
    for (const from of [0, 4095, (8 << 20) + 17, (16 << 20) - 131_072]) expect(mendFromParity(xored(pack, from, 131_072), its, "p")?.equals(pack)).toBe(true);
  });

  it("mends what was cut or grown at its end", () => {
    const bytes = bytesOf(200_000);
    const parity = encodeParity(bytes);
    expect(mendFromParity(bytes.subarray(0, 199_000), parity, "p")?.equals(bytes)).toBe(true);
    expect(mendFromParity(Buffer.concat([bytes, bytes]), parity, "p")?.equals(bytes)).toBe(true);
  });

  it("mends any four shards of a group, and says no to five, and to four when one parity shard is damaged too", () => {
    const bytes = bytesOf(64_000);
    const parity = encodeParity(bytes);
    const { shard, shards, rows } = parityLayout(bytes.length);
    const number = seededNumbers(9);
    const lose = (count: number): Buffer => {
      const out = Buffer.from(bytes);
      const lost = new Set<number>();
      while (lost.size < count) lost.add(Math.floor(number() * shards));
      for (const i of lost) out.fill(0, i * shard, (i + 1) * shard);
      return out;
    };
    for (let i = 0; i < 60; i++) expect(mendFromParity(lose(4), parity, "p")?.equals(bytes)).toBe(true);
    for (let i = 0; i < 10; i++) expect(mendFromParity(lose(5), parity, "p")).toBeNull();
    const hurt = xored(parity, 48 + (shards + rows) * 4 + 2 * shard + 5, 1);
    expect(readParity(hurt, "p").whole).toBe(false);
    for (let i = 0; i < 10; i++) {
      expect(mendFromParity(lose(4), hurt, "p")).toBeNull();
      expect(mendFromParity(lose(3), hurt, "p")?.equals(bytes)).toBe(true);
    }
  });

  it("never gives anything else than the object the vault names", () => {
    const bytes = bytesOf(3000);
    const planted = bytesOf(3000, "another");
    expect(mendFromParity(bytes, encodeParity(planted), "p", { digest: "0".repeat(64) })).toBeNull();
    expect(mendFromParity(null, encodeParity(planted), "p", { digest: "0".repeat(64) })).toBeNull();
  });

  it("of hostile bytes is refused with a VaultError, without room being made for what it claims", () => {
    const parity = encodeParity(bytesOf(9000));
    const number = seededNumbers(11);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const hostile = Buffer.from(parity.subarray(0, i % 3 === 0 ? Math.floor(number() * parity.length) : parity.length));
      for (let n = 0; n < 1 + (i % 4); n++) if (hostile.length > 0) hostile[Math.floor(number() * Math.min(hostile.length, 64))] = Math.floor(number() * 256);
      try {
        readParity(hostile, "p");
        mendFromParity(null, hostile, "p");
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
