/** The scanner of records against the way in which terms were found before there was one: each record parsed, by code of its own (parsed-terms.ts). */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { recordTerms } from "#app/terms/index.ts";
import { KNOWN_MEMBERS } from "#app/terms/known-members.ts";
import type { Members } from "#app/terms/known-members.ts";
import { memberScanner } from "#app/terms/scan/member-scanner.ts";
import { recordTerms as before } from "./parsed-terms.ts";

const KINDS = Object.keys(KNOWN_MEMBERS);
const hex = (type: number, utf8: Uint8Array): string => `${type}:${Buffer.from(utf8).toString("hex")}`;
const inPlace = (record: Uint8Array): Buffer => Buffer.concat([Buffer.from('"{x'), record, Buffer.from('"}y')]);

function scanned(kind: string, record: Uint8Array): Set<string> | null {
  const found = new Set<string>();
  const sure = recordTerms.scan(kind, inPlace(record), 3, 3 + record.length, (terms, from, ends, first, count) => {
    let start = from;
    const each = new Set<string>();
    for (let i = first; i < first + count; i++) {
      const end = from + (ends[i] as number);
      each.add(hex(terms[start] as number, terms.subarray(start + 1, end)));
      start = end;
    }
    if (each.size !== count) throw new Error("a term came twice");
    for (const term of each) found.add(term);
  });
  if (!sure && found.size > 0) throw new Error("it was not sure, and put something out");
  return sure ? found : null;
}
function read(source: Pick<typeof before, "read">, kind: string, record: Uint8Array): Set<string> {
  const found = new Set<string>();
  source.read(kind, inPlace(record), 3, 3 + record.length, (type, term) => { if (term !== "") found.add(hex(type, Buffer.from(term, "utf8"))); });
  return found;
}
/** What is found is what was found before, by both ways of reading; answers whether the scanner was sure. */
function same(kind: string, record: string | Uint8Array): boolean {
  const bytes = typeof record === "string" ? Buffer.from(record) : record;
  const expected = read(before, kind, bytes);
  expect(read(recordTerms, kind, bytes)).toEqual(expected);
  const sure = scanned(kind, bytes);
  if (sure !== null) expect(sure).toEqual(expected);
  return sure !== null;
}

describe("the scanner is sure, and finds what parsing finds, in", () => {
  it.each([
    ["a customer as exports have them", "Customer", `{"id":"gid://shopify/Customer/1","firstName":"Ada","lastName":"O'Brien-Smith (synthetic)","email":"Ada.Brandt@Example.com","phone":"+15555550100","tags":["a",{"firstName":"no"}],"note":"words \\"quoted\\" and \\u00e9","defaultAddress":{"firstName":"Ada","phone":"+15555550101","countryCodeV2":"US"},"addresses":[{"lastName":"Holm"},null,[{"lastName":"no"}],{"name":"Ada Holm"}],"taxExempt":false,"n":-1.5e3}`],
    ["a customer as they are told now", "Customer", `{"displayName":"Ada Ada ADA","defaultEmailAddress":{"emailAddress":" ada@example.com "},"defaultPhoneNumber":{"phoneNumber":"+4530123456"}}`],
    ["an order", "Order", `{"name":"#EN-1001","confirmationNumber":"X 12 34","customer":{"id":"gid://shopify/Customer/1","email":"a@b"},"shippingAddress":{"name":"Ada Brandt"}}`],
    ["a gift card", "GiftCard", `{"recipientAttributes":{"preferredName":"Ada","recipient":{"id":"gid://shopify/Customer/2"}}}`],
    ["a subscription", "SubscriptionContract", `{"deliveryMethod":{"localDeliveryOption":{"phone":"+4530123456"},"address":{"recipient":"Holm"}}}`],
    ["names of other letters", "Customer", `{"firstName":"Zoë","lastName":"山田 太郎","email":"ÅSA@EXÄMPLE.com"}`],
    ["a name that is written with escapes", "Customer", String.raw`{"firstName":"\u0041da","lastName":"O\u2019Brien","email":"a\u0064a@example.com","x":"\ud83d"}`],
    ["half a character", "Customer", String.raw`{"lastName":"half \ud83d","email":"\udc00@example.com"}`],
    ["members of the same name further in or out", "Order", `{"line":{"name":"no","customer":{"id":"no"}},"customer":{"name":"no","customer":{"id":"no"},"id":"yes"},"x":[{"email":"no@no"}]}`],
    ["members that are not what they should be", "Customer", `{"firstName":1,"lastName":{"x":"y"},"email":["a@b"],"phone":null,"defaultEmailAddress":"a@b","defaultPhoneNumber":[{"phoneNumber":"+4530123456"}],"addresses":{"lastName":"no"},"defaultAddress":[{"lastName":"no"}]}`],
    ["keys that the language knows", "Customer", `{"__proto__":{"firstName":"no"},"constructor":"x","toString":{"lastName":"no"}}`],
    ["blanks", "Customer", ` {\t"firstName" :\r"Ada" , "x" : [ ] , "y" : { } } `],
    ["an empty object", "Customer", "{}"],
    ["bytes that are no UTF-8", "Customer", Buffer.concat([Buffer.from('{"firstName":"a'), Buffer.from([0xff, 0xc3, 0xe2, 0x82]), Buffer.from('b","note":"'), Buffer.from([0xf0, 0x9f]), Buffer.from('"}')])],
    ["twelve words", "Customer", `{"displayName":"${Array.from({ length: 12 }, (_, i) => `w${i % 11}`).join(" ")}","firstName":"${"x".repeat(401)}","lastName":"y y-y'y"}`],
    ["the same number behind two signs, and twice", "Order", `{"name":"#A-100","confirmationNumber":"a-1 00","email":"100@a-100","customer":{"firstName":"A","lastName":"a 100"}}`],
    ["long ids", "Order", `{"customer":{"id":"${"x".repeat(600)}"},"name":"${"1".repeat(65)}","confirmationNumber":"${"1".repeat(64)}"}`],
  ])("%s", (_, kind, record) => {
    expect(same(kind, record)).toBe(true);
  });
});

