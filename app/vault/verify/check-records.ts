/**
 * With an identity: every record is opened and its digest recomputed. Index entries are filed by where they point while the index is
 * walked (in bounded memory, sealed on disk beyond that) and then compared pack by pack, each pack opened once however many snapshots use it;
 * what packs are searched by is compared in the same pass.
 */
import { deriveKey } from "../crypto/seal.ts";
import { VaultError } from "../errors.ts";
import { contentKeyObject, packKey, packSecretKey } from "../format/names.ts";
import { StoreError } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import type { ContentKeys } from "../ports.ts";
import type { Redactions } from "../retention/redactions.ts";
import { AddressRows } from "../scan/address-rows.ts";
import { PackScan, sizesOf, threadsFor } from "../scan/pack-scan.ts";
import { newSeed, RowFiler } from "../scan/row-filer.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import type { PackInfo } from "../types.ts";
import type { Audit } from "./audit.ts";
import type { PackLists } from "./audit.ts";
import { faultOf } from "./audit.ts";
import type { SearchCheck } from "./check-search-records.ts";
import type { OnEntry } from "./count-index.ts";

export interface RecordCheckOptions {
  readonly audit: Audit;
  readonly keys: IndexKeys;
  readonly content: ContentKeys;
  readonly lists: PackLists;
  readonly redactions: Redactions;
  readonly scratch: Scratch;
  /** The object that holds a content key now, by key id. */
  readonly keyObjects: ReadonlyMap<string, string>;
  /** Null: what packs are searched by is not compared. */
  readonly search: SearchCheck | null;
  /** Default: as many as pay for themselves. */
  readonly threads?: number | undefined;
}

export class RecordCheck {
  records = 0;
  private readonly options: RecordCheckOptions;
  private readonly order: readonly PackInfo[];
  private readonly rows: AddressRows;
  private readonly seed = newSeed();
  private readonly filer: RowFiler;
  private readonly packs: PackReader;
  constructor(options: RecordCheckOptions) {
    const { audit, keys, content, lists, redactions, scratch } = options;
    this.options = options;
    const packs = new Map<string, PackInfo>();
    for (const list of lists.values()) for (const pack of list) packs.set(pack.id, pack);
    this.order = [...packs.values()];
    this.rows = new AddressRows(scratch, this.order.map((pack) => pack.records));
    this.filer = new RowFiler(this.rows, this.seed, new Map(this.order.map((pack, number) => [pack.id, number])), redactions);
    this.packs = new PackReader(audit.store, keys.vaultId, content);
  }

  /** A run may still point at packs that every snapshot using it has superseded: those are nobody's loss. */
  readonly onEntry: OnEntry = (leaf, i) => (this.filer.file(leaf, i) === "full" ? this.rows.spill() : null);

  /** After the whole index was told. */
  async run(): Promise<void> {
    const { audit, keys, search, threads } = this.options;
    const bytes = this.order.reduce((sum, pack) => sum + pack.size, 0);
    const scan = new PackScan({ packs: this.packs, digestKey: deriveKey(keys.indexKey, null, "holdfast digest v1"), seed: this.seed, wanted: "nothing", terms: search?.terms, threads: threads ?? threadsFor(bytes) });
    try {
      for (const [number, info] of this.order.entries()) {
        audit.progress("records", number, this.order.length);
        await this.pack(scan, number, info);
      }
      audit.progress("records", this.order.length, this.order.length);
    } finally {
      await scan.close();
      audit.bytesRead += this.packs.bytesFetched;
    }
  }

  private async pack(scan: PackScan, number: number, info: PackInfo): Promise<void> {
    const { audit, redactions, search } = this.options;
    const { id, keyId } = redactions.replacement(info.id) ?? info;
    const name = packKey(id);
    const searched = search?.take(id) ?? null;
    if (audit.faulty(name) || audit.faulty(packSecretKey(id)) || !(await this.opens(keyId))) return;
    try {
      const pack = await this.packs.head(id);
      const sizes = sizesOf(pack);
      if (sizes.reduce((sum, size) => sum + size.records, 0) !== info.records) {
        audit.find("pack.damaged", name, "it holds another number of records than its snapshot says");
        return;
      }
      const { expected, misfit } = await this.rows.of(number, sizes);
      searched?.begin(await this.packs.secretOf(id));
      for await (const { records, fault, terms } of scan.pack(id, pack, expected, searched !== null)) {
        this.records += records;
        if (terms !== null) searched?.add(terms);
        if (fault === null) continue;
        if (fault.what === "pack") audit.find("pack.damaged", name, fault.message);
        else audit.find(fault.what === "missing" ? "record.missing" : "record.damaged", name, `frame ${fault.frame}, record ${fault.ordinal}`);
      }
      if (misfit !== null) audit.find(misfit.what === "missing" ? "record.missing" : "record.damaged", name, `frame ${misfit.frame}, record ${misfit.ordinal}`);
      searched?.end();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.object === packSecretKey(id)) audit.find(fault.code === "vault.missing_object" ? "pack_key.missing" : "pack_key.damaged", fault.object, fault.message);
      else audit.find("pack.damaged", name, fault.message);
    }
  }

  private async opens(keyId: string): Promise<boolean> {
    const { audit, content, keyObjects } = this.options;
    const object = keyObjects.get(keyId) ?? contentKeyObject(keyId);
    if (audit.faulty(object)) return false;
    try {
      if ((await content.get(keyId)) !== null) return true;
      audit.find("key.unopenable", object, "this identity is not a recipient");
    } catch (error) {
      if (error instanceof StoreError) throw error;
      // Whatever an opener says of bytes it cannot make sense of, the fault is the object's.
      audit.find("key.damaged", (error instanceof VaultError ? error.object : undefined) ?? object, error instanceof VaultError ? error.message : "it does not open");
    }
    return false;
  }

  close(): Promise<void> {
    return this.rows.close();
  }
}
