/**
 * With an identity: every record is opened and its digest recomputed. Index entries are sorted by where they point (in bounded memory,
 * sealed on disk beyond that) and then compared pack by pack, so that each pack is opened once however many snapshots use it.
 */
import { DIGEST_BYTES, KeyedDigest, sha256 } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { VaultError } from "../errors.ts";
import { contentKeyObject, packKey, packSecretKey, treeKey } from "../format/names.ts";
import { StoreError } from "../object-store.ts";
import type { FrameRecord } from "../pack/frame.ts";
import { PackReader } from "../pack/pack-reader.ts";
import type { ContentKeys, KeyOpener } from "../ports.ts";
import { Scratch } from "../scratch/scratch.ts";
import { Sorter } from "../scratch/sorter.ts";
import type { Row } from "../scratch/sorter.ts";
import { contentKeys } from "../snapshot/content-keys.ts";
import { sortKeyOfFrameRecord } from "../snapshot/reader.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { PackInfo, RunDescription, SnapshotManifest } from "../types.ts";
import type { Audit } from "./audit.ts";
import type { PackLists } from "./audit.ts";
import { faultOf } from "./audit.ts";

const READ_AHEAD = 512 * 1024;
/** digest, hash of the sort key. */
const WIDTH = DIGEST_BYTES + 8;

export async function checkRecords(audit: Audit, keys: IndexKeys, manifests: readonly SnapshotManifest[], lists: PackLists, opener: KeyOpener, scratchDirectory: string): Promise<number> {
  const packs = new Map<string, PackInfo>();
  for (const list of lists.values()) for (const pack of list) packs.set(pack.id, pack);
  const order = [...packs.values()];
  const numbers = new Map(order.map((pack, number) => [pack.id, number]));
  const scratch = new Scratch(scratchDirectory);
  const sorter = new Sorter(scratch, WIDTH);
  try {
    const runs = new Map<string, RunDescription>();
    for (const manifest of manifests) for (const run of manifest.runs) runs.set(run.id, run);
    for (const run of runs.values()) await addRun(audit, keys, run, numbers, sorter);
    const check = new RecordCheck(audit, keys, contentKeys(audit.store, opener), order);
    let last: Row | null = null;
    for await (const batch of sorter.sorted()) {
      for (const row of batch) {
        // Runs that were merged say again what the runs they came from said.
        if (last === null || last.key !== row.key || !last.payload.equals(row.payload)) await check.expect(row);
        last = row;
      }
    }
    await check.finish();
    return check.records;
  } finally {
    await sorter.close();
    await scratch.remove();
  }
}

