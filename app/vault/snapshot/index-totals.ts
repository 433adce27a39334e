/** What a commit counts while the new index passes by: the root, and records by kind and by pack. */
import { RootBuilder } from "../tree/root.ts";

export interface KindTotal {
  records: number;
  seen: number;
}

export class IndexTotals {
  readonly root = new RootBuilder();
  added = 0;
  changed = 0;
  removed = 0;
  unchanged = 0;
  moved = 0;
  carried = 0;
  /** By kind (byte string): records in the snapshot, and those of them that were seen. */
  readonly kinds = new Map<string, KindTotal>();
  private readonly packs = new Map<string, { records: number }>();
  private lastPack = "";
  private lastCount = { records: 0 };

  kind(name: string): KindTotal {
    let total = this.kinds.get(name);
    if (total === undefined) this.kinds.set(name, (total = { records: 0, seen: 0 }));
    return total;
  }

  /** One more record that lies in this pack. Neighbours nearly always lie in the same one. */
  use(pack: string): void {
    if (pack !== this.lastPack) {
      let count = this.packs.get(pack);
      if (count === undefined) this.packs.set(pack, (count = { records: 0 }));
      this.lastPack = pack;
      this.lastCount = count;
    }
    this.lastCount.records++;
  }

  /** Records used, by pack. */
  live(): ReadonlyMap<string, number> {
    return new Map([...this.packs].map(([pack, { records }]) => [pack, records]));
  }
}
