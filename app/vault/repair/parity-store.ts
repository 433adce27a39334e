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
    const replaced = hasParity(key) && (await this.putParity(key, body, options));
    const outcome = await this.inner.putIfAbsent(key, body, options);
    // Whose parity that was came to its object first, after all.
    const winner = replaced && outcome === "already-there" ? await this.inner.get(key) : null;
    if (winner !== null) await this.replaceParity(parityKey(key), encodeParity(winner), options);
    return outcome;
  }
  /** True: another's parity was replaced. */
  private async putParity(key: string, body: Uint8Array, options: PutOptions | undefined): Promise<boolean> {
    const name = parityKey(key);
    const parity = encodeParity(body);
    if ((await this.inner.putIfAbsent(name, parity, options)) === "stored") return false;
    const there = await this.inner.get(name);
    if (there !== null && Buffer.compare(there, parity) === 0) return false;
    if ((await this.inner.get(key, { offset: 0, length: 1 })) !== null) throw damaged(name, "something else is stored under its name");
    // Parity of nothing: its writer died before the object. A number's next taker has other bytes.
    await this.replaceParity(name, parity, options);
    return true;
  }
  private async replaceParity(name: string, parity: Uint8Array, options: PutOptions | undefined): Promise<void> {
    await this.inner.remove(name);
    await this.inner.putIfAbsent(name, parity, options);
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
