/** Any M of N shares give the identity back, M-1 give nothing, and whatever is wrong with a share is told by its name and line. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { combine } from "shamir-secret-sharing";
import fc from "fast-check";
import { joinShares, newIdentity, parseShare, shareFile, shareSheet, splitIdentity, type Identity, type Share } from "#app/keys/index.ts";
import { fromLines, toLines } from "#app/keys/shares/lines.ts";
import { decodeShare, encodeShare } from "#app/keys/shares/share.ts";
import { seededRandom } from "#tests/support/vault-kit.ts";

let identity: Identity;
let shares: Share[];
beforeAll(async () => {
  identity = await newIdentity();
  shares = await splitIdentity(identity, { shares: 5, threshold: 3, random: seededRandom("set") });
});

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

describe("splitting", () => {
  test("any three of five give the same identity, in any order; so do four, and all", async () => {
    for (const size of [3, 4, 5]) for (const some of subsets(shares, size)) expect(await joinShares([...some].reverse())).toEqual(identity);
    expect(subsets(shares, 3)).toHaveLength(10);
  });

  test("two are refused, and the library given them anyway brings out something else", async () => {
    for (const some of subsets(shares, 2)) {
      await expect(joinShares(some)).rejects.toMatchObject({ code: "keys.shares_too_few" });
      // The same share twice is one share.
      await expect(joinShares([...some, some[0] as Share])).rejects.toMatchObject({ code: "keys.shares_too_few" });
      const out = await combine(some.map((share) => share.bytes)).catch(() => new Uint8Array());
      expect(Buffer.from(out).includes(Buffer.from(String(identity.jwk.d), "base64url"))).toBe(false);
      // Nor does it help to say in the shares that two are enough.
      await expect(joinShares(some.map((share) => ({ ...share, threshold: 2 })))).rejects.toMatchObject({ code: "keys.share_damaged" });
    }
  });

  test.each(["P-384", "RSA-4096"] as const)("%s comes back whole", async (type) => {
    const other = await newIdentity(type);
    const [a, b] = (await splitIdentity(other, { shares: 2, threshold: 2, random: seededRandom(type) })) as [Share, Share];
    const back = await joinShares([parseShare(shareSheet(a), "a"), parseShare(JSON.stringify(shareFile(b)), "b")]);
    expect(back).toEqual(other);
  });

  test.each([[1, 1], [5, 1], [3, 4], [256, 2], [2.5, 2], [5, Number.NaN]])("%d shares with a threshold of %d are refused", async (count, threshold) => {
    await expect(splitIdentity(identity, { shares: count, threshold, random: seededRandom("x") })).rejects.toMatchObject({ code: "keys.bad_split" });
  });

  test("255 shares are made and any two of them suffice where two were asked for", async () => {
    const many = await splitIdentity(identity, { shares: 255, threshold: 2, random: seededRandom("many") });
    expect(await joinShares([many[254] as Share, many[100] as Share])).toEqual(identity);
  });

  test("no share holds the private key, nor do two splits give the same shares", async () => {
    const again = await splitIdentity(identity, { shares: 5, threshold: 3, random: seededRandom("again") });
    const secret = Buffer.from(String(identity.jwk.d), "base64url");
    for (const share of [...shares, ...again]) expect(Buffer.from(share.bytes).includes(secret.subarray(0, 8))).toBe(false);
    expect(new Set([...shares, ...again].map((share) => Buffer.from(share.bytes).toString("hex"))).size).toBe(10);
  });
});

describe("shares that do not go together", () => {
  test("of another key or another split are named by their number", async () => {
    const others = await splitIdentity(await newIdentity(), { shares: 5, threshold: 3, random: seededRandom("other") });
    const again = await splitIdentity(identity, { shares: 5, threshold: 3, random: seededRandom("again") });
    const [a, b] = shares as [Share, Share];
    await expect(joinShares([a, b, others[3] as Share])).rejects.toMatchObject({ code: "keys.share_foreign", message: "Share 4 is of another key than share 1" });
    await expect(joinShares([a, b, again[4] as Share])).rejects.toMatchObject({ code: "keys.share_foreign", message: "Share 5 was made at another time than share 1" });
  });

  test("a share that was made up is noticed although its own checksum fits", async () => {
    const [a, b, c] = shares as [Share, Share, Share];
    const forged = decodeShare(encodeShare({ ...c, bytes: c.bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) }), "forged");
    await expect(joinShares([a, b, forged])).rejects.toMatchObject({ code: "keys.share_damaged" });
  });
});

describe("the file and the sheet", () => {
  test("hold the same share, and say what it is without saying what is in it", () => {
    for (const share of shares) {
      expect(parseShare(JSON.stringify(shareFile(share)), "file")).toEqual(share);
      expect(parseShare(shareSheet(share), "sheet")).toEqual(share);
    }
    const sheet = shareSheet(shares[0] as Share);
    expect(sheet).toContain("Share 1 of 5. Any 3 of them");
    expect(sheet).toContain(identity.keyId);
    expect(sheet.split("\n").filter((line) => /^ *\d+ {2}[0-9A-Z]{5}/.test(line))).toHaveLength(6);
  });

  test("a sheet may be typed as people type: small letters, O for zero, l for one, no numbers, no spaces, other line ends", () => {
    const [share] = shares as [Share];
    const lines = toLines(encodeShare(share));
    const typed = lines.map((line) => line.replace(/^\s*\d+\s+/, "").replaceAll(" ", "").toLowerCase().replaceAll("0", "o").replaceAll("1", "l")).join("\r\n");
    expect(parseShare(typed, "typed")).toEqual(share);
    expect(parseShare(lines.map((line) => line.replace(/ {2}/g, "   ").replaceAll(" ", "  ")).join("\n\n"), "typed").number).toBe(1);
  });

  test("every wrong character is found and its line named, as are lines that changed places, are missing or are double", () => {
    const [share] = shares as [Share];
    const lines = toLines(encodeShare(share)).map((line) => line.replace(/^\s*\d+\s+/, "").replaceAll(" ", ""));
    for (const [i, line] of lines.entries()) {
      for (let at = 0; at < line.length; at++) {
        const bad = [...lines];
        bad[i] = `${line.slice(0, at)}${line[at] === "7" ? "8" : "7"}${line.slice(at + 1)}`;
        expect(() => parseShare(bad.join("\n"), "sheet")).toThrow(expect.objectContaining({ code: "keys.share_damaged", message: `sheet is mistyped or damaged: line ${i + 1} is not as it was printed` }));
      }
    }
    const swapped = [lines[1], lines[0], ...lines.slice(2)] as string[];
    expect(fromLines(swapped)).toEqual({ wrongLine: 1 });
    expect(fromLines(lines.slice(1))).toEqual({ wrongLine: 1 });
    expect(fromLines([...lines.slice(0, 2), ...lines.slice(1)])).toEqual({ wrongLine: 3 });
    expect(() => parseShare(lines.slice(0, -1).join("\n"), "sheet")).toThrow(expect.objectContaining({ code: "keys.share_damaged" }));
  });

  test("a damaged or foreign file is told so, without a word of what is in it", () => {
    const file = JSON.parse(JSON.stringify(shareFile(shares[0] as Share))) as Record<string, string>;
    const bad = Buffer.from(String(file["share"]), "base64url");
    bad[50]! ^= 4;
    for (const text of [JSON.stringify({ ...file, share: bad.toString("base64url") }), "{", '{"type":"other"}', "", "\n\n", "hello world"]) {
      expect(() => parseShare(text, "share-1.json")).toThrow(expect.objectContaining({ code: "keys.share_damaged", message: expect.stringMatching(/^share-1\.json is mistyped or damaged: /) }));
    }
  });
});

describe("lines", () => {
  test("give back any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 700 }), (bytes) => expect(fromLines(toLines(bytes))).toEqual({ bytes })));
  });

  test("notice any two wrong characters of a line, and any two that changed places", () => {
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const place = fc.nat(26);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 80 }), fc.nat(9), place, place, fc.integer({ min: 1, max: 31 }), fc.integer({ min: 0, max: 31 }), (bytes, pick, a, b, x, y) => {
        const lines = toLines(bytes).map((line) => line.replace(/^\s*\d+\s+/, "").replaceAll(" ", ""));
        const at = pick % lines.length;
        const line = [...(lines[at] as string)];
        const [i, j] = [a % line.length, b % line.length];
        const shift = (n: number, by: number): void => void (line[n] = alphabet[(alphabet.indexOf(line[n] as string) + by) % 32] as string);
        const swapped = [...line];
        [swapped[i], swapped[j]] = [line[j] as string, line[i] as string];
        if (line[i] !== line[j]) expect(fromLines(lines.with(at, swapped.join("")))).toEqual({ wrongLine: at + 1 });
        shift(i, x);
        if (i !== j) shift(j, y);
        expect(fromLines(lines.with(at, line.join("")))).toEqual({ wrongLine: at + 1 });
      }),
      { numRuns: 500 },
    );
  });

  test("take hostile text for what it is, and never throw", () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 8 }), (lines) => expect(typeof fromLines(lines)).toBe("object")));
  });
});
