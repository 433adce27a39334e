/** Opens the records that entries point at, through whatever redactions put in their packs' places. */
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { damaged } from "../errors.ts";
import { packKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import type { ContentKeys } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import type { Redactions } from "../retention/redactions.ts";
import { FrameCache } from "../snapshot/frame-cache.ts";
import { sortKeyOfFrameRecord } from "../snapshot/reader.ts";
import { sortKeyOfRecord } from "./entries.ts";
import type { EntryRecord } from "./types.ts";

export class EntryRecords {
  private readonly packs: PackReader;
  private readonly frames: FrameCache;
  private readonly digest: KeyedDigest;
  private readonly redactions: Redactions;
  constructor(store: ObjectStore, vaultId: Uint8Array, indexKey: Uint8Array, keys: ContentKeys, redactions: Redactions) {
    this.packs = new PackReader(store, vaultId, keys);
    this.frames = new FrameCache(this.packs);
    this.digest = new KeyedDigest(deriveKey(indexKey, null, "holdfast digest v1"));
    this.redactions = redactions;
  }

  get bytesFetched(): number {
    return this.packs.bytesFetched;
  }

  /** Null: erased on purpose. Throws vault.damaged_object, vault.missing_object, vault.no_key. */
  async open(entry: EntryRecord): Promise<SourceRecord | null> {
    const { pack: named, frame: number, ordinal } = entry;
    if (this.redactions.isErased(named, number, ordinal)) return null;
    const pack = this.redactions.packFor(named);
    const frame = await this.frames.get(pack, number);
    const record = ordinal < frame.count ? frame.record(ordinal) : undefined;
    if (record === undefined || record.kind === "" || sortKeyOfFrameRecord(record) !== sortKeyOfRecord(entry.key)) throw damaged(packKey(pack), "it does not hold the record the journal says");
    if (this.digest.short(record.bytes) !== Buffer.from(entry.digest).toString("latin1")) throw damaged(packKey(pack), "a record does not match its digest");
    return { ...entry.key, bytes: record.bytes };
  }
}
