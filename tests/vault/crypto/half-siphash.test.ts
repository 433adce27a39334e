import { expect, test } from "@jest/globals";
import { HalfSipHash } from "#app/vault/crypto/half-siphash.ts";

// The first twelve of the authors' published vectors for 32 bits out: key 00..07, message 00 01 02 … of each length.
const VECTORS = ["a9359f5b", "27475ab8", "fa62a603", "8afee704", "2a6e4689", "c5fab669", "5863fc23", "8bcf63c5", "d0b8848f", "f806e779", "94b07934", "08083050"];

test("the locator's hash is HalfSipHash-2-4 as published", () => {
  const hash = new HalfSipHash(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
  const out = VECTORS.map((_, length) => {
    const bytes = Buffer.alloc(4);
    // A range of a longer buffer, as ids are.
    bytes.writeUInt32LE(hash.of(Uint8Array.from({ length: 64 }, (__, i) => i - 5), 5, 5 + length), 0);
    return bytes.toString("hex");
  });
  expect(out).toEqual(VECTORS);
});
