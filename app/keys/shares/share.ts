/**
 * One officer's part of an identity: what it is, its bytes, and its checksum. M shares give the identity back, M-1 give nothing (Shamir 1979).
 *
 * Bytes: 01 ‖ number ‖ threshold ‖ total ‖ set (4) ‖ key id (32) ‖ share ‖ first 8 bytes of SHA-256 over all before. They are the same in the
 * file and on paper, so that either is checked in the same way and by the same words.
 */
import { createHash } from "node:crypto";
import { KeyError } from "../errors.ts";

export interface Share {
  /** 1 to total; for people only. */
  readonly number: number;
  /** Shares needed. */
  readonly threshold: number;
  /** Shares made. */
  readonly total: number;
  /** 4 random bytes, hex: shares of one split. Those of two splits of one key do not go together. */
  readonly set: string;
  /** RFC 7638 thumbprint of the identity that was split. */
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

const VERSION = 1;
const HEAD = 1 + 3 + 4 + 32;
const CHECK = 8;
/** Of RSA-16384; more is no share of ours. */
const MOST_BYTES = 4096;

export function encodeShare(share: Share): Buffer {
  const body = Buffer.concat([Buffer.from([VERSION, share.number, share.threshold, share.total]), Buffer.from(share.set, "hex"), Buffer.from(share.keyId, "base64url"), share.bytes]);
  return Buffer.concat([body, checksum(body)]);
}

/** `name` says to a person which share is meant. Throws KeyError keys.share_damaged. */
export function decodeShare(bytes: Uint8Array, name: string): Share {
  const all = Buffer.from(bytes);
  const body = all.subarray(0, all.length - CHECK);
  if (body.length <= HEAD || all.length > MOST_BYTES || !checksum(body).equals(all.subarray(body.length))) throw damagedShare(name, "its checksum does not fit");
  const [version, number, threshold, total] = body as unknown as [number, number, number, number];
  if (version !== VERSION) throw damagedShare(name, "it was made by a newer program");
  if (threshold < 2 || total < threshold || number < 1 || number > total) throw damagedShare(name, "its numbers cannot be");
  return { number, threshold, total, set: body.toString("hex", 4, 8), keyId: body.toString("base64url", 8, HEAD), bytes: Uint8Array.from(body.subarray(HEAD)) };
}

export function damagedShare(name: string, what: string): KeyError {
  return new KeyError("keys.share_damaged", `${name} is mistyped or damaged: ${what}`);
}

function checksum(body: Uint8Array): Buffer {
  return createHash("sha256").update("holdfast share v1\0").update(body).digest().subarray(0, CHECK);
}
