/**
 * Makes tests/vectors/format-v<N>/*.json: bytes in, expected outcome out, failures included. Run once per format version:
 *   node tests/vectors/make-vectors.ts 1|2
 * Format 2 differs in packs and runs only.
 * The files are frozen. If running this changes one, the format has changed, and that needs a new version, not a new file.
 * Ciphertexts follow from fixed salts, nonces and keys; nothing here is secret and every record is synthetic.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { KeyedDigest, sha256 } from "#app/vault/crypto/digest.ts";
import { deriveKey, positionNonce, seal } from "#app/vault/crypto/seal.ts";
import { sortKeyOf } from "#app/vault/format/sort-key.ts";
import { ByteWriter } from "#app/vault/format/bytes.ts";
import { FrameBuilder } from "#app/vault/pack/frame-builder.ts";
import { RecordFrameBuilder } from "#app/vault/pack/frame-builder-v1.ts";
import { encodeHeader, frameAad, packKeys } from "#app/vault/pack/header.ts";
import { wrapPackSecret } from "#app/vault/pack/secret.ts";
import { Scratch } from "#app/vault/scratch/scratch.ts";
import { RootBuilder } from "#app/vault/tree/root.ts";
import { RunWriter } from "#app/vault/tree/run-writer.ts";

const version = process.argv[2] === "2" ? 2 : 1;
const out = join(import.meta.dirname, `format-v${String(version)}`);
mkdirSync(out, { recursive: true });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bin = (text: string): string => hex(Buffer.from(text, "latin1"));
const save = (name: string, vector: unknown): void => {
  if (version === 1 || name === "pack" || name === "run") writeFileSync(join(out, `${name}.json`), `${JSON.stringify(vector, null, 1)}\n`);
};
const fixed = (byte: number, length = 32): Buffer => Buffer.alloc(length, byte);
const vaultId = fixed(0xa1, 16);
const indexKey = fixed(0xb2);
const flip = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
};

const records = [
  { kind: "customers", id: "gid://synthetic/Customer/1", parentId: null, text: '{"id":"gid://synthetic/Customer/1","note":"SYNTHETIC"}' },
  { kind: "metafields", id: "gid://synthetic/Metafield/9", parentId: "gid://synthetic/Customer/1", text: '{"id":"gid:\\/\\/synthetic\\/Metafield\\/9","value":"SYNTHETIC \u00e9"}' },
  { kind: "metafields", id: "gid://synthetic/Metafield/8", parentId: "gid://synthetic/Customer/1", text: "" },
  { kind: "caf\u00e9", id: "\u{1f600}", parentId: null, text: "SYNTHETIC \u{1f600}" },
];

const digest = new KeyedDigest(deriveKey(indexKey, null, "holdfast digest v1"));
save("digest", {
  indexKey: hex(indexKey),
  cases: records.map(({ text }) => ({ record: hex(Buffer.from(text)), digest: bin(digest.short(Buffer.from(text))) })),
});

save("sort-key", { cases: records.map(({ kind, id, parentId }) => ({ kind, id, parentId, sortKey: bin(sortKeyOf(kind, id, parentId)) })), malformed: ["", "61", "6100", "00006b", "6100016b", "610001006900", "6100026b", "6100006b00"] });

const entries = Array.from({ length: 1200 }, (_, i) => ({ key: sortKeyOf("customers", `c${String(i).padStart(5, "0")}`, null), digest: digest.short(Buffer.from(`SYNTHETIC ${i}`)), place: i % 7 === 0 ? i : -1 }));
const rootOf = (count: number): string => {
  const root = new RootBuilder();
  for (const entry of entries.slice(0, count)) root.add(entry.key, entry.digest, entry.place);
  return root.finish();
};
save("root", { indexKey: hex(indexKey), note: 'entry i: kind customers, id "c" and five digits, no parent, record "SYNTHETIC i", place i when i is a multiple of 7, else none', cases: [0, 1, 2, 255, 1200].map((count) => ({ entries: count, root: rootOf(count) })) });

function rawFrame(from: number, to: number): Buffer {
  if (version === 2) return rawFrameOf2(from, to);
  const builder = new RecordFrameBuilder();
  for (const { kind, id, parentId, text } of records.slice(from, to)) builder.add(Buffer.from(kind).toString("latin1"), Buffer.from(id).toString("latin1"), parentId, Buffer.from(text));
  return builder.take();
}
function rawFrameOf2(from: number, to: number): Buffer {
  const kinds = [...new Set(records.map(({ kind }) => Buffer.from(kind).toString("latin1")))];
  const builder = new FrameBuilder((kind) => kinds[kind] as string);
  for (const { kind, id, parentId, text } of records.slice(from, to)) {
    const bytes = Buffer.from(text);
    const at = bytes.indexOf(id);
    const idBytes = at < 0 ? Buffer.from(id) : bytes;
    const parentBytes = parentId === null ? null : Buffer.from(parentId);
    const idStart = Math.max(at, 0);
    builder.add({ kind: kinds.indexOf(Buffer.from(kind).toString("latin1")), bytes, start: 0, end: bytes.length, idBytes, idStart, idEnd: idStart + Buffer.byteLength(id), parentBytes, parentStart: 0, parentEnd: parentBytes?.length ?? 0, newline: bytes.includes(10) });
  }
  const raw = new ByteWriter();
  builder.take(raw);
  return raw.copy();
}
function pack(frames: readonly Buffer[], flags: number, counts = [3, 1]): Buffer {
  const salt = fixed(0xc3);
  const keys = packKeys(fixed(0xd4), salt);
  const sealed = frames.map((raw, i) => seal(keys.frameKey, positionNonce(i), frameAad(version, vaultId, salt, i, flags, raw.length, counts[i] as number), zstdCompressSync(raw, flags === 1 && i > 0 ? { dictionary: frames[0] as Buffer } : {})));
  return Buffer.concat([encodeHeader(version, salt, keys.commitment, flags, frames.map((raw, i) => ({ sealed: (sealed[i] as Buffer).length, raw: raw.length, records: counts[i] as number }))), ...sealed]);
}
const frames = [rawFrame(0, 3), rawFrame(3, 4)];
const plain = pack(frames, 0);
// In format 1 the dictionary is a frame of records too; in format 2 it is a frame of its own.
const withDictionary = version === 1 ? pack(frames, 1) : pack([Buffer.from(records.map(({ text }) => text).join("\n")), ...frames], 1, [0, 3, 1]);
const content = { id: hex(fixed(0xe5, 16)), key: fixed(0xf6) };
const secretOf = (bytes: Buffer): Buffer => wrapPackSecret(fixed(0xd4), sha256(bytes), content, vaultId, () => fixed(0x17, 12));
const lines = (bytes: Buffer): { first: Buffer; second: Buffer } => ({ first: bytes.subarray(80, 92), second: bytes.subarray(92, 104) });
const swapped = Buffer.concat([plain.subarray(0, 80), lines(plain).second, lines(plain).first, plain.subarray(104 + plain.readUInt32BE(80)), plain.subarray(104, 104 + plain.readUInt32BE(80))]);
const bad = (name: string, bytes: Buffer, secret = secretOf(bytes), key = content.key): unknown => ({ name, pack: hex(bytes), secretObject: hex(secret), contentKey: hex(key), outcome: "vault.damaged_object" });
save("pack", {
  vaultId: hex(vaultId),
  cases: [
    { name: "two frames", pack: hex(plain), secretObject: hex(secretOf(plain)), contentKey: hex(content.key), outcome: "records" },
    { name: "frame 0 is the dictionary", pack: hex(withDictionary), secretObject: hex(secretOf(withDictionary)), contentKey: hex(content.key), outcome: "records", ...(version === 1 ? {} : { firstFrame: 1 }) },
    bad("magic flipped", flip(plain, 0)),
    bad("version of the future", flip(plain, 7)),
    bad("salt flipped", flip(plain, 8)),
    bad("commitment flipped", flip(plain, 40)),
    bad("flags flipped", flip(plain, 75)),
    bad("unknown flags", flip(plain, 74)),
    bad("frame count flipped", flip(plain, 79)),
    bad("record count flipped", flip(plain, 91)),
    bad("raw length flipped", flip(plain, 87)),
    bad("sealed length flipped", flip(plain, 83)),
    bad("first sealed byte flipped", flip(plain, 104)),
    bad("last tag byte flipped", flip(plain, plain.length - 1)),
    bad("cut by a byte", plain.subarray(0, plain.length - 1)),
    bad("a byte too long", Buffer.concat([plain, Buffer.of(0)])),
    bad("frames swapped, table and all", swapped),
    bad("the secret of another pack", plain, secretOf(swapped)),
    bad("another content key", plain, secretOf(plain), fixed(0x99)),
    bad("secret object flipped", plain, flip(secretOf(plain), 50)),
    bad("key id in the secret object flipped", plain, flip(secretOf(plain), 8)),
    bad("secret object cut", plain, secretOf(plain).subarray(0, 83)),
  ],
  records: records.map(({ kind, id, parentId, text }) => ({ kind, id, parentId, bytes: hex(Buffer.from(text)) })),
});

const objects: { id: string; bytes: string }[] = [];
let salts = 0;
const scratch = new Scratch("/nonexistent");
const writer = new RunWriter({ vaultId, indexKey, format: version }, (length) => fixed(++salts, length), async (_, bytes) => void objects.push({ id: sha256(bytes), bytes: hex(bytes) }), scratch);
const listed: unknown[] = [];
const runRecords = Array.from({ length: 300 }, (_, i) => ({ kind: i % 3 === 0 ? "orders" : "lines", id: `i${String(i).padStart(4, "0")}`, parentId: i % 3 === 0 ? null : `i${String(i - (i % 3)).padStart(4, "0")}` }));
for (const [i, { kind, id, parentId }] of runRecords.map((item) => item).entries()) {
  const key = sortKeyOf(kind, id, parentId);
  const located = i % 50 === 49 ? null : { digest: digest.short(Buffer.from(`SYNTHETIC ${i}`)), place: parentId === null ? -1 : (i % 3) - 1, pack: hex(fixed(i % 2)), frame: i >> 5, ordinal: i & 31 };
  await writer.add(key, located);
  listed.push({ sortKey: bin(key), ...(located === null ? { removal: true } : { ...located, digest: bin(located.digest) }) });
}
save("run", { vaultId: hex(vaultId), indexKey: hex(indexKey), run: await writer.finish(), objects, entries: listed });