describe("the scanner leaves to the parser", () => {
  it.each([
    ["a known member that comes twice", `{"firstName":"Ada","firstName":"Ben"}`],
    ["one that comes twice further in", `{"defaultAddress":{"name":"Ada","x":1,"name":"Ben"}}`],
    ["an object that comes twice", `{"defaultAddress":{"name":"Ada"},"defaultAddress":null}`],
    ["a key that may be any key", String.raw`{"first\u004eame":"Ada"}`],
    ["a phone number that needs a country", `{"defaultAddress":{"phone":"30 12 34 56","countryCodeV2":"DK"}}`],
    ["a phone number with escapes", String.raw`{"phone":"\u002b4530123456"}`],
    ["what is no object", `["firstName","Ada"]`],
    ["what is cut", `{"firstName":"Ada"`],
    ["what has something behind it", `{"firstName":"Ada"}x`],
    ["two records", `{"firstName":"Ada"}{"firstName":"Ben"}`],
    ["a line break in a string", `{"firstName":"Ada\nBen"}`],
    ["a line break between members", `{"firstName":"Ada",\n"lastName":"Ben"}`],
    ["a mark of byte order", `\ufeff{"firstName":"Ada"}`],
    ["a comma too many", `{"firstName":"Ada",}`],
    ["a number that is none", `{"firstName":"Ada","x":01}`],
    ["nesting without an end", `{"firstName":"Ada","x":${"[".repeat(100)}${"]".repeat(100)}}`],
    ["more words than count", `{"displayName":"${Array.from({ length: 30 }, (_, i) => `w${i % 14}`).join(" ")}","lastName":"${"y ".repeat(200)}"}`],
    ["more than it keeps", `{"addresses":[${Array.from({ length: 300 }, (_, i) => `{"name":"N${i}"}`).join()}]}`],
    ["nothing", ""],
  ])("%s", (_, record) => {
    expect(same("Customer", record)).toBe(false);
  });
  it("what is larger than is looked at", () => {
    expect(same("Customer", `{"firstName":"Ada","note":"${"x".repeat(1024 * 1024)}"}`)).toBe(false);
    expect(same("Customer", `{"firstName":"Ada","note":"${"x".repeat(1024 * 1024 - 50)}"}`)).toBe(true);
  });
  it("kinds that it does not know", () => {
    expect(scanned("Product", Buffer.from(`{"name":"Ada"}`))).toBeNull();
  });
});

