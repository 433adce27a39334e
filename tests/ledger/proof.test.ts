import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkProof, parseProof, type Checkpoint } from "#app/ledger/index.ts";
import { formatProof } from "#app/ledger/proof.ts";
import { events, ledgerOn, LedgerMemory, PUBLIC_KEY, signerFrom } from "./support.ts";

const store = new LedgerMemory();
let head: Checkpoint;
let proof: string;
beforeAll(async () => {
  head = await ledgerOn(store).append(events(100));
  proof = (await ledgerOn(store).prove(41))!;
});

describe("a proof to give away", () => {
  test("has the lines C2SP gives it and reads back", () => {
    const lines = proof.split("\n");
    expect(lines[0]).toBe("c2sp.org/tlog-proof@v1");
    expect(lines[1]).toMatch(/^extra [A-Za-z0-9+/]+={0,2}$/);
    expect(lines[2]).toBe("index 41");
    expect(lines.slice(3, 10).every((line) => Buffer.from(line, "base64").length === 32)).toBe(true);
    expect(lines[10]).toBe("");
    expect(lines.slice(11).join("\n")).toBe(head.note);
    expect(formatProof(parseProof(proof)!)).toBe(proof);
  });

  test("says which entry is in, with nothing but the public key", () => {
    expect(checkProof(proof, { publicKey: PUBLIC_KEY })).toMatchObject({ ok: true, index: 41, entry: { subject: { n: 41 } }, checkpoint: { size: 100 }, cosignatures: [] });
  });

  test("there is one for every entry and none for what is not there", async () => {
    for (let index = 0; index < 100; index++) expect(checkProof((await ledgerOn(store).prove(index))!, { publicKey: PUBLIC_KEY })).toMatchObject({ ok: true, index });
    for (const index of [-1, 100, 1e9, Number.NaN]) expect(await ledgerOn(store).prove(index)).toBeNull();
    expect(await ledgerOn(new LedgerMemory()).prove(0)).toBeNull();
  });

  test.each([
    ["another key", "not-signed", (text: string) => text, signerFrom(2).privateKey.x],
    ["another size", "not-signed", (text: string) => text.replace("\n100\n", "\n101\n"), undefined],
    ["another place", "not-included", (text: string) => text.replace("index 41", "index 40"), undefined],
    ["another hash", "not-included", (text: string) => text.replace(text.split("\n")[4]!, Buffer.alloc(32, 1).toString("base64")), undefined],
    ["a hash too few", "not-included", (text: string) => text.replace(`${text.split("\n")[4]!}\n`, ""), undefined],
    ["another entry", "not-included", (text: string) => text.replace(/extra (.*)/, (_, b: string) => `extra ${Buffer.from(Buffer.from(b, "base64").toString().replace("schedule", "somebody")).toString("base64")}`), undefined],
    ["no entry", "no-entry", (text: string) => text.replace(/extra .*\n/, ""), undefined],
    ["something else than an entry", "no-entry", (text: string) => text.replace(/extra .*/, "extra aGVsbG8="), undefined],
    ["another header", "not-a-proof", (text: string) => text.replace("@v1", "@v2"), undefined],
    ["a place with leading zeroes", "not-a-proof", (text: string) => text.replace("index 41", "index 041"), undefined],
    ["too many hashes", "not-a-proof", (text: string) => text.replace("index 41\n", `index 41\n${`${Buffer.alloc(32).toString("base64")}\n`.repeat(64)}`), undefined],
    ["a short hash", "not-a-proof", (text: string) => text.replace(text.split("\n")[4]!, "AAAA"), undefined],
    ["no checkpoint", "not-a-proof", (text: string) => text.slice(0, text.indexOf("\n\n") + 2), undefined],
    ["nothing", "not-a-proof", () => "", undefined],
  ])("with %s proves nothing: %s", (_, reason, change, x) => {
    const changed = change(proof);
    expect(x === undefined ? changed : "").not.toBe(proof);
    expect(checkProof(changed, { publicKey: x === undefined ? PUBLIC_KEY : { x } })).toEqual({ ok: false, reason });
  });

  test("whatever is done to its text proves nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(proof.length - 1), fc.constantFrom("", "\n", "A", "=", "0", "7", " ", "\u2014", "é")), { minLength: 1, maxLength: 4 }), (changes) => {
        let text = proof;
        for (const [at, put] of changes) text = text.slice(0, at) + put + text.slice(at + 1);
        const checked = checkProof(text, { publicKey: PUBLIC_KEY });
        if (checked.ok) expect([checked.index, checked.entry.subject["n"], checked.checkpoint.size]).toEqual([41, 41, 100]);
      }),
      { numRuns: 2000 },
    );
  });

  test("is refused when the log no longer leads to what was signed", async () => {
    const bad = store.copy();
    for (const key of bad.objects.keys()) if (key.startsWith("ledger/staged/")) bad.objects.delete(key);
    bad.objects.get("ledger/tile/entries/000.p/100")![30]! ^= 1;
    await expect(ledgerOn(bad).prove(0)).rejects.toMatchObject({ code: "ledger.damaged" });
  });
});
