import { beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { Host, NO_TRACE, ONE_SENTENCE } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
const IDENTITY = ["--identity", "keys/identity.jwk"];

const CUSTOMER = '{ "note":"SYNTHETIC \\u00e9 \u{1F9EA}", "nested":{"id":"not this one"}, "\\u0069d" : "gid://shopify/Customer/1" }';
const LINES = [
  '{"id":"gid://shopify/LineItem/3","__parentId":"gid://shopify/Order/1","q":2}',
  CUSTOMER,
  '{"__parentId":"gid://shopify/Customer/1","id":"gid://shopify/Metafield/9","value":"carriage return stays"}\r',
  `{"id":"gid://shopify/Customer/2","big":"${"SYNTHETIC ".repeat(420_000)}"}`,
  '{"id":"gid://shopify/Order/1"}',
  '{"id":"gid://shopify/LineItem/1","__parentId":"gid://shopify/Order/1","q":1}',
  '{"id":12345678901234567890123,"kind":"a number no double holds"}',
];
const FIRST = Buffer.from(`${LINES.join("\n")}\n`);

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  writeFileSync(host.path("first.jsonl"), FIRST);
}, 60_000);

describe("from a file into a vault and back", () => {
  test("a first snapshot comes back byte for byte, to a file and to stdout", async () => {
    const taken = (await host.expect(0, "snapshot", VAULT, "--source", "jsonl:first.jsonl", "--json")).json();
    expect(taken).toMatchObject({ complete: true, records: 7, added: 7, changed: 0, removed: 0, unchanged: 0, gaps: [] });
    expect(taken.bytesRead).toBe(FIRST.length - LINES.length);
    expect(taken.root).toMatch(/^[0-9a-f]{64}$/);

    const exported = (await host.expect(0, "export", VAULT, "latest", ...IDENTITY, "--out", "out.jsonl", "--json")).json();
    expect(exported).toMatchObject({ records: 7, bytes: FIRST.length, snapshotId: taken.snapshotId });
    expect(readFileSync(host.path("out.jsonl")).equals(FIRST)).toBe(true);
    expect(statSync(host.path("out.jsonl")).mode & 0o777).toBe(0o600);
    const piped = await host.expect(0, "export", VAULT, taken.snapshotId.slice(0, 6), ...IDENTITY, "--out", "-");
    expect(piped.stdout.equals(FIRST)).toBe(true);
  });

  test("get writes exactly the record's bytes, any record, by its own id", async () => {
    const one = await host.expect(0, "get", VAULT, "latest", "gid://shopify/Customer/1", ...IDENTITY);
    expect(one.stdout.toString()).toBe(CUSTOMER);
    expect(one.stderr).toBe("");
    expect((await host.expect(0, "get", VAULT, "latest", "gid://shopify/Metafield/9", ...IDENTITY)).stdout.toString()).toBe(LINES[2]);
    expect((await host.expect(0, "get", VAULT, "latest", "12345678901234567890123", ...IDENTITY)).stdout.toString()).toBe(LINES[6]);

    const json = (await host.expect(0, "get", VAULT, "latest", "gid://shopify/Customer/1", ...IDENTITY, "--json")).json();
    expect(json).toMatchObject({ id: "gid://shopify/Customer/1", kind: "Customer", parentId: null, record: CUSTOMER });
    expect(json.bytesFetched).toBeGreaterThan(0);
    expect(json.ms).toBeGreaterThan(0);
  });

  test("get --tree writes the record and what belongs to it, children in the order they came", async () => {
    const tree = await host.expect(0, "get", VAULT, "latest", "gid://shopify/Order/1", "--tree", ...IDENTITY);
    expect(tree.stdout.toString()).toBe([LINES[4], LINES[0], LINES[5], ""].join("\n"));
  });

  test("an id that is not there exits with 1 and says so", async () => {
    const none = await host.expect(1, "get", VAULT, "latest", "gid://shopify/Customer/404", ...IDENTITY);
    expect(none.stdout.length).toBe(0);
    expect(none.stderr).toMatch(ONE_SENTENCE);
    expect(none.stderr).toContain("no record of this id");
  });

  test("a second snapshot says what changed, and diff names it, whatever the order of lines", async () => {
    const second = [LINES[6]!, LINES[5]!.replace('"q":1', '"q":7'), LINES[4]!, LINES[3]!, LINES[1]!, LINES[0]!, '{"id":"gid://shopify/Customer/3"}'];
    writeFileSync(host.path("second.jsonl"), `${second.join("\n")}\n`);
    const taken = (await host.expect(0, "snapshot", VAULT, "--source", "jsonl:second.jsonl", "--json")).json();
    // The two line items changed places, and one of them its bytes: a change of that one, a move of the other.
    expect(taken).toMatchObject({ complete: true, records: 7, added: 1, changed: 1, removed: 1, moved: 1 });
    const diff = (await host.expect(0, "diff", VAULT, "latest~1", "latest", "--json")).json();
    expect(diff).toMatchObject({ added: 1, removed: 1, ids: { added: ["gid://shopify/Customer/3"], removed: ["gid://shopify/Metafield/9"] }, capped: false });
    expect(diff).toMatchObject({ changed: 1, moved: 1, ids: { changed: ["gid://shopify/LineItem/1"] } });

    const list = (await host.expect(0, "snapshots", VAULT, "--json")).json().snapshots;
    expect(list.map((s) => [s.snapshotId, s.records, s.complete])).toEqual([
      [taken.snapshotId, 7, true],
      [expect.any(String), 7, true],
    ]);
    const old = await host.expect(0, "export", VAULT, "latest~1", ...IDENTITY, "--out", "-");
    expect(old.stdout.equals(FIRST)).toBe(true);
  });

  test("the same content in another order has the same root and stores next to nothing", async () => {
    const before = (await host.expect(0, "snapshots", VAULT, "--json")).json().snapshots[0];
    const lines = readFileSync(host.path("second.jsonl"), "utf8").split("\n").slice(0, -1);
    // Line items keep their order among themselves; everything else is shuffled around them.
    const items = lines.filter((line) => line.includes("LineItem"));
    const rest = lines.filter((line) => !line.includes("LineItem")).reverse();
    writeFileSync(host.path("shuffled.jsonl"), `${[...rest.slice(0, 2), ...items, ...rest.slice(2)].join("\n")}\n`);
    const taken = (await host.expect(0, "snapshot", VAULT, "--source", "jsonl:shuffled.jsonl", "--json")).json();
    expect(taken).toMatchObject({ root: before!.root, added: 0, changed: 0, removed: 0, unchanged: 7 });
    expect(taken.bytesWritten).toBeLessThan(8192);
  });

  test("an empty file is a snapshot of nothing, and whole", async () => {
    await host.expect(0, "vault", "create", host.url("empty"), "--recipient", "keys/recipient.jwk");
    writeFileSync(host.path("empty.jsonl"), "");
    expect((await host.expect(0, "snapshot", host.url("empty"), "--source", "jsonl:empty.jsonl", "--json")).json()).toMatchObject({ complete: true, records: 0 });
    expect((await host.expect(0, "export", host.url("empty"), "latest", ...IDENTITY, "--out", "-")).stdout.length).toBe(0);
  });
});

