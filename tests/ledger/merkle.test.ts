import { describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { consistencyProof, EMPTY_ROOT, inclusionProof, leafHash, rootHash, verifyConsistency, verifyInclusion } from "#app/ledger/index.ts";
import { GrowingTree } from "#app/ledger/growing-tree.ts";

/** The leaves and roots that Certificate Transparency's reference implementations test with (google/certificate-transparency, merkle_tree_test). */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((hex) => Buffer.from(hex, "hex"));
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** MTH straight from the text of RFC 6962 section 2.1, sharing nothing with the implementation. */
function mth(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return createHash("sha256").digest();
  if (leaves.length === 1) return createHash("sha256").update("\0").update(leaves[0]!).digest();
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return createHash("sha256").update("\x01").update(mth(leaves.slice(0, k))).update(mth(leaves.slice(k))).digest();
}

function grown(leaves: readonly Uint8Array[]): GrowingTree {
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.append(leafHash(leaf));
  return tree;
}

const hex = (hash: Uint8Array) => Buffer.from(hash).toString("hex");
const COUNT = 300;
const many = Array.from({ length: COUNT }, (_, n) => Buffer.from(`leaf ${n}`));
const tree = grown(many);
const roots: Uint8Array[] = [];

describe("the Merkle tree", () => {
  test("gives the published roots for the published leaves", async () => {
    const tree = grown(LEAVES);
    expect(hex(EMPTY_ROOT)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const [n, root] of ROOTS.entries()) {
      expect(hex(await rootHash(n + 1, tree.nodes))).toBe(root);
      expect(hex(mth(LEAVES.slice(0, n + 1)))).toBe(root);
    }
  });

  test("gives the published proofs", async () => {
    const { nodes } = grown(LEAVES);
    expect((await inclusionProof(0, 8, nodes)).map(hex)).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect((await consistencyProof(6, 8, nodes)).map(hex)).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
  });

  test("agrees with the definition at every size up to 300", async () => {
    for (let size = 0; size <= COUNT; size++) {
      roots[size] = await rootHash(size, tree.nodes);
      expect(hex(roots[size]!)).toBe(hex(mth(many.slice(0, size))));
    }
  });

  test("every leaf of every size up to 300 has a proof, which no other leaf, index, size or root satisfies", async () => {
    for (let size = 1; size <= COUNT; size++) {
      // All leaves of small trees; of larger ones those at the edges and a moving sample.
      for (let index = 0; index < size; index += size <= 40 || index < 2 || index > size - 4 ? 1 : 17) {
        const proof = await inclusionProof(index, size, tree.nodes);
        const leaf = leafHash(many[index]!);
        const root = roots[size]!;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(leafHash(Buffer.from("changed")), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index + 1, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, leaf], root)).toBe(false);
        if (proof.length > 0) {
          expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
          const bent = proof.map((hash, n) => (n === size % proof.length ? leafHash(hash) : hash));
          expect(verifyInclusion(leaf, index, size, bent, root)).toBe(false);
        }
      }
    }
  });

  test("every pair of sizes up to 300 has a consistency proof, which a history with one changed leaf never satisfies", async () => {
    for (let to = 1; to <= COUNT; to++) {
      for (let from = 1; from <= to; from += to <= 40 ? 1 : 13) {
        const proof = await consistencyProof(from, to, tree.nodes);
        expect(verifyConsistency(from, to, roots[from]!, roots[to]!, proof)).toBe(true);
        expect(verifyConsistency(from, to, leafHash(roots[from]!), roots[to]!, proof)).toBe(false);
        if (from < to) {
          expect(verifyConsistency(from, to, roots[from]!, leafHash(roots[to]!), proof)).toBe(false);
          expect(verifyConsistency(from, to, roots[from]!, roots[to]!, proof.slice(0, -1))).toBe(false);
          expect(verifyConsistency(from, to, roots[from]!, roots[to]!, [...proof, roots[from]!])).toBe(false);
        }
      }
    }
    for (const to of [2, 3, 64, 100, 257, 300]) {
      for (const from of [1, 2, 37, 64, 255, 256].filter((n) => n < to)) {
        const forged = grown(many.map((leaf, n) => (n === from - 1 ? Buffer.from("changed") : leaf)));
        const proof = await consistencyProof(from, to, forged.nodes);
        expect(verifyConsistency(from, to, roots[from]!, await rootHash(to, forged.nodes), proof)).toBe(false);
      }
    }
  });

  test("every tree is consistent with the empty one, and none with a larger one", () => {
    expect(verifyConsistency(0, 5, EMPTY_ROOT, roots[5]!, [])).toBe(true);
    expect(verifyConsistency(0, 5, roots[1]!, roots[5]!, [])).toBe(false);
    expect(verifyConsistency(6, 5, roots[6]!, roots[5]!, [])).toBe(false);
  });
});
