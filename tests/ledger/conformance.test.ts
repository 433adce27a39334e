/** What we write, read by others: a reader that shares no code with ours, and figures that other implementations made. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import { consistencyProof, inclusionProof, leafHash, rootHash, verifierKey, verifyConsistency, verifyInclusion, type Checkpoint } from "#app/ledger/index.ts";
import { GrowingTree } from "#app/ledger/growing-tree.ts";
import { tileKey } from "#app/ledger/layout.ts";
import { signCheckpoint } from "#app/ledger/note.ts";
import { parseVkey, readLog, readProof, rootsOfConsistency, tilePath, type Get } from "./independent.ts";
import { event, events, ledgerOn, LedgerMemory, ORIGIN, PUBLIC_KEY, SIGNER } from "./support.ts";

const vkey = parseVkey(verifierKey(ORIGIN, PUBLIC_KEY));
const from = (store: LedgerMemory): Get => (name) => store.objects.get(`ledger/${name}`) ?? null;

describe("the bytes of a ledger", () => {
  test("the other reader shares no line with the ledger", () => {
    for (const file of ["independent.ts", "witness-server.ts"]) {
      const imports = [...readFileSync(path.join(import.meta.dirname, file), "utf8").matchAll(/from "([^"]+)"/g)].map((match) => match[1]);
      expect(imports.filter((name) => !name!.startsWith("node:") && name !== "./independent.ts")).toEqual([]);
    }
  });

  test("the other reader names tiles as the text's examples do", () => {
    expect(tilePath(0, 1234067, 256)).toBe("tile/0/x001/x234/067");
    expect(tilePath("entries", 3, 17)).toBe("tile/entries/003.p/17");
  });

  test("are a whole log to another reader, at every checkpoint while its tiles are partial, and at the newest for ever", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    const checkpoints: Checkpoint[] = [];
    for (const count of [1, 2, 60, 190, 2, 1, 256, 7]) {
      const size = checkpoints.at(-1)?.size ?? 0;
      checkpoints.push(await ledger.append(events(count, size)));
      // C2SP: a partial tile may go only once its full tile is there.
      for (const { size: s, note } of checkpoints) {
        if (Math.floor(s / 256) === Math.floor((size + count) / 256)) expect(readLog(from(store), note, vkey)).toHaveLength(s);
      }
    }
    const entries = readLog(from(store), checkpoints.at(-1)!.note, vkey);
    expect(entries.map((entry) => (JSON.parse(entry.toString()) as { subject: { n: number } }).subject.n)).toEqual(entries.map((_, n) => n));
    const tiles = [...store.objects.keys()].filter((key) => key.startsWith("ledger/tile/"));
    expect(tiles.filter((key) => /\/(000|001)\.p\//.test(key) && !key.startsWith("ledger/tile/1/"))).toEqual([]);
    // Level 1 is partial with the whole ledger, and keeps a tile for each of its widths.
    expect(tiles.filter((key) => key.startsWith("ledger/tile/1/"))).toEqual(["ledger/tile/1/000.p/1", "ledger/tile/1/000.p/2"]);
  });

  test.each(["ledger/tile/0/001.p/44", "ledger/tile/1/000.p/1", "ledger/tile/entries/000", "ledger/tile/entries/001.p/44"])("the other reader sees a change in %s", async (key) => {
    const store = new LedgerMemory();
    const { note } = await ledgerOn(store).append(events(300));
    store.objects.get(key)![20]! ^= 1;
    expect(() => readLog(from(store), note, vkey)).toThrow();
  });

  test("proofs hold by the definitions of RFC 6962, read backwards", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    const heads: Checkpoint[] = [];
    for (let n = 0; n < 40; n++) heads.push(await ledger.append([event(n)]));
    const head = heads.at(-1)!;
    for (const { size, root } of heads) {
      const proof = await ledger.consistencyProof(size, 40);
      expect(rootsOfConsistency(size, 40, Buffer.from(root, "hex"), proof).map((hash) => hash.toString("hex"))).toEqual([root, head.root]);
      const { entry, index } = readProof((await ledger.prove(size - 1))!, vkey);
      expect([index, (JSON.parse(entry.toString()) as { subject: { n: number } }).subject.n]).toEqual([size - 1, size - 1]);
    }
  });
});

/** Made by Go's golang.org/x/mod/sumdb: see the README beside it. */
const vectors = JSON.parse(readFileSync(path.join(import.meta.dirname, "../vectors/ledger/x-mod-sumdb.json"), "utf8")) as {
  readonly vkey: string;
  readonly tiles: readonly { readonly level: number; readonly index: number; readonly width: number; readonly path: string }[];
  readonly trees: readonly { readonly size: number; readonly root: string; readonly note: string; readonly index: number; readonly record: readonly string[]; readonly from: number; readonly consistency: readonly string[] }[];
};

describe("what Go's checksum database makes of the same leaves", () => {
  const leaves = Array.from({ length: 1000 }, (_, n) => leafHash(Buffer.from(`leaf ${n}`)));
  const base64 = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString("base64"));

  test("the verifier key is the same", () => {
    expect(verifierKey(ORIGIN, PUBLIC_KEY)).toBe(vectors.vkey);
  });

  test.each(vectors.tiles)("$path", ({ level, index, width, path: name }) => {
    expect(tileKey({ level, index, width })).toBe(`ledger/${name}`);
    expect(tilePath(level, index, width)).toBe(name);
  });

  test.each(vectors.trees)("a tree of $size: root, signed note, audit path, consistency proof", async ({ size, root, note, index, record, from: older, consistency }) => {
    const tree = new GrowingTree();
    for (const hash of leaves.slice(0, size)) tree.append(hash);
    const ours = await rootHash(size, tree.nodes);
    expect(base64([ours])).toEqual([root]);
    expect(signCheckpoint(ORIGIN, size, ours, SIGNER).note).toBe(note);
    expect(base64(await inclusionProof(index, size, tree.nodes))).toEqual(record);
    expect(base64(await consistencyProof(older, size, tree.nodes))).toEqual(consistency);
    const given = (hashes: readonly string[]) => hashes.map((hash) => Buffer.from(hash, "base64"));
    expect(verifyInclusion(leaves[index]!, index, size, given(record), ours)).toBe(true);
    expect(verifyConsistency(older, size, await rootHash(older, tree.nodes), ours, given(consistency))).toBe(true);
  });
});
