import { describe, expect, test } from "@jest/globals";
import { isSignedBy, parseCheckpoint, verifierKey } from "#app/ledger/index.ts";
import { signCheckpoint } from "#app/ledger/note.ts";
import { PUBLIC_KEY, SIGNER, signerFrom } from "./support.ts";

describe("signed notes", () => {
  test("a note signed by another implementation is accepted, with its published verifier key", () => {
    // The example in the documentation of golang.org/x/mod/sumdb/note.
    const key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const signature = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const x = Buffer.from(key.split("+").slice(2).join("+"), "base64").subarray(1).toString("base64url");
    expect(verifierKey("PeterNeumann", { x })).toBe(key);
    expect(isSignedBy(`${text}\n${signature}`, { x })).toBe(true);
    expect(isSignedBy(`${text.replace("your", "my")}\n${signature}`, { x })).toBe(false);
    expect(isSignedBy(`${text}\n${signature.replace("PeterNeumann", "SomebodyElse")}`, { x })).toBe(false);
  });

  const checkpoint = signCheckpoint("example.test/log", 1234, Buffer.alloc(32, 9), SIGNER);

  test("a checkpoint has the lines C2SP gives it and reads back", () => {
    const lines = checkpoint.note.split("\n");
    expect(lines.slice(0, 4)).toEqual(["example.test/log", "1234", Buffer.alloc(32, 9).toString("base64"), ""]);
    expect(lines[4]).toMatch(/^— holdfast\.ledger\/[0-9a-f]+ [A-Za-z0-9+/]{91}=$/);
    expect(parseCheckpoint(checkpoint.note)).toEqual(checkpoint);
    expect(isSignedBy(checkpoint.note, PUBLIC_KEY)).toBe(true);
    expect(isSignedBy(checkpoint.note, { x: signerFrom(2).privateKey.x })).toBe(false);
  });

  test("extension lines and a witness's signature do not hide it", () => {
    const witness = `— witness.test ${Buffer.alloc(76, 1).toString("base64")}\n`;
    expect(isSignedBy(checkpoint.note + witness, PUBLIC_KEY)).toBe(true);
    expect(parseCheckpoint(checkpoint.note + witness)).toMatchObject({ size: 1234 });
  });

  test.each([
    ["another size", (n: string) => n.replace("1234", "1235")],
    ["another origin", (n: string) => n.replace("example", "exemple")],
    ["a further line", (n: string) => n.replace("\n\n", "\nmore\n\n")],
  ])("%s breaks the signature", (_, change) => {
    expect(isSignedBy(change(checkpoint.note), PUBLIC_KEY)).toBe(false);
  });

  test.each([
    "",
    "\n",
    "a\n1\nAAAA\n\n",
    "a\n01\n" + Buffer.alloc(32).toString("base64") + "\n\n— a AAAA\n",
    "a\n1\n" + Buffer.alloc(31).toString("base64") + "\n\n— a AAAA\n",
    "a\n1\n" + Buffer.alloc(32).toString("base64") + "\n\nno signature\n",
    "a\n99999999999999999999\n" + Buffer.alloc(32).toString("base64") + "\n\n— a AAAA\n",
  ])("%j is no checkpoint", (note) => {
    expect(parseCheckpoint(note)).toBeNull();
  });
});
