/** Objects of a vault written by hand from docs/design.md alone, so that a test can write what our own writer never would. */
import { createCipheriv, createHash, createHmac, createPrivateKey, hkdfSync, sign } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import type { Jwk } from "#app/vault/index.ts";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
};
export function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}
export const zigzag = (value: number): Buffer => varint(value >= 0 ? value * 2 : -value * 2 - 1);
const hkdf = (key: Uint8Array, salt: Uint8Array, label: string): Buffer => Buffer.from(hkdfSync("sha256", key, salt, label, 32));

export function gcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}
export const positionNonce = (position: number): Buffer => Buffer.concat([Buffer.alloc(8), u32(position)]);

export interface ForgedFrame {
  readonly raw: Uint8Array;
  readonly records: number;
  /** What is sealed instead of the compressed raw frame. */
  readonly compressed?: Uint8Array;
  /** What the table says instead of the raw frame's length. */
  readonly claimedRaw?: number;
  /** What the frame is sealed to, when it is not what the table says. */
  readonly bound?: { readonly frame?: number; readonly flags?: number; readonly raw?: number; readonly records?: number; readonly vaultId?: Uint8Array; readonly salt?: Uint8Array; readonly nonce?: number };
}

export interface ForgedPack {
  readonly vaultId: Uint8Array;
  readonly secret: Uint8Array;
  readonly salt?: Uint8Array;
  readonly frames: readonly ForgedFrame[];
  readonly magic?: string;
  readonly version?: number;
  readonly commitment?: Uint8Array;
  readonly flags?: number;
  readonly frameCount?: number;
  readonly tail?: Uint8Array;
}

/** A pack of version 1, docs/design.md 2.3. */
export function forgePack(o: ForgedPack): Buffer {
  const salt = o.salt ?? Buffer.alloc(32, 7);
  const flags = o.flags ?? 0;
  const key = hkdf(o.secret, salt, "holdfast frame v1");
  const sealed = o.frames.map((frame, i) => {
    const b = frame.bound ?? {};
    const raw = b.raw ?? frame.claimedRaw ?? frame.raw.length;
    const aad = Buffer.concat([Buffer.from("holdfast frame v1\0"), b.vaultId ?? o.vaultId, b.salt ?? salt, u32(b.frame ?? i), u32(b.flags ?? flags), u32(raw), u32(b.records ?? frame.records)]);
    return gcm(key, positionNonce(b.nonce ?? i), aad, frame.compressed ?? zstdCompressSync(frame.raw));
  });
  const table = o.frames.map((frame, i) => Buffer.concat([u32((sealed[i] as Buffer).length), u32(frame.claimedRaw ?? frame.raw.length), u32(frame.records)]));
  return Buffer.concat([Buffer.from(`${o.magic ?? "HFPACK"}\0`, "latin1"), Buffer.of(o.version ?? 1), salt, o.commitment ?? hkdf(o.secret, salt, "holdfast commit v1"), u32(flags), u32(o.frameCount ?? o.frames.length), ...table, ...sealed, o.tail ?? Buffer.alloc(0)]);
}

/** A raw frame of version 1 with top-level records of one kind, ids as literals. */
export function forgeFrame(records: readonly { readonly id: string; readonly body: string }[], kind = "customers"): Buffer {
  const ids = records.map(({ id }) => Buffer.concat([varint(0), varint(id.length)]));
  const literals = Buffer.from(records.map(({ id }) => id).join(""), "latin1");
  return Buffer.concat([
    varint(records.length), varint(1), varint(kind.length), Buffer.from(kind),
    ...records.map(() => varint(1)), ...ids, Buffer.alloc(records.length), ...records.map(({ body }) => varint(body.length)),
    varint(literals.length), literals, ...records.map(({ body }) => Buffer.from(`${body}\n`, "latin1")),
  ]);
}

/** packs/ab/<id>.key, docs/design.md 2.4. */
export function forgePackKey(o: { readonly secret: Uint8Array; readonly packId: string; readonly vaultId: Uint8Array; readonly keyId: string; readonly contentKey: Uint8Array; readonly boundKeyId?: string; readonly magic?: string }): Buffer {
  const nonce = Buffer.alloc(12, 3);
  const aad = Buffer.concat([Buffer.from("holdfast pack key v1\0"), o.vaultId, Buffer.from(o.packId, "hex"), Buffer.from(o.boundKeyId ?? o.keyId, "hex")]);
  return Buffer.concat([Buffer.from(`${o.magic ?? "HFPKEY"}\0\x01`, "latin1"), Buffer.from(o.keyId, "hex"), nonce, gcm(o.contentKey, nonce, aad, o.secret)]);
}

