/** Writes each object's parity before the object, for vaults that keep parity: where there is an object there is its parity, whenever the writer dies. */
import { damaged } from "../errors.ts";
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "../object-store.ts";
import type { VaultDescription } from "../types.ts";
import { encodeParity } from "./parity.ts";

/** Folders whose objects have parity. Others keep their own redundancy (ledger/), can be written again (recover/, search/), or are mended from a copy only. */
const PROTECTED = /^(?:vault\.json$|keys\/|packs\/|tree\/|snapshots\/|redactions\/|recipients\/|journal\/|drills\/|holds\/)/;

/** Whether its parity must be there: holds had none at first, so one without is no damage. */
export function mustHaveParity(key: string): boolean {
  return hasParity(key) && !key.startsWith("holds/");
}

/** What mends an object. */
export function parityKey(key: string): string {
  return `parity/${key}`;
}

export function hasParity(key: string): boolean {
  return PROTECTED.test(key);
}

class ParityStore implements ObjectStore {
  private readonly inner: ObjectStore;
  constructor(inner: ObjectStore) {
    this.inner = inner;
  }
  get traits(): StoreTraits {
    return this.inner.traits;
  }
  get locks(): ObjectLocks | undefined {
    return this.inner.locks;
  }
  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    if (hasParity(key)) await this.putParity(key, body, options);
    return this.inner.putIfAbsent(key, body, options);
  }
  private async putParity(key: string, body: Uint8Array, options: PutOptions | undefined): Promise<void> {
    const name = parityKey(key);
    const parity = encodeParity(body);
    if ((await this.inner.putIfAbsent(name, parity, options)) === "stored") return;
    const there = await this.inner.get(name);
    if (there === null || Buffer.compare(there, parity) !== 0) throw damaged(name, "something else is stored under its name");
  }
  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return this.inner.get(key, range);
  }
  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.inner.list(prefix);
  }
  /** Parity of a small object is a copy of it: what is to be forgotten is forgotten in both places. */
  async remove(key: string): Promise<void> {
    if (hasParity(key)) await this.inner.remove(parityKey(key));
    await this.inner.remove(key);
  }
}

/** The store that everything of this vault should be written through, and removed through. */
export function protectedStore(store: ObjectStore, description: Pick<VaultDescription, "parity">): ObjectStore {
  return description.parity === true && !(store instanceof ParityStore) ? new ParityStore(store) : store;
}
