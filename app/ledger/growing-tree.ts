/** A tree in memory that grows leaf by leaf and remembers every complete subtree: 64 bytes a leaf. */
import { nodeHash, type Hash, type Nodes } from "./merkle.ts";

export class GrowingTree {
  /** By level, the hashes of complete subtrees, from the left. */
  readonly #levels: Hash[][] = [[]];

  get size(): number {
    return this.#levels[0]!.length;
  }

  append(leaf: Hash): void {
    let hash = leaf;
    for (let level = 0; ; level++) {
      const row = (this.#levels[level] ??= []);
      row.push(hash);
      if (row.length % 2 === 1) return;
      hash = nodeHash(row[row.length - 2]!, hash);
    }
  }

  readonly nodes: Nodes = (level, index) => {
    const hash = this.#levels[level]?.[index];
    if (hash === undefined) throw new RangeError("The tree does not reach that far.");
    return hash;
  };
}
