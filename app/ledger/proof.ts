/**
 * Proofs that leave the house: one text file that says "this entry is in that ledger" and can be checked by anybody with the ledger's public
 * key, offline, by this program or another's: C2SP tlog-proof (https://c2sp.org/tlog-proof).
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64 of the entry>        our use of the optional line: the bytes whose hash is the leaf
 *   index <place in the log>
 *   <audit path, base64, one hash a line>
 *   <empty line>
 *   <checkpoint, with cosignatures if there are any>
 */
import { cosignaturesOf, type Cosignature, type WitnessKey } from "./cosignature.ts";
import { decodeEntry, type LedgerEntry } from "./entry.ts";
import { leafHash, verifyInclusion, type Hash } from "./merkle.ts";
import { isSignedBy, parseCheckpoint, type Checkpoint, type Ed25519Key } from "./note.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
/** A tree of 2^63 leaves has paths of 63 hashes. */
const MAX_HASHES = 63;

export interface LedgerProof {
  /** Counted from 0. */
  readonly index: number;
  readonly hashes: readonly Hash[];
  readonly checkpoint: Checkpoint;
  /** Not covered by any signature; only worth something when its hash is the leaf. */
  readonly extra: Uint8Array | null;
}

export function formatProof({ index, hashes, checkpoint, extra }: LedgerProof): string {
  const lines = [HEADER, ...(extra === null ? [] : [`extra ${base64(extra)}`]), `index ${index}`, ...hashes.map(base64), ""];
  return `${lines.join("\n")}\n${checkpoint.note}`;
}

/** Null when the text is not a proof in its one form. Says nothing about whether it proves anything. */
export function parseProof(text: string): LedgerProof | null {
  const end = text.indexOf("\n\n");
  if (end === -1) return null;
  const checkpoint = parseCheckpoint(text.slice(end + 2));
  const lines = text.slice(0, end).split("\n");
  if (checkpoint === null || lines.shift() !== HEADER) return null;
  let extra: Uint8Array | null = null;
  if (lines[0]?.startsWith("extra ") === true) {
    extra = unbase64(lines.shift()!.slice(6));
    if (extra === null) return null;
  }
  const match = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "");
  if (match === null || lines.length > MAX_HASHES || !Number.isSafeInteger(Number(match[1]))) return null;
  const hashes = lines.map(unbase64);
  if (!hashes.every((hash) => hash?.length === 32)) return null;
  return { index: Number(match[1]), hashes: hashes as Hash[], checkpoint, extra };
}

export type CheckedProof =
  | {
      readonly ok: true;
      readonly index: number;
      readonly entry: LedgerEntry;
      readonly checkpoint: Checkpoint;
      /** By the witnesses asked for, oldest first. */
      readonly cosignatures: readonly Cosignature[];
    }
  | {
      readonly ok: false;
      /** What is wrong, first things first. */
      readonly reason: "not-a-proof" | "not-signed" | "no-entry" | "not-included";
    };

/** `witnesses`: whose cosignatures to look for; a right one is reported, a wrong one by a known witness makes the proof "not-signed". */
export function checkProof(text: string, o: { readonly publicKey: Ed25519Key; readonly witnesses?: readonly WitnessKey[] | undefined }): CheckedProof {
  const proof = parseProof(text);
  if (proof === null) return { ok: false, reason: "not-a-proof" };
  const { checkpoint, index, hashes, extra } = proof;
  const cosigned = cosignaturesOf(checkpoint.note, o.witnesses ?? []);
  if (!isSignedBy(checkpoint.note, o.publicKey) || cosigned === null) return { ok: false, reason: "not-signed" };
  const entry = extra === null ? null : decodeEntry(extra);
  if (extra === null || entry === null) return { ok: false, reason: "no-entry" };
  if (!verifyInclusion(leafHash(extra), index, checkpoint.size, hashes, Buffer.from(checkpoint.root, "hex"))) return { ok: false, reason: "not-included" };
  return { ok: true, index, entry, checkpoint, cosignatures: cosigned };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function unbase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  return text !== "" && bytes.toString("base64") === text ? bytes : null;
}
