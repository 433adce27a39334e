/** All 18 identifiers, planted anywhere: none is left, and formats stay so that a platform takes what comes out. */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { shiftOf } from "#app/phi/sanitize/dates.ts";
import { Pseudonyms } from "#app/phi/sanitize/pseudonyms.ts";
import { detect, IDENTIFIERS, isReservedPhone, residue, sanitizer, type Identifier, type PhiRecord } from "#app/phi/index.ts";

const KEY = new Uint8Array(32).fill(3);
const AS_OF = new Date("2026-11-22T00:00:00.000Z");
const one = (record: PhiRecord): PhiRecord => sanitizer({ key: KEY, asOf: AS_OF }).family([record])[0]!;
const digits = (n: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^\\d{${n}}$`));

/** Real-looking values of each identifier, with what of them must never be seen again. */
const PLANTS: Readonly<Record<Identifier, fc.Arbitrary<string>>> = {
  name: fc.constantFrom("Dr. Wetherbury", "Mrs. Okonkwo", "Ms Lindqvist"),
  geography: fc.constantFrom("4711 Sycamore Hollow Road", "CA 94110", "37.77493, -122.41942"),
  date: fc.constantFrom("1961-03-17", "03/17/1961", "March 17, 1961", "2019-11-05T08:30:00Z"),
  phone: fc.tuple(fc.integer({ min: 201, max: 989 }), digits(4)).map(([area, last]) => `+1 ${area} 867 ${last}`),
  fax: digits(4).map((last) => `fax: (415) 867-${last}`),
  email: fc.stringMatching(/^[a-z]{4,9}$/).map((name) => `${name}@clinic-north.com`),
  ssn: fc.tuple(fc.integer({ min: 100, max: 600 }), fc.integer({ min: 10, max: 99 }), fc.integer({ min: 1000, max: 9999 })).map((parts) => parts.join("-")),
  mrn: digits(7).map((n) => `MRN: ${n}`),
  health_plan: digits(9).map((n) => `Member ID: W${n}`),
  account: fc.constantFrom("4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "acct 00998877"),
  certificate: fc.constantFrom("NPI 1234567893", "AB1234563", "License: CA-889912"),
  vehicle: fc.constantFrom("1HGCM82633A004352", "plate 7KXA129"),
  device: digits(8).map((n) => `S/N: CGM-${n}`),
  url: fc.stringMatching(/^[a-z]{4,9}$/).map((name) => `https://portal.clinic-north.com/${name}`),
  ip: fc.constantFrom("73.162.11.9", "2607:fb90:1a2b:3c4d:5e6f:7a8b:9c0d:1e2f"),
  biometric: digits(6).map((n) => `fingerprint FP${n}`),
  photo: fc.constant("data:image/jpeg;base64,/9j/4AAQSkZJRgABAQEAYABgAAD"),
  other: fc.constantFrom("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
};

describe("detectors", () => {
  it.each(IDENTIFIERS)("find %s", (identifier) => {
    fc.assert(fc.property(PLANTS[identifier], (value) => detect(`said today: ${value} .`).some((found) => found.identifier === identifier)), { numRuns: 25 });
  });

  it.each(["p1abc@example.com", "+14155550123", "000-12-3456", "192.0.2.7", "https://example.com/x", "MRN: SYNTHETIC-1", "00000000-0000-4000-8000-000000000001", "a note of 12 words, size 4 mm", "2024"])("leave %s alone, which is nobody's", (text) => {
    expect(detect(text)).toEqual([]);
  });

  it("find a name that the record itself gives, as a word of its own", () => {
    expect(detect("told Marigold about it", { names: ["marigold"] })).toEqual([{ identifier: "name", at: 5, length: 8 }]);
    expect(detect("marigolds", { names: ["marigold"] })).toEqual([]);
  });
});

const TEXT_FIELDS = ["note", "firstName", "unheardOfField", "tags"] as const;
const METAFIELD_TYPES = ["single_line_text_field", "multi_line_text_field", "json", "list.single_line_text_field", "rich_text_field"] as const;

function metafield(type: (typeof METAFIELD_TYPES)[number], text: string): PhiRecord {
  const value = type === "json" ? JSON.stringify({ patient: { said: text, list: [text] } }) : type === "list.single_line_text_field" ? JSON.stringify([text, "sample"]) : type === "rich_text_field" ? JSON.stringify({ type: "root", children: [{ type: "text", value: text }] }) : text;
  return { kind: "Metafield", id: "gid://shopify/Metafield/77001", parentId: "gid://shopify/Customer/55001", fields: { id: "gid://shopify/Metafield/77001", namespace: "health", key: "intake", type, value, __parentId: "gid://shopify/Customer/55001" } };
}

describe("a record with identifiers planted in it", () => {
  it.each(IDENTIFIERS)("has no %s left, wherever it stood", (identifier) => {
    fc.assert(
      fc.property(PLANTS[identifier], fc.constantFrom(...TEXT_FIELDS), fc.constantFrom(...METAFIELD_TYPES), fc.stringMatching(/^[a-z ]{0,30}$/), (value, field, type, around) => {
        const text = `${around} ${value}`;
        const customer: PhiRecord = { kind: "Customer", id: "gid://shopify/Customer/55001", parentId: null, fields: { id: "gid://shopify/Customer/55001", [field]: field === "tags" ? [text] : text, nested: { deep: [{ also: text }] } } };
        const originals = [customer, metafield(type, text)];
        const made = sanitizer({ key: KEY, asOf: AS_OF }).family(originals);
        expect(residue(originals, made, { asOf: AS_OF })).toEqual([]);
        expect(JSON.stringify(made)).not.toContain(value);
        // Not even the parts that tell somebody apart.
        for (const part of value.match(/\d{4,}/g) ?? []) expect(JSON.stringify(made)).not.toContain(`"${part}"`);
      }),
      { numRuns: 30 },
    );
  });

  it("would be named if something were left: the proof can fail", () => {
    const original: PhiRecord = { kind: "Customer", id: "gid://shopify/Customer/55001", parentId: null, fields: { firstName: "Marigold", note: "reach her at +1 415 867 5309" } };
    expect(residue([original], [{ ...original, fields: { note: "ask for marigold", firstName: "Tamino" } }], { asOf: AS_OF })).toEqual([{ kind: "Customer", path: "note", identifier: "name" }]);
    expect(residue([original], [{ ...original, fields: { note: "+1 415 867 5309" } }], { asOf: AS_OF })).toContainEqual({ kind: "Customer", path: "note", identifier: "phone" });
  });

  it("has no value of the canary left when the canary is a word, and no word of a note", () => {
    const made = one({ kind: "Order", id: "gid://shopify/Order/1", parentId: null, fields: { note: "CANARY-5e1f diagnosis schizophrenia", customAttributes: [{ key: "Diagnosis", value: "schizophrenia" }] } });
    for (const word of ["CANARY", "5e1f", "diagnosis", "schizophrenia"]) expect(JSON.stringify(made).toLowerCase()).not.toContain(word.toLowerCase());
  });
});

describe("chance", () => {
  const family = sanitizer({ key: KEY, asOf: AS_OF }).family;
  const customer = (fields: PhiRecord["fields"]): PhiRecord => ({ kind: "Customer", id: "gid://shopify/Customer/55001", parentId: null, fields });

  it("takes no word of the platform for the name of somebody called like it", () => {
    const originals = [
      customer({ firstName: "Georgia", lastName: "Sale", defaultAddress: { id: "gid://shopify/MailingAddress/5?model_name=CustomerAddress", city: "New York", province: "New York", provinceCode: "NY" } }),
      { kind: "OrderTransaction", id: "gid://shopify/OrderTransaction/7", parentId: "gid://shopify/Customer/55001", fields: { kind: "SALE", province: "Georgia" } },
    ];
    expect(residue(originals, family(originals), { asOf: AS_OF })).toEqual([]);
  });

  it("takes no made-up name for that of somebody who is really called so, and still names one that was kept", () => {
    const drawn = new Pseudonyms(KEY).word("last name", "wetherbury");
    const originals = [customer({ firstName: drawn, lastName: "Wetherbury" })];
    const made = family(originals);
    expect(made[0]!.fields["lastName"]).toContain(drawn);
    expect(residue(originals, made, { asOf: AS_OF })).toEqual([]);
    expect(residue(originals, [customer({ ...made[0]!.fields, firstName: drawn })], { asOf: AS_OF })).toContainEqual({ kind: "Customer", path: "firstName", identifier: "name" });
  });

  it("takes no moved day for another day of the same person, and still names one that was not moved", () => {
    const { days } = shiftOf("gid://shopify/Customer/55001", new Pseudonyms(KEY));
    const earlier = new Date(Date.parse("2026-03-17") - days * 86_400_000).toISOString().slice(0, 10);
    const originals = [customer({ born: "2026-03-17", seen: earlier, list: ["2026-03-17", earlier] })];
    const made = family(originals);
    expect(made[0]!.fields["born"]).toBe(earlier);
    expect(residue(originals, made, { asOf: AS_OF })).toEqual([]);
    expect(residue(originals, [customer({ ...made[0]!.fields, seen: earlier })], { asOf: AS_OF })).toContainEqual({ kind: "Customer", path: "seen", identifier: "date" });
  });

  it("takes no day that stands for ninety years and more for somebody's, even if it is", () => {
    const originals = [customer({ born: "1936-01-01" })];
    const made = family(originals);
    expect(made[0]!.fields["born"]).toBe("1936-01-01");
    expect(residue(originals, made, { asOf: AS_OF })).toEqual([]);
  });

  it("writes no word into a long note by chance that is somebody's name", () => {
    const note = Array.from({ length: 30_000 }, (_, n) => "abcdefghijklmnopqrstuvwxyz".slice(n % 20, (n % 20) + 3)).join(" ");
    const originals = [customer({ firstName: "Lee", lastName: "Ann", note })];
    const made = family(originals);
    expect(residue(originals, made, { asOf: AS_OF })).toEqual([]);
    expect(String(made[0]!.fields["note"]).length).toBeGreaterThan(note.length);
  });

  it.each([
    ["letters", "a".repeat(100_000)],
    ["spaces behind a label", `MRN${" ".repeat(200_000)}x`],
    ["labels", "chart-".repeat(15_000)],
    ["signs of a tag", `<p>${"<".repeat(200_000)}`],
    ["signs of an address", "a@".repeat(50_000)],
  ])("comes to an end with a note of nothing but %s", (_, note) => {
    const originals = [customer({ note })];
    expect(residue(originals, family(originals), { asOf: AS_OF })).toEqual([]);
  });

  it("keeps no byte of a file, looks for none, and names a piece that is not blank", () => {
    const file = "gid://shopify/GenericFile/9";
    const base64 = "A".repeat(2_000_000);
    const originals = [
      { kind: "GenericFile", id: file, parentId: null, fields: { id: file, mimeType: "application/pdf" } },
      { kind: "FilePiece", id: "gid://holdfast/FilePiece/00aa", parentId: file, fields: { base64 } },
      { kind: "FileContent", id: "gid://holdfast/FileContent/9", parentId: file, fields: { id: "gid://holdfast/FileContent/9", size: 1_500_000 } },
    ];
    const made = family(originals);
    expect(made.map(({ kind }) => kind)).toEqual(["GenericFile", "FilePiece", "FileContent"]);
    expect(residue(originals, made, { asOf: AS_OF })).toEqual([]);
    expect(residue(originals, [...made, originals[1]!], { asOf: AS_OF })).toEqual([{ kind: "FilePiece", path: "base64", identifier: "photo" }]);
  });
});

describe("formats", () => {
  it("gives reserved phone numbers that a phone number library takes, one to each person", () => {
    const { family } = sanitizer({ key: KEY, asOf: AS_OF });
    const phones = Array.from({ length: 400 }, (_, n) => family([{ kind: "Customer", id: `gid://shopify/Customer/${n}`, parentId: null, fields: { phone: `+1415867${String(n).padStart(4, "0")}` } }])[0]!.fields["phone"] as string);
    expect(new Set(phones).size).toBe(400);
    for (const phone of phones) expect(isReservedPhone(phone.slice(1)) && parsePhoneNumberFromString(phone)?.isPossible()).toBe(true);
  });

  it("leaves a phone out when other people have taken all there are", () => {
    const few = new Pseudonyms(KEY, { areaCodes: 1 });
    const phones = Array.from({ length: 100 }, (_, n) => few.phone(`+44${String(n).padStart(10, "0")}`));
    expect(new Set(phones).size).toBe(100);
    expect(few.phone("+449999999999")).toBeNull();
    expect(few.phone("+440000000007")).toBe(phones[7]);
  });

  it("keeps a state and gives up what lies below it", () => {
    const made = one({ kind: "MailingAddress", id: "gid://shopify/MailingAddress/5?model_name=CustomerAddress", parentId: "gid://shopify/Customer/55001", fields: { address1: "12 Elm Street", city: "Fresno", provinceCode: "CA", countryCodeV2: "US", zip: "93650", latitude: 36.84, longitude: -119.8 } });
    expect(made.fields).toMatchObject({ provinceCode: "CA", countryCodeV2: "US", zip: "90000", latitude: 0, longitude: 0 });
    expect(made.id).toMatch(/^gid:\/\/shopify\/MailingAddress\/\d{15}\?model_name=CustomerAddress$/);
    expect(JSON.stringify(made.fields)).not.toMatch(/Fresno|Elm|93650/);
    expect(one({ kind: "MailingAddress", id: "gid://shopify/MailingAddress/6", parentId: null, fields: { zip: "K1A 0B1", countryCodeV2: "CA" } }).fields["zip"]).toMatch(/^[A-Z]\d[A-Z] \d[A-Z]\d$/);
  });

  const METAFIELDS: readonly (readonly [type: string, value: string, good: RegExp])[] = [
    ["boolean", "true", /^true$/],
    ["color", "#ff00aa", /^#ff00aa$/],
    ["date", "1961-03-17", /^19\d\d-\d\d-\d\d$/],
    ["date_time", "2024-05-06T07:08:09Z", /^202[34]-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
    ["number_integer", "123456789", /^[1-9]\d{8}$/],
    ["number_integer", "42", /^42$/],
    ["number_decimal", "37.774929", /^37\.77$/],
    ["url", "https://clinic.com/a.pdf", /^https:\/\/example\.com\/synthetic\/[a-z]{16}\.pdf$/],
    ["money", '{"amount":"12.50","currency_code":"USD"}', /^\{"amount":"12.50","currency_code":"USD"\}$/],
    ["rating", '{"value":"4.5","scale_min":"1.0","scale_max":"5.0"}', /^\{"value":"4.5","scale_min":"1.0","scale_max":"5.0"\}$/],
    ["weight", '{"value":72.5,"unit":"KILOGRAMS"}', /^\{"value":72.5,"unit":"KILOGRAMS"\}$/],
    ["link", '{"text":"Her file","url":"https://clinic.com/x"}', /^\{"text":"[A-Z][a-z]{2} [a-z]{4}","url":"https:\/\/example\.com\/synthetic\/[a-z]{16}"\}$/],
    ["customer_reference", "gid://shopify/Customer/55001", /^gid:\/\/shopify\/Customer\/\d{15}$/],
    ["list.date", '["2020-01-02"]', /^\["20\d\d-\d\d-\d\d"\]$/],
    ["list.metaobject_reference", '["gid://shopify/Metaobject/1"]', /^\["gid:\/\/shopify\/Metaobject\/\d{15}"\]$/],
    ["single_line_text_field", "MRN-1234 Jo", /^[A-Z]{3}-\d{4} [A-Z][a-z]$/],
    ["id", "AB-77", /^[A-Z]{2}-\d{2}$/],
  ];
  it.each(METAFIELDS)("keeps the form of a %s", (type, value, good) => {
    expect(one({ kind: "Metafield", id: "gid://shopify/Metafield/1", parentId: "gid://shopify/Customer/55001", fields: { namespace: "h", key: "k", type, value } }).fields["value"]).toMatch(good);
  });

  it("keeps a value that a definition lists as the only ones", () => {
    const { family } = sanitizer({ key: KEY, asOf: AS_OF });
    family([{ kind: "MetafieldDefinition", id: "gid://shopify/MetafieldDefinition/1", parentId: null, fields: { namespace: "h", key: "k", type: { name: "single_line_text_field" }, validations: [{ name: "choices", value: '["daily","weekly"]' }] } }]);
    expect(family([{ kind: "Metafield", id: "gid://shopify/Metafield/1", parentId: "gid://shopify/Customer/1", fields: { namespace: "h", key: "k", type: "single_line_text_field", value: "weekly" } }])[0]!.fields["value"]).toBe("weekly");
  });

  it("brings back the year of birth of nobody above 89", () => {
    const made = one({ kind: "Metafield", id: "gid://shopify/Metafield/1", parentId: "gid://shopify/Customer/1", fields: { type: "date", value: "1921-04-05" } });
    expect(made.fields["value"]).toBe("1936-01-01");
  });

  it("replaces a picture by one that shows nothing, under its own digest", () => {
    const { family } = sanitizer({ key: KEY, asOf: AS_OF });
    const file = "gid://shopify/MediaImage/9";
    const made = family([
      { kind: "MediaImage", id: file, parentId: null, fields: { id: file, mimeType: "image/png", alt: "her rash" } },
      { kind: "FileContent", id: "gid://holdfast/FileContent/9", parentId: file, fields: { id: "gid://holdfast/FileContent/9", size: 9, sha256: "aa", pieces: ["bb"], __parentId: file } },
      { kind: "FilePiece", id: "gid://holdfast/FilePiece/bb", parentId: file, fields: { id: "gid://holdfast/FilePiece/bb", base64: Buffer.from("real face").toString("base64"), __parentId: file } },
    ]);
    expect(made.map(({ kind }) => kind)).toEqual(["MediaImage", "FilePiece", "FileContent"]);
    expect(made[2]!.fields["pieces"]).toEqual([made[1]!.id.split("/").at(-1)]);
    expect(made.slice(1).every(({ parentId }) => parentId === made[0]!.id)).toBe(true);
    expect(made[2]!.id.split("/").at(-1)).toBe(made[0]!.id.split("/").at(-1));
  });
});