describe("input that is not what it should be", () => {
  const BAD = Buffer.concat([
    Buffer.from('{"id":"a","v":1}\nCANARY-3141 not json\n\n{"no":"CANARY-3141"}\n{"id":"b","x":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}\n{"id":"a","v":2}\n{"id":"c"}\n{"id":"cut CANARY-3141'),
  ]);

  test("each gap is named, the rest is kept, the exit code is 1 and the snapshot says it is not whole", async () => {
    const vault = host.url("gaps");
    await host.expect(0, "vault", "create", vault, "--recipient", "keys/recipient.jwk");
    writeFileSync(host.path("bad.jsonl"), BAD);
    const ran = await host.expect(1, "snapshot", vault, "--source", "jsonl:bad.jsonl", "--json");
    const taken = ran.json();
    expect(taken.complete).toBe(false);
    const lines = Object.fromEntries(taken.gaps.map((gap) => [gap.code, gap.line]));
    expect(lines).toMatchObject({ "record.invalid_json": 2, "record.missing_id": 4, "record.not_utf8": 5, "record.truncated": 8 });
    expect(taken.gaps.filter((gap) => gap.code === "record.duplicate")).toEqual([expect.objectContaining({ id: "a" })]);
    expect(taken.gapCount).toBe(5);
    const list = (await host.expect(0, "snapshots", vault, "--json")).json().snapshots;
    expect(list[0]).toMatchObject({ snapshotId: taken.snapshotId, complete: false, gapCount: 5 });
    const kept = (await host.expect(0, "export", vault, "latest", ...IDENTITY, "--out", "-")).stdout.toString().split("\n").filter(Boolean);
    expect(kept).toContain('{"id":"c"}');
    expect(kept.filter((line) => line.includes('"id":"a"'))).toHaveLength(1);

    const words = await host.expect(1, "snapshot", vault, "--source", "jsonl:bad.jsonl");
    expect(words.stdout.toString()).toMatch(/Not whole: 5 gaps\.[^]*\n  bad\.jsonl line 2 is not valid JSON\n/);
    for (const text of [ran.stdout.toString(), ran.stderr, words.stdout.toString(), words.stderr]) expect(text).not.toContain("CANARY-3141");
  });

  test("a binary file is refused line by line without ado", async () => {
    const vault = host.url("binary");
    await host.expect(0, "vault", "create", vault, "--recipient", "keys/recipient.jwk");
    writeFileSync(host.path("binary.jsonl"), Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 2654435761) >>> 24)));
    const ran = await host.expect(1, "snapshot", vault, "--source", "jsonl:binary.jsonl", "--json");
    expect(ran.json()).toMatchObject({ complete: false, records: 0 });
    expect(ran.json().gapCount).toBeGreaterThan(100);
    expect(ran.stderr).not.toMatch(NO_TRACE);
  });

  test.each([
    ["a file that is not there", "jsonl:none.jsonl", /does not exist/],
    ["a directory", "jsonl:keys", /not a regular file|directory/],
    ["a source of an unknown kind", "csv:x", /no source of the kind/],
    ["a source without a place", "jsonl:", /kind, a colon and a place/],
    ["a shop that is no shop", "shopify:example.test", /myshopify\.com/],
    ["a shop that nobody runs here", "shopify:nobody.myshopify.com", /HOLDFAST_SHOPIFY_ACCESS_TOKEN/],
  ])("%s is refused with what to do", async (_, source, words) => {
    const ran = await host.expect(1, "snapshot", VAULT, "--source", source, "--json");
    expect(ran.stderr).toMatch(ONE_SENTENCE);
    expect(ran.stderr).toMatch(words);
    expect(ran.json().error.message).toMatch(words);
  });

  test("an identity that others may read is pointed out and works", async () => {
    chmodSync(host.path("keys/identity.jwk"), 0o644);
    const ran = await host.expect(0, "get", VAULT, "latest", "gid://shopify/Customer/1", ...IDENTITY);
    chmodSync(host.path("keys/identity.jwk"), 0o600);
    expect(ran.stdout.toString()).toBe(CUSTOMER);
    expect(ran.stderr).toMatch(/chmod 600/);
  });
});
