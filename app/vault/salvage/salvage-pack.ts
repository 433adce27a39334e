/**
 * Opens what is left of a pack, frame by frame: a frame that does not open is named and passed over. What one flipped bit did is put right first, in the clear
 * head (mend-head.ts), in a sealed frame (mend-bit.ts), in the pack's key (mend-secret.ts); the tags decide whether that was right.
 */
import { sha256 } from "../crypto/digest.ts";
import { open, positionNonce } from "../crypto/seal.ts";
import { missing, VaultError } from "../errors.ts";
import { packKey, packSecretKey } from "../format/names.ts";
import { StoreError } from "../object-store.ts";
import type { ObjectStore } from "../object-store.ts";
import type { FrameRecord } from "../pack/frame.ts";
import { decodeFrameLines, decodeHeader, DICTIONARY, FIXED_BYTES, FRAME_LINE_BYTES, frameAad, packKeys } from "../pack/header.ts";
import type { FrameLine } from "../pack/header.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { faultOf, type Fault, type Findings } from "./findings.ts";
import { HeldObjects } from "./held-objects.ts";
import { mendOneBit } from "./mend-bit.ts";
import { mendHead, mendsFor } from "./mend-head.ts";
import { secretOf, type FoundSecret } from "./mend-secret.ts";
import type { SalvageKeys } from "./salvage-keys.ts";

/** A pack is at most about 16 MiB unless a single record is larger (docs/design.md 1, 2.3): 80 MiB of raw frame, and its head. */
const LARGEST_HELD = 96 * 1024 * 1024;
/** Frames of one pack that mending is tried for: one flipped bit needs one, and more damage than a few bits is not mended this way. */
const MOST_MENDS = 2;
/** The same, for a bit of a sealed frame, which takes a tenth of a second to find or not to find. */
const MOST_BITS = 16;

export interface SalvagedFrame {
  readonly frame: number;
  readonly records: readonly FrameRecord[];
}

export interface SalvagePack {
  readonly store: ObjectStore;
  readonly vaultId: Uint8Array;
  readonly keys: SalvageKeys;
  readonly findings: Findings;
}

/** Faults are findings. Yields every frame that opens, in order. */
export async function* salvagePack({ store, vaultId, keys, findings }: SalvagePack, id: string): AsyncGenerator<SalvagedFrame> {
  const name = packKey(id);
  let held: Buffer | null;
  try {
    held = await hold(store, id);
  } catch (error) {
    findings.fault(error, name);
    // A disk that cannot read a pack as a whole may still give most of its frames.
    if (!(error instanceof StoreError)) return;
    held = null;
  }
  const intact = held !== null && sha256(held) === id;
  if (held !== null && !intact) findings.add("pack.damaged", name, "its digest is not its name");
  let found: FoundSecret | null;
  try {
    found = await secretOf(store, id, keys, vaultId, findings);
  } catch (error) {
    findings.fault(error, packSecretKey(id));
    return;
  }
  if (found === null) return;
  const { secret } = found;
  const view = new HeldObjects(store, new Map([[packSecretKey(id), found.bytes], ...(held === null ? [] : [[name, held] as const])]));
  if (held !== null && !intact) mendHead(held, secret);
  let reader = new PackReader(view, vaultId, keys);
  let header;
  try {
    const head = await view.get(name, { offset: 0, length: FIXED_BYTES });
    if (head === null) throw missing(name);
    header = decodeHeader(head, name);
  } catch (error) {
    findings.fault(error, name);
    return;
  }
  const { frameCount } = header;
  const attempt = async (frame: number): Promise<SalvagedFrame | Fault> => {
    try {
      if (frame === 0 && (await isDictionaryAlone(view, secret, vaultId, name))) return { frame, records: [] };
      return { frame, records: await reader.frame(id, frame) };
    } catch (error) {
      return faultOf(error, name);
    }
  };
  let mends = held === null || intact ? 0 : MOST_MENDS;
  let bits = held === null || intact ? 0 : MOST_BITS;
  for (let frame = 0; frame < frameCount; frame++) {
    let got = await attempt(frame);
    if (held !== null && "message" in got && mends > 0) {
      mends--;
      for (const undo of mendsFor(held, frame, frameCount)) {
        reader = new PackReader(view, vaultId, keys);
        const again = await attempt(frame);
        if (!("message" in again)) {
          got = again;
          break;
        }
        undo();
        reader = new PackReader(view, vaultId, keys);
      }
    }
    if (held !== null && "message" in got && bits > 0) {
      bits--;
      if (mendFrame(held, secret, vaultId, frame, name)) got = await attempt(frame);
    }
    if ("message" in got) findings.add("frame.damaged", name, `frame ${frame} of ${frameCount}: ${got.message}`);
    else yield got;
  }
}

/** Frame 0 may hold no record and be the others' dictionary only; then it is opened here, or its seal would go unchecked. Throws vault.damaged_object. */
async function isDictionaryAlone(view: ObjectStore, secret: Buffer, vaultId: Uint8Array, name: string): Promise<boolean> {
  const head = await view.get(name, { offset: 0, length: FIXED_BYTES + FRAME_LINE_BYTES });
  if (head === null) throw missing(name);
  const header = decodeHeader(head, name);
  const { offset, sealed, raw, records } = decodeFrameLines(head, header, 1, name)[0] as FrameLine;
  if ((header.flags & DICTIONARY) === 0 || records > 0) return false;
  const bytes = await view.get(name, { offset, length: sealed });
  if (bytes === null) throw missing(name);
  open(packKeys(secret, header.salt).frameKey, positionNonce(0), frameAad(header.version, vaultId, header.salt, 0, header.flags, raw, records), bytes, name);
  return true;
}

async function hold(store: ObjectStore, id: string): Promise<Buffer | null> {
  const name = packKey(id);
  const first = await store.get(name, { offset: LARGEST_HELD, length: 1 });
  if (first === null) throw missing(name);
  if (first.length > 0) return null;
  const bytes = await store.get(name);
  if (bytes === null) throw missing(name);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function mendFrame(pack: Buffer, secret: Buffer, vaultId: Uint8Array, frame: number, name: string): boolean {
  try {
    const header = decodeHeader(pack, name);
    const { offset, sealed, raw, records } = decodeFrameLines(pack, header, frame + 1, name)[frame] as FrameLine;
    const aad = frameAad(header.version, vaultId, header.salt, frame, header.flags, raw, records);
    return offset + sealed <= pack.length && mendOneBit(packKeys(secret, header.salt).frameKey, positionNonce(frame), aad, pack.subarray(offset, offset + sealed));
  } catch (error) {
    // A head that does not decode says nothing about where the frame lies.
    if (error instanceof VaultError) return false;
    throw error;
  }
}
