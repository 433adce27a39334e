/** Packs forged by somebody who has the pack's own secret, or the content key, and lies about one thing. Each test stands for one check. */
import { describe, expect, it } from "@jest/globals";
import { zstdCompressSync } from "node:zlib";
import { PackReader } from "#app/vault/pack/pack-reader.ts";
import { packKey, packSecretKey } from "#app/vault/format/names.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { forgeFrame, forgePack, forgePackKey, sha256 } from "./forge.ts";
import type { ForgedPack } from "./forge.ts";

const vaultId = Buffer.alloc(16, 1);
const secret = Buffer.alloc(32, 2);
const contentKey = Buffer.alloc(32, 4);
const keyId = "ab".repeat(16);
const DAMAGED = { code: "vault.damaged_object" };
const raw = forgeFrame([{ id: "a", body: "SYNTHETIC one" }, { id: "b", body: "SYNTHETIC two" }]);
const second = forgeFrame([{ id: "c", body: "SYNTHETIC three" }]);
const good: ForgedPack = { vaultId, secret, frames: [{ raw, records: 2 }, { raw: second, records: 1 }] };

async function read(pack: Partial<ForgedPack>, key: Partial<Parameters<typeof forgePackKey>[0]> = {}, patch: (bytes: Buffer) => Buffer = (bytes) => bytes, spoilKey: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<string[][]> {
  const store = new MemoryStore();
  const bytes = patch(forgePack({ ...good, ...pack }));
  const id = sha256(bytes);
  store.objects.set(packKey(id), bytes);
  store.objects.set(packSecretKey(id), spoilKey(forgePackKey({ secret, packId: id, vaultId, keyId, contentKey, ...key })));
  const keys = { get: (wanted: string) => Promise.resolve(wanted === keyId || wanted === "cd".repeat(16) ? contentKey : null) };
  const seen: string[][] = [];
  for await (const { records } of new PackReader(store, vaultId, keys).frames(id)) seen.push(records.map((item) => `${item.id}=${item.bytes.toString()}`));
  // The same by number, as a point read does.
  const reader = new PackReader(store, vaultId, keys);
  for (const [frame, expected] of seen.entries()) expect((await reader.frame(id, frame)).map((item) => `${item.id}=${item.bytes.toString()}`)).toEqual(expected);
  return seen;
}
/** By number only: what a point read says. */
async function readFrame(pack: Partial<ForgedPack>, frame: number): Promise<unknown> {
  const store = new MemoryStore();
  const bytes = forgePack({ ...good, ...pack });
  const id = sha256(bytes);
  store.objects.set(packKey(id), bytes);
  store.objects.set(packSecretKey(id), forgePackKey({ secret, packId: id, vaultId, keyId, contentKey }));
  return new PackReader(store, vaultId, { get: () => Promise.resolve(contentKey) }).frame(id, frame);
}

describe("a pack", () => {
  it("written by hand is read, which makes the refusals below mean something", async () => expect(await read({})).toEqual([["a=SYNTHETIC one", "b=SYNTHETIC two"], ["c=SYNTHETIC three"]]));
  it("is refused with another magic", () => expect(read({ magic: "HFPACQ" })).rejects.toMatchObject(DAMAGED));
  it("is refused in a version nobody knows", () => expect(read({ version: 9 })).rejects.toMatchObject(DAMAGED));
  it("is refused with flags nobody knows", () => expect(read({ flags: 2 })).rejects.toMatchObject(DAMAGED));
  it("is refused with no frames, or more than there may be", async () => {
    await expect(read({ frames: [], frameCount: 0 })).rejects.toMatchObject({ ...DAMAGED, message: expect.stringContaining("number of frames") as unknown });
    await expect(read({ frameCount: 65_537 })).rejects.toMatchObject({ ...DAMAGED, message: expect.stringContaining("number of frames") as unknown });
  });
  it("is refused when it is not committed to its key, though every frame opens", () => expect(read({ commitment: Buffer.alloc(32) })).rejects.toMatchObject(DAMAGED));
  it("is refused with bytes after its last frame", () => expect(read({ tail: Buffer.of(0) })).rejects.toMatchObject(DAMAGED));
  it("is refused when the index asks for a frame it does not have", () => expect(readFrame({}, 2)).rejects.toMatchObject(DAMAGED));
  it("is refused when the index points into its dictionary, even one that could be read as a frame of nothing", () =>
    expect(readFrame({ flags: 1, frames: [{ raw: forgeFrame([]), records: 0 }, { raw: second, records: 1 }] }, 0)).rejects.toMatchObject({ ...DAMAGED, message: expect.stringContaining("into its dictionary") as unknown }));
  it("is refused when a frame claims more than may be inflated", () => expect(read({ frames: [{ raw, records: 2, claimedRaw: 81 * 1024 * 1024 }] })).rejects.toMatchObject({ ...DAMAGED, message: expect.stringContaining("too large") as unknown }));
});

describe("a frame", () => {
  const one = (bound: object): Promise<unknown> => read({ frames: [{ raw, records: 2, bound }, { raw: second, records: 1 }] });
  it.each([
    ["another vault", { vaultId: Buffer.alloc(16, 9) }],
    ["another pack's salt", { salt: Buffer.alloc(32, 9) }],
    ["another place", { frame: 1 }],
    ["another nonce", { nonce: 1 }],
    ["other flags", { flags: 1 }],
    ["another length", { raw: 1 }],
    ["another number of records", { records: 3 }],
  ])("sealed to %s does not open", (_, bound) => expect(one(bound)).rejects.toMatchObject(DAMAGED));
  it("whose flags were changed in the head does not open", () => expect(read({ flags: 1, frames: [{ raw, records: 2, bound: { flags: 0 } }, { raw: second, records: 1, bound: { flags: 0 } }] })).rejects.toMatchObject(DAMAGED));
  it("is never inflated beyond what it announced", () => expect(read({ frames: [{ raw, records: 2, claimedRaw: raw.length - 1 }] })).rejects.toMatchObject(DAMAGED));
  it("that inflates to less than announced is refused", () => expect(read({ frames: [{ raw, records: 2, claimedRaw: raw.length + 1 }] })).rejects.toMatchObject(DAMAGED));
  it("that is no zstd is refused", () => expect(read({ frames: [{ raw, records: 2, compressed: Buffer.alloc(40, 1) }] })).rejects.toMatchObject(DAMAGED));
  it("that holds another number of records than its pack says is refused", () => expect(read({ frames: [{ raw, records: 1 }] })).rejects.toMatchObject(DAMAGED));
});

describe("a raw frame", () => {
  const frame = (bytes: Buffer, records: number): Promise<unknown> => read({ frames: [{ raw: bytes, records }] });
  const change = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(forgeFrame([{ id: "a", body: "SYNTHETIC one" }]));
    bytes[at] = value;
    return bytes;
  };
  // varint count, kind count, 9, customers, kind, id at, id length, parent, length 13, literals 1, a, body, 0A
  it("is laid out as these tests think", () => expect(frame(change(0, 1), 1)).resolves.toBeDefined());
  it("is refused when a kind is none of its kinds", () => expect(frame(change(12, 2), 1)).rejects.toMatchObject(DAMAGED));
  it("is refused when an id lies outside its record", () => expect(frame(change(13, 14), 1)).rejects.toMatchObject(DAMAGED));
  it("is refused when an id is empty", () => expect(frame(change(14, 0), 1)).rejects.toMatchObject(DAMAGED));
  it("is refused when a parent is told in an unknown way, or is the parent of nothing", async () => {
    await expect(frame(change(15, 5), 1)).rejects.toMatchObject(DAMAGED);
    await expect(frame(change(15, 1), 1)).rejects.toMatchObject(DAMAGED);
  });
  it("is refused when its records do not fill it", async () => {
    await expect(frame(change(16, 12), 1)).rejects.toMatchObject(DAMAGED);
    await expect(frame(Buffer.concat([change(0, 1), Buffer.of(0)]), 1)).rejects.toMatchObject(DAMAGED);
  });
  it("is refused when a record does not end with a line end", () => expect(frame(change(32, 0x0b), 1)).rejects.toMatchObject(DAMAGED));
  it("is refused when literals are left over", () => {
    const left = Buffer.concat([change(0, 1).subarray(0, 17), Buffer.from([2, 97, 98]), change(0, 1).subarray(19)]);
    return expect(frame(left, 1)).rejects.toMatchObject(DAMAGED);
  });
  it("is refused when an erased record is not empty", () => expect(frame(change(12, 0), 1)).rejects.toMatchObject(DAMAGED));
});

