/** Reads through parity where a vault has it: an object that is gone, or whose bytes are not those of its name, is put together again from what is left of it. */
import { sha256 } from "../crypto/digest.ts";
import { VaultError } from "../errors.ts";
import { promisedDigest } from "../format/names.ts";
import type { ByteRange, ObjectInfo, ObjectStore } from "../object-store.ts";
import { mendFromParity, readParity } from "../repair/parity.ts";
import { hasParity, parityKey } from "../repair/parity-store.ts";
import { roomOf, type Findings } from "./findings.ts";

/** Mended index objects held at once; each is about 4 MiB. */
const HELD = 4;

export class ParityMender implements ObjectStore {
  readonly traits;
  private readonly store: ObjectStore;
  private readonly findings: Findings;
  private readonly sound = new Set<string>();
  private readonly mended = new Map<string, Buffer>();
  constructor(store: ObjectStore, findings: Findings) {
    this.store = store;
    this.traits = store.traits;
    this.findings = findings;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const digest = promisedDigest(key);
    if (this.sound.has(key)) return this.store.get(key, range);
    const held = this.mended.get(key) ?? (await this.mend(key, digest));
    if (held === null) return this.store.get(key, range);
    return range === undefined ? held : held.subarray(range.offset, range.offset + range.length);
  }

  /** Null: it is as it was written, or nothing can be done. */
  private async mend(key: string, digest: string | null): Promise<Buffer | null> {
    const bytes = await this.store.get(key);
    const mended = bytes !== null && digest !== null && sha256(bytes) === digest ? null : await this.tryMend(bytes, key, digest);
    if (mended === null) {
      this.sound.add(key);
      return null;
    }
    this.findings.add(`${roomOf(key)}.damaged`, key, "it is put right here from its parity");
    this.mended.set(key, mended);
    for (const oldest of this.mended.keys()) {
      if (this.mended.size <= HELD) break;
      this.mended.delete(oldest);
    }
    return mended;
  }

  /** An object whose name promises no digest is what its parity says: it is signed, or sealed, so that false parity leads nowhere. */
  private async tryMend(left: Uint8Array | null, key: string, digest: string | null): Promise<Buffer | null> {
    const parity = hasParity(key) ? await this.store.get(parityKey(key)) : null;
    if (parity === null) return null;
    try {
      if (left !== null && digest === null && readParity(parity, key).digest === sha256(left)) return null;
      return mendFromParity(left, parity, key, digest === null ? {} : { digest });
    } catch (error) {
      // Parity of no use is as good as none.
      if (error instanceof VaultError) return null;
      throw error;
    }
  }

  /** What has parity is there, or can be. */
  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const told = new Set<string>();
    for await (const info of this.store.list(prefix)) {
      told.add(info.key);
      yield info;
    }
    for await (const { key, size } of this.store.list(parityKey(prefix))) {
      const object = key.slice(parityKey("").length);
      if (!told.has(object)) yield { key: object, size };
    }
  }
  putIfAbsent(): never {
    throw new VaultError("vault.read_only", "a recovery writes nothing to the store");
  }
  remove(): never {
    throw new VaultError("vault.read_only", "a recovery removes nothing from the store");
  }
}

/** The store itself for a vault without parity. */
export async function throughParity(store: ObjectStore, findings: Findings): Promise<ObjectStore> {
  for await (const first of store.list("parity/")) return first.size > 0 ? new ParityMender(store, findings) : store;
  return store;
}
