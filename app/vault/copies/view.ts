/** One copy of a vault, to be verified: its own bytes, and of the lasting objects that it lacks another copy's, so that what they need is asked of it all the same. */
import type { ByteRange, Copies, ObjectInfo, ObjectStore, PutOutcome, StoreTraits } from "../object-store.ts";
import { StoreError } from "../object-store.ts";
import { isLasting } from "./compare.ts";

export class CopyView implements ObjectStore {
  private readonly own: ObjectStore;
  private readonly others: readonly ObjectStore[];
  constructor({ each }: Copies, name: string) {
    this.own = (each.find((copy) => copy.name === name) as Copies["each"][number]).store;
    this.others = each.filter((copy) => copy.name !== name).map((copy) => copy.store);
  }

  get traits(): StoreTraits {
    return this.own.traits;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    let bytes = await this.own.get(key, range);
    if (isLasting(key)) for (const other of this.others) bytes ??= await other.get(key, range);
    return bytes;
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const lent = new Map<string, number>();
    for (const other of this.others) for await (const { key, size } of other.list(prefix)) if (isLasting(key)) lent.set(key, size);
    const waiting = [...lent].sort(([a], [b]) => (a < b ? -1 : 1));
    let next = 0;
    for await (const info of this.own.list(prefix)) {
      for (; next < waiting.length && (waiting[next] as [string, number])[0] < info.key; next++) yield this.lentAt(waiting, next);
      if (waiting[next]?.[0] === info.key) next++;
      yield info;
    }
    for (; next < waiting.length; next++) yield this.lentAt(waiting, next);
  }

  private lentAt(waiting: readonly (readonly [string, number])[], at: number): ObjectInfo {
    const [key, size] = waiting[at] as readonly [string, number];
    return { key, size };
  }

  putIfAbsent(): Promise<PutOutcome> {
    return Promise.reject(new StoreError("store.read_only", "A copy is only looked at."));
  }

  remove(): Promise<void> {
    return Promise.reject(new StoreError("store.read_only", "A copy is only looked at."));
  }
}