export interface ForgedBlock {
  readonly type: 1 | 2 | 3 | 4;
  readonly raw: Uint8Array;
  /** The text that is sealed, instead of 00 and the raw block. */
  readonly text?: Uint8Array;
}

/** A tree object, docs/design.md 2.5, and where its blocks lie. */
export function forgeTree(o: { readonly vaultId: Uint8Array; readonly indexKey: Uint8Array; readonly blocks: readonly ForgedBlock[]; readonly magic?: string }): { bytes: Buffer; refs: { object: number; block: number; offset: number; length: number }[] } {
  const salt = Buffer.alloc(32, 5);
  const key = hkdf(o.indexKey, salt, "holdfast tree v1");
  const head = Buffer.concat([Buffer.from(`${o.magic ?? "HFTREE"}\0\x01`, "latin1"), salt]);
  const refs: { object: number; block: number; offset: number; length: number }[] = [];
  let offset = head.length;
  const blocks = o.blocks.map(({ type, raw, text }, block) => {
    const aad = Buffer.concat([Buffer.from("holdfast tree v1\0"), o.vaultId, salt, u32(block), Buffer.of(type)]);
    const sealed = gcm(key, positionNonce(block), aad, text ?? Buffer.concat([Buffer.of(0), raw]));
    refs.push({ object: 0, block, offset, length: sealed.length });
    offset += sealed.length;
    return sealed;
  });
  return { bytes: Buffer.concat([head, ...blocks]), refs };
}

export interface ForgedEntry {
  readonly key: string;
  readonly flags?: number;
  readonly digest?: Uint8Array;
  readonly pack?: number;
  readonly frame?: number;
  readonly ordinal?: number;
  readonly place?: number;
}

/** A leaf, docs/design.md 2.5. Keys are not front-coded (shared is 0). */
export function forgeLeaf(o: { readonly first: number; readonly packs: readonly string[]; readonly entries: readonly ForgedEntry[]; readonly count?: number; readonly packCount?: number; readonly tail?: Uint8Array }): Buffer {
  const live = o.entries.filter((entry) => ((entry.flags ?? 0) & 1) === 0);
  let frameBefore = 0;
  let ordinalBefore = -1;
  return Buffer.concat([
    varint(o.count ?? o.entries.length), varint(o.first), varint(o.packCount ?? o.packs.length), ...o.packs.map((pack) => Buffer.from(pack, "hex")),
    ...o.entries.flatMap(({ key }) => [varint(0), varint(key.length), Buffer.from(key, "latin1")]),
    Buffer.from(o.entries.map((entry) => entry.flags ?? 0)),
    ...live.map((entry) => entry.digest ?? Buffer.alloc(16, 1)),
    ...live.map((entry) => varint(entry.pack ?? 0)),
    ...live.map((entry) => { const delta = (entry.frame ?? 0) - frameBefore; frameBefore = entry.frame ?? 0; return zigzag(delta); }),
    ...live.map((entry) => { const delta = (entry.ordinal ?? 0) - (ordinalBefore + 1); ordinalBefore = entry.ordinal ?? 0; return zigzag(delta); }),
    ...live.filter((entry) => (entry.flags ?? 0) === 2).map((entry) => varint(entry.place ?? 0)),
    o.tail ?? Buffer.alloc(0),
  ]);
}

/** An inner block whose children say themselves where they lie. */
export function forgeInner(children: readonly { readonly key: string; readonly ref: { readonly object: number; readonly block: number; readonly offset: number; readonly length: number } }[], mode = 0, tail: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([
    varint(children.length),
    ...children.flatMap(({ key }) => [varint(0), varint(key.length), Buffer.from(key, "latin1")]),
    ...children.flatMap(({ ref }) => [varint(ref.length), Buffer.of(mode), varint(ref.object), varint(ref.block), varint(ref.offset)]),
    tail,
  ]);
}

export const b64 = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A flattened JWS by this Ed25519 key, with any header. */
export function forgeSigned(header: unknown, payload: unknown, key: Jwk): { protected: string; payload: string; signature: string } {
  const [head, body] = [b64(header), b64(payload)];
  return { protected: head, payload: body, signature: sign(null, Buffer.from(`${head}.${body}`), createPrivateKey({ key: { ...key } as never, format: "jwk" })).toString("base64url") };
}

export function digestOf(indexKey: Uint8Array, bytes: Uint8Array): Buffer {
  return createHmac("sha256", hkdf(indexKey, Buffer.alloc(0), "holdfast digest v1")).update(bytes).digest().subarray(0, 16);
}
