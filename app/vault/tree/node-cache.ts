/** Decoded blocks, the least recently used dropped first. Bounded by what they weigh in memory, not by their number. */

export interface Weighed {
  /** Bytes, roughly. */
  readonly weight: number;
}

export class NodeCache {
  private readonly nodes = new Map<string, Weighed>();
  private weight = 0;
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  get(name: string): Weighed | undefined {
    const node = this.nodes.get(name);
    if (node !== undefined) {
      this.nodes.delete(name);
      this.nodes.set(name, node);
    }
    return node;
  }
  set(name: string, node: Weighed): void {
    const old = this.nodes.get(name);
    if (old !== undefined) this.weight -= old.weight;
    this.nodes.delete(name);
    this.nodes.set(name, node);
    this.weight += node.weight;
    for (const [oldest, dropped] of this.nodes) {
      if (this.weight <= this.limit) break;
      this.nodes.delete(oldest);
      this.weight -= dropped.weight;
    }
  }
}
