/**
 * Makes tests/vectors/format-v2/search.json: tokens, labels and a part, with what must be refused. Run once:
 *   node tests/vectors/make-search.ts
 * The file is frozen: if running this changes it, the format has changed. Keys and salts are fixed; every record is synthetic.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FoundTerms } from "#app/vault/search/found-terms.ts";
import { PartBuilder } from "#app/vault/search/part-builder.ts";
import { blocksKeyOf, labelOf, searchKeyOf, termKeyOf, tokenOf } from "#app/vault/search/tokens.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const packSecret = Buffer.alloc(32, 0xd4);
const vaultId = Buffer.alloc(16, 0xa1);
const salt = Buffer.alloc(32, 0xe5);
const searchKey = searchKeyOf(packSecret);
const TERMS = [
  { type: 1, term: "synthetic@example.com" },
  { type: 2, term: "+15555550100" },
  { type: 3, term: "synthetic" },
  { type: 4, term: "en-1001" },
  { type: 3, term: "ångström" },
];

const found = new FoundTerms();
const names: string[] = [];
for (let i = 0; i < 300; i++) {
  const child = i % 10 === 9;
  const record = child ? { kind: "MailingAddress", id: `gid://synthetic/MailingAddress/${i}`, parentId: `gid://synthetic/Customer/${i - 1}` } : { kind: "Customer", id: `gid://synthetic/Customer/${i}`, parentId: null };
  names.push(record.id);
  const source = { version: 1, kinds: new Set([record.kind]), read: (_k: string, _b: Uint8Array, _s: number, _e: number, out: (type: number, term: string) => void) => { out(3, "synthetic"); if (i === 7) for (const { type, term } of TERMS) out(type, term); } };
  found.look(source, record.kind, () => record, new Uint8Array(0), 0, 0);
}
const builder = new PartBuilder(packSecret, vaultId, 1, () => salt);
builder.add(found);
const [part] = builder.seal();
if (part === undefined) throw new Error("there is no part");
const flipped = (at: number): string => hex(part.bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));

writeFileSync(
  join(import.meta.dirname, "format-v2", "search.json"),
  `${JSON.stringify(
    {
      vaultId: hex(vaultId),
      packSecret: hex(packSecret),
      searchKey: hex(searchKey),
      termKey: hex(termKeyOf(searchKey)),
      blocksKey: hex(blocksKeyOf(searchKey)),
      tokens: TERMS.map((term) => {
        const token = tokenOf(termKeyOf(searchKey), term);
        return { ...term, token: hex(token), labels: Array.from({ length: 8 }, (_, c) => { const { high, low } = labelOf(token, 0, c); return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0"); }) };
      }),
      part: {
        name: part.name,
        bytes: hex(part.bytes),
        answers: [
          { type: 3, term: "synthetic", ids: names },
          { type: 1, term: "synthetic@example.com", ids: ["gid://synthetic/Customer/7"] },
          { type: 3, term: "ångström", ids: ["gid://synthetic/Customer/7"] },
          { type: 1, term: "synthetic", ids: [] },
        ],
      },
      refused: [
        { name: "another magic", bytes: flipped(0) },
        { name: "another salt", bytes: flipped(8) },
        { name: "another version of the terms", bytes: flipped(40) },
        { name: "more buckets than may be", bytes: flipped(41).slice(0, 82) + "09" + flipped(41).slice(84) },
        { name: "part 1 of 1", bytes: hex(part.bytes.map((byte, i) => (i === 42 ? 1 : byte))) },
        { name: "another number of rows", bytes: flipped(47) },
        { name: "another number of table blocks", bytes: flipped(51) },
        { name: "a changed bucket", bytes: flipped(70) },
        { name: "a changed table", bytes: flipped(part.bytes.length - 1) },
        { name: "a byte too short", bytes: hex(part.bytes.subarray(0, -1)) },
      ],
    },
    null,
    1,
  )}\n`,
);