/** Text of every sort that a member may hold, whatever the member is. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("Ada", "ada brandt", "O'Brien", "#EN-1001", "1001", " a@b.example ", "A@B", "a@b@c", "@", "a b@c", "+4530123456", "+0123456789", "+1234567", "+1234567890123456", "30 12 34 56", "DK", "gid://shopify/Customer/1", "", " ", "#", "'", "Straße", "ﬁn", "e\u0301", "½", "\u212a@K", "x\u007fy", "12-345", "a12b345c") },
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.stringMatching(/^[ -~]{0,70}$/),
  fc.stringMatching(/^[ab '#@+0-9-]{0,24}$/),
);
const noise = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, text, fc.constantFrom(null, true, 0, -1.5e21), fc.dictionary(fc.constantFrom("name", "firstName", "email", "customer", "id", "x"), tie("any"), { maxKeys: 3 }), fc.array(tie("any"), { maxLength: 3 })),
})).any;
/** Most of it as the table says, some of it anything. */
function membersOf(members: Members): fc.Arbitrary<object> {
  const known = Object.entries(members).map(([name, member]): [string, fc.Arbitrary<unknown>] => {
    const likely: fc.Arbitrary<unknown> = typeof member === "string" ? text : "phone" in member ? fc.oneof({ weight: 8, arbitrary: fc.stringMatching(/^\+[1-9][0-9]{6,14}$/) }, { weight: 1, arbitrary: text }) : "into" in member ? membersOf(member.into) : fc.array(membersOf(member.each), { maxLength: 3 });
    return [name, fc.oneof({ weight: 12, arbitrary: likely }, { weight: 1, arbitrary: noise })];
  });
  return fc.tuple(fc.record(Object.fromEntries(known), { requiredKeys: [] }), fc.dictionary(fc.constantFrom("note", "countryCodeV2", "countryCode", "tags", "id", ""), noise, { maxKeys: 2 })).map(([of, other]) => ({ ...other, ...of }));
}
const recordOf = fc.constantFrom(...KINDS).chain((kind) => membersOf(KNOWN_MEMBERS[kind] as Members).map((record) => ({ kind, record })));

/** JSON text in which members may come twice, and characters stand as they are or escaped. */
function written(of: unknown, random: () => number): string {
  if (typeof of === "string") return `"${[...of].map((c) => (random() < 0.03 ? [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`).join("") : JSON.stringify(c).slice(1, -1))).join("")}"`;
  if (Array.isArray(of)) return `[${of.map((each) => written(each, random)).join()}]`;
  if (typeof of !== "object" || of === null) return JSON.stringify(of);
  const members = Object.entries(of).flatMap(([name, each]) => Array<string>(random() < 0.02 ? 2 : 1).fill(`${random() < 0.97 ? JSON.stringify(name) : written(name, random)}:${written(each, random)}`));
  return `{${members.join(random() < 0.9 ? "," : " , ")}}`;
}
const seeded = (seed: number) => () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32);

describe("whatever a record holds", () => {
  it("the scanner exists here", () => {
    expect(memberScanner()).not.toBeNull();
  });
  it("the same terms are found with and without parsing", () => {
    let sure = 0;
    let found = 0;
    const runs = 400;
    fc.assert(
      fc.property(recordOf, fc.nat(), ({ kind, record }, seed) => {
        const json = written(record, seeded(seed));
        if (same(kind, json)) sure++;
        found += read(before, kind, Buffer.from(json)).size;
      }),
      { numRuns: runs },
    );
    // Else the property would hold of nothing.
    expect(sure).toBeGreaterThan(runs / 5);
    expect(found).toBeGreaterThan(runs * 2);
  });
  it("the same is found in what is damaged: bytes changed, cut out, doubled", () => {
    fc.assert(
      fc.property(recordOf, fc.nat(), ({ kind, record }, seed) => {
        const random = seeded(seed);
        let bytes = Buffer.from(written(record, random));
        for (let i = 0; i < 3; i++) {
          const at = Math.floor(random() * bytes.length);
          const kindOfDamage = random();
          if (kindOfDamage < 0.4) bytes[at] = random() < 0.5 ? ('"\\{}[],:\n \u00ff'.charCodeAt(Math.floor(random() * 11)) & 0xff) : Math.floor(random() * 256);
          else if (kindOfDamage < 0.7) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 4))]);
          else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 9))]);
        }
        same(kind, bytes);
      }),
      { numRuns: 400 },
    );
  });
});