describe("a pack's key", () => {
  it("is refused when it is sealed to another vault", () => expect(read({}, { vaultId: Buffer.alloc(16, 9) })).rejects.toMatchObject(DAMAGED));
  it("is refused when it is sealed to another pack", () => expect(read({}, { packId: "e".repeat(64) })).rejects.toMatchObject(DAMAGED));
  it("is refused when it names another content key than it is sealed to", () => expect(read({}, { keyId: "cd".repeat(16), boundKeyId: keyId })).rejects.toMatchObject(DAMAGED));
  it("is refused with another magic, or another length", async () => {
    await expect(read({}, { magic: "HFPKEX" })).rejects.toMatchObject(DAMAGED);
    await expect(read({}, {}, undefined, (bytes) => bytes.subarray(0, 83))).rejects.toMatchObject({ ...DAMAGED, message: expect.stringContaining("no pack key") as unknown });
  });
  it("is refused when its tag is cut, however short a tag could do", () => expect(read({}, {}, undefined, (bytes) => bytes.subarray(0, 36 + 32 + 4))).rejects.toMatchObject(DAMAGED));
  it("that nobody at hand can open says so", () => expect(read({}, { keyId: "ef".repeat(16) })).rejects.toMatchObject({ code: "vault.no_key" }));
});

describe("what is gone", () => {
  it("is missing, not damaged: the pack, or its key", async () => {
    const bytes = forgePack(good);
    const id = sha256(bytes);
    for (const key of [packKey(id), packSecretKey(id)]) {
      const store = new MemoryStore();
      store.objects.set(packKey(id), bytes);
      store.objects.set(packSecretKey(id), forgePackKey({ secret, packId: id, vaultId, keyId, contentKey }));
      store.objects.delete(key);
      const keys = { get: () => Promise.resolve(contentKey) };
      await expect(new PackReader(store, vaultId, keys).frame(id, 0)).rejects.toMatchObject({ code: "vault.missing_object", object: key });
      await expect(new PackReader(store, vaultId, keys).frames(id).next()).rejects.toMatchObject({ code: "vault.missing_object", object: key });
    }
  });
});

describe("zstd", () => {
  it("bombs cost no more than they announce", async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 << 20));
    const before = process.memoryUsage().rss;
    await expect(read({ frames: [{ raw, records: 2, compressed: bomb }] })).rejects.toMatchObject(DAMAGED);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  });
});