/** Files every entry of a run under the place it points at. */
async function addRun(audit: Audit, keys: IndexKeys, run: RunDescription, numbers: ReadonlyMap<string, number>, sorter: Sorter): Promise<void> {
  if (run.objects.some((object) => audit.faulty(treeKey(object.id)))) return;
  const cursor = new IndexReader(audit.store, keys, [run], { readAhead: READ_AHEAD }).cursor();
  const address = Buffer.alloc(12);
  const payload = Buffer.alloc(WIDTH);
  try {
    let more = await cursor.seek();
    while (more) {
      if (!cursor.removed) {
        const { digest, pack, frame, ordinal } = cursor.located;
        const number = numbers.get(pack);
        // A run may still point at packs that every snapshot using it has superseded.
        if (number !== undefined) {
          address.writeUInt32BE(number, 0);
          address.writeUInt32BE(frame, 4);
          address.writeUInt32BE(ordinal, 8);
          payload.write(digest, 0, "latin1");
          writeKeyHash(cursor.key, payload, DIGEST_BYTES);
          if (sorter.add(address.toString("latin1"), payload)) await sorter.spill();
        }
      }
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
  } catch (error) {
    const fault = faultOf(error);
    audit.find("tree.damaged", fault.object?.includes("/") === true ? fault.object : treeKey(run.objects[0]?.id ?? run.id), fault.message);
  }
}

/** The first 8 bytes of SHA-256: enough to tell a record from another; forging is what the digest is for. */
function writeKeyHash(key: string, out: Buffer, at: number): void {
  out.write(sha256(Buffer.from(key, "latin1")).slice(0, 16), at, "hex");
}

class RecordCheck {
  records = 0;
  private readonly audit: Audit;
  private readonly digest: KeyedDigest;
  private readonly reader: PackReader;
  private readonly keys: ContentKeys;
  private readonly order: readonly PackInfo[];
  private number = -1;
  private frames: AsyncGenerator<{ frame: number; records: FrameRecord[] }> | null = null;
  private frame = -1;
  private opened: readonly FrameRecord[] = [];
  private readonly hash = Buffer.alloc(8);
  constructor(audit: Audit, keys: IndexKeys, content: ContentKeys, order: readonly PackInfo[]) {
    this.audit = audit;
    this.digest = new KeyedDigest(deriveKey(keys.indexKey, null, "holdfast digest v1"));
    this.keys = content;
    this.reader = new PackReader(audit.store, keys.vaultId, content);
    this.order = order;
  }

  /** An entry of the index; entries come in order of pack, frame, ordinal. */
  async expect(row: Row): Promise<void> {
    const address = Buffer.from(row.key, "latin1");
    const number = address.readUInt32BE(0);
    const frame = address.readUInt32BE(4);
    const ordinal = address.readUInt32BE(8);
    if (number !== this.number) await this.open(number);
    if (this.frames === null) return;
    const id = (this.order[number] as PackInfo).id;
    try {
      while (this.frame < frame) {
        const next = await this.frames.next();
        if (next.done === true) break;
        this.frame = next.value.frame;
        this.opened = next.value.records;
      }
    } catch (error) {
      this.blame(id, error);
      this.frames = null;
      return;
    }
    const record = this.frame === frame ? this.opened[ordinal] : undefined;
    if (record === undefined || record.kind === "") {
      this.audit.find("record.missing", packKey(id), `frame ${frame}, record ${ordinal}`);
      return;
    }
    writeKeyHash(sortKeyOfFrameRecord(record), this.hash, 0);
    if (this.hash.compare(row.payload, DIGEST_BYTES, WIDTH) !== 0 || this.digest.short(record.bytes) !== row.payload.toString("latin1", 0, DIGEST_BYTES)) {
      this.audit.find("record.damaged", packKey(id), `frame ${frame}, record ${ordinal}`);
      return;
    }
    this.records++;
  }

  private async open(number: number): Promise<void> {
    await this.endPack();
    this.number = number;
    this.frame = -1;
    this.opened = [];
    this.frames = null;
    const pack = this.order[number] as PackInfo;
    this.audit.progress("records", number + 1, this.order.length);
    const name = packKey(pack.id);
    const jwe = contentKeyObject(pack.keyId);
    if (this.audit.faulty(name) || this.audit.faulty(packSecretKey(pack.id)) || this.audit.faulty(jwe)) return;
    try {
      if ((await this.keys.get(pack.keyId)) === null) {
        this.audit.find("key.unopenable", jwe, "this identity is not a recipient");
        return;
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      // Whatever an opener says of bytes it cannot make sense of, the fault is the object's.
      this.audit.find("key.damaged", jwe, error instanceof VaultError ? error.message : "it does not open");
      return;
    }
    this.frames = this.reader.frames(pack.id);
  }

  /** Frames that no entry points at are opened too: every sealed byte is authenticated. */
  private async endPack(): Promise<void> {
    if (this.frames === null) return;
    try {
      while ((await this.frames.next()).done !== true);
    } catch (error) {
      this.blame((this.order[this.number] as PackInfo).id, error);
    }
    this.frames = null;
  }

  private blame(id: string, error: unknown): void {
    const fault = faultOf(error);
    if (fault.object === packSecretKey(id)) this.audit.find(fault.code === "vault.missing_object" ? "pack_key.missing" : "pack_key.damaged", fault.object, fault.message);
    else this.audit.find("pack.damaged", packKey(id), fault.message);
  }

  async finish(): Promise<void> {
    await this.endPack();
    this.audit.bytesRead += this.reader.bytesFetched;
  }
}
