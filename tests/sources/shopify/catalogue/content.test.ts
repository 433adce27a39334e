import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { PIECE_BYTES, contentOf, contentRecords } from "#app/sources/shopify/catalogue/content.ts";
import type { Node } from "#app/sources/shopify/catalogue/kind.ts";
import { parseNode } from "#app/sources/shopify/restore/families.ts";

const FILE = "gid://shopify/GenericFile/42";

async function nodesOf(chunks: readonly Uint8Array[]): Promise<Node[]> {
  const nodes: Node[] = [];
  for await (const record of contentRecords(FILE, (async function* () { for (const chunk of chunks) yield await Promise.resolve(chunk); })())) {
    expect(record.bytes.length).toBeLessThan(1024 * 1024);
    nodes.push(parseNode(record));
  }
  return nodes;
}

function joined(nodes: readonly Node[]): Buffer {
  const content = contentOf(nodes);
  if (content.kind !== "whole") throw new Error(content.kind);
  return Buffer.concat([...content.bytes()]);
}

/** Bytes that repeat from piece to piece now and then, cut into chunks at random. */
const files = fc.record({
  pieces: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 }),
  tail: fc.nat({ max: 5000 }),
  cuts: fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 5 }),
});

describe("the bytes of a file", () => {
  it("come back exactly as they were, however they arrived", async () => {
    await fc.assert(
      fc.asyncProperty(files, async ({ pieces, tail, cuts }) => {
        const bytes = Buffer.concat([...pieces.map((seed) => Buffer.alloc(PIECE_BYTES, seed)), Buffer.alloc(tail, 7)]);
        const chunks: Buffer[] = [];
        for (let at = 0, n = 0; at < bytes.length; n++) chunks.push(bytes.subarray(at, (at += cuts[n % cuts.length]!)));
        const nodes = await nodesOf(chunks);
        expect(joined(nodes).equals(bytes)).toBe(true);
        expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
        expect(nodes.every(({ parentId }) => parentId === FILE)).toBe(true);
        expect(nodes.at(-1)).toMatchObject({ kind: "FileContent", id: "gid://holdfast/FileContent/42", fields: { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") } });
      }),
      { numRuns: 30 },
    );
  });

  it("are named by what they are, so that an unchanged piece is an unchanged record", async () => {
    const before = await nodesOf([Buffer.alloc(PIECE_BYTES, 1), Buffer.from("SYNTHETIC a")]);
    const after = await nodesOf([Buffer.alloc(PIECE_BYTES, 1), Buffer.from("SYNTHETIC b")]);
    expect(after.filter(({ id }) => before.some((one) => one.id === id)).map(({ kind }) => kind)).toEqual(["FilePiece", "FileContent"]);
  });

  it("count as missing without the record that ends them, and as damaged when a piece is lost or altered", async () => {
    const nodes = await nodesOf([Buffer.alloc(PIECE_BYTES, 1), Buffer.from("SYNTHETIC")]);
    expect(contentOf(nodes.slice(0, -1))).toEqual({ kind: "missing" });
    expect(contentOf(nodes.slice(1))).toEqual({ kind: "damaged" });
    const altered = nodes.map((node, n) => (n === 1 ? { ...node, fields: { ...node.fields, base64: Buffer.from("SYNTHETIX").toString("base64") } } : node));
    expect(contentOf(altered)).toEqual({ kind: "damaged" });
  });

  it("are not said to be there when the download breaks off", async () => {
    const seen: string[] = [];
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.alloc(PIECE_BYTES * 2));
      throw new Error("cut");
    };
    await expect((async () => { for await (const { kind } of contentRecords(FILE, broken())) seen.push(kind); })()).rejects.toThrow("cut");
    expect(seen).toEqual(["FilePiece"]);
  });
});
