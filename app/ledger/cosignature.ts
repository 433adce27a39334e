/**
 * What a witness adds to a checkpoint: "at this time, this was the longest history of that log I had seen, and it continued all I had seen
 * before" (https://c2sp.org/tlog-cosignature, the Ed25519 form).
 *
 *   — <witness name> <base64(key id ‖ POSIX seconds, 8 bytes ‖ signature)>     over  cosignature/v1\ntime <seconds>\n<checkpoint text>
 */
import { createPublicKey, verify } from "node:crypto";
import { noteKeyIdOf, splitNote } from "./note.ts";

/** Signature type in key ids and verifier keys (https://c2sp.org/signed-note). */
const COSIGNATURE = 4;
const BYTES = 4 + 8 + 64;

export interface WitnessKey {
  readonly name: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export interface Cosignature {
  readonly witness: string;
  readonly at: Date;
}

/** Reads <name>+<key id, hex>+<base64(0x04 ‖ public key)>. Null for anything else, a wrong key id included. */
export function parseWitnessKey(text: string): WitnessKey | null {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim());
  if (match === null) return null;
  const bytes = Buffer.from(match[3]!, "base64");
  if (bytes.length !== 33 || bytes[0] !== COSIGNATURE || bytes.toString("base64") !== match[3]) return null;
  const witness = { name: match[1]!, key: new Uint8Array(bytes.subarray(1)) };
  return witnessKeyId(witness).toString("hex") === match[2] ? witness : null;
}

export function witnessKeyId({ name, key }: WitnessKey): Buffer {
  return noteKeyIdOf(name, COSIGNATURE, key);
}

/** Those of the given witnesses on a checkpoint, oldest first. Null: one of them is there and is wrong, so that the note deserves no trust. */
export function cosignaturesOf(note: string, witnesses: readonly WitnessKey[]): readonly Cosignature[] | null {
  const parts = splitNote(note);
  if (parts === null) return null;
  const found: Cosignature[] = [];
  for (const witness of witnesses) {
    const id = witnessKeyId(witness);
    for (const { name, bytes } of parts.signatures) {
      if (name !== witness.name || !id.equals(bytes.subarray(0, 4))) continue;
      const at = bytes.length === BYTES ? checked(parts.text, witness, bytes) : null;
      if (at === null) return null;
      found.push({ witness: name, at });
    }
  }
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The time of a right cosignature; null for a wrong one. */
function checked(text: string, { key }: WitnessKey, bytes: Buffer): Date | null {
  const seconds = bytes.readBigUInt64BE(4);
  // Beyond what a Date can hold, and far beyond any honest clock.
  if (seconds > 8_640_000_000_000n) return null;
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(key).toString("base64url") }, format: "jwk" });
  const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  return verify(null, message, publicKey, bytes.subarray(12)) ? new Date(Number(seconds) * 1000) : null;
}
