import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { emailTerm, idsOf, nameTerms, orderTerms, phoneTerm, queryTerms, recordTerms, TERM } from "#app/terms/index.ts";

function termsOf(kind: string, members: unknown): string[] {
  const bytes = Buffer.from(typeof members === "string" ? members : JSON.stringify(members));
  const padded = Buffer.concat([Buffer.from("xx"), bytes, Buffer.from("yy")]);
  const found: string[] = [];
  recordTerms.read(kind, padded, 2, 2 + bytes.length, (type, term) => found.push(`${type}:${term}`));
  return found;
}

describe("normal forms", () => {
  it("of an e-mail address do not depend on case, width or spaces around it", () => {
    expect(emailTerm("  Synthetic@EXAMPLE.com ")).toBe("synthetic@example.com");
    expect(emailTerm("ｓynthetic@example.com")).toBe("synthetic@example.com");
    expect([emailTerm("no address"), emailTerm("@"), emailTerm(`${"x".repeat(250)}@example.com`)]).toEqual([null, null, null]);
  });
  it("of a phone number are E.164 where the country is known, else its digits", () => {
    expect(phoneTerm("+1 (555) 555-0100")).toBe("+15555550100");
    expect(phoneTerm("00 49 30 123456")).toBe("+4930123456");
    expect(phoneTerm("030 123456", "DE")).toBe("+4930123456");
    expect(phoneTerm("030 123456", "nowhere")).toBe("030123456");
    expect([phoneTerm("12"), phoneTerm("call me"), phoneTerm("1".repeat(70))]).toEqual([null, null, null]);
  });
  it("of a name are its words without case, marks and signs, in any script", () => {
    expect(nameTerms("José  Ángel-García")).toEqual(["jose", "angel", "garcia"]);
    expect(nameTerms("O’Brien")).toEqual(nameTerms("OBRIEN"));
    expect(nameTerms("Straße Łukasz Ø")).toEqual(["strasse", "lukasz", "o"]);
    expect(nameTerms("山田 太郎")).toEqual(["山田", "太郎"]);
    expect(nameTerms("Ada Ada")).toEqual(["ada"]);
    expect([nameTerms("—"), nameTerms("x".repeat(500))]).toEqual([[], []]);
  });
  it("of an order are its name without sign and spaces, and its number", () => {
    expect(orderTerms("#1001")).toEqual(["1001"]);
    expect(orderTerms(" #EN-1001 ")).toEqual(["en-1001", "1001"]);
    expect([orderTerms("#"), orderTerms("x".repeat(70))]).toEqual([[], []]);
  });
  it("are their own normal form, whatever is typed", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const email = emailTerm(text);
      if (email !== null) expect(emailTerm(email)).toBe(email);
      for (const word of nameTerms(text)) expect(nameTerms(word)).toEqual([word]);
      const [order] = orderTerms(text);
      if (order !== undefined) expect(orderTerms(order)[0]).toBe(order);
    }), { numRuns: 800 });
  });
});

describe("records", () => {
  it("give what a person is found by, from the members that hold it", () => {
    expect(termsOf("Customer", { firstName: "Ada", lastName: "Brandt", note: "x@example.com", defaultEmailAddress: { emailAddress: "ada@example.com" }, defaultPhoneNumber: { phoneNumber: "+15555550100" } })).toEqual(["3:ada", "3:brandt", "1:ada@example.com", "2:+15555550100"]);
    expect(termsOf("MailingAddress", { firstName: "Ada", phone: "030 123456", countryCodeV2: "DE" })).toEqual(["3:ada", "2:+4930123456"]);
    expect(termsOf("Order", { name: "#1001", email: "ada@example.com", customer: { id: "gid://shopify/Customer/1" }, shippingAddress: { lastName: "Brandt" } })).toEqual(["4:1001", "1:ada@example.com", "3:brandt", `${TERM.customer}:gid://shopify/Customer/1`]);
    expect(termsOf("GiftCard", { recipientAttributes: { preferredName: "Clara", recipient: { id: "gid://shopify/Customer/2" } } })).toEqual(["3:clara", "5:gid://shopify/Customer/2"]);
    expect(termsOf("Company", { name: "Maple Care" })).toEqual(["3:maple", "3:care"]);
    expect(termsOf("Product", { title: "Ada", email: "ada@example.com" })).toEqual([]);
  });
  it("that are no JSON, or hold other sorts of values, give nothing and throw nothing", () => {
    for (const text of ["", "{", "[]", "null", '"x"', '{"email":3,"firstName":["Ada"],"defaultEmailAddress":"x","addresses":{}}']) expect(termsOf("Customer", text)).toEqual([]);
    fc.assert(fc.property(fc.json(), (json) => { for (const kind of recordTerms.kinds) termsOf(kind, json); }), { numRuns: 300 });
  });
  it("are found by what stands in them", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), (name) => {
      const found = termsOf("Customer", { lastName: name });
      for (const { type, term } of queryTerms({ field: "name", value: name }).flat()) expect(found).toContain(`${type}:${term}`);
    }), { numRuns: 300 });
  });
});

describe("questions", () => {
  it("are any of their groups, and of a name all words", () => {
    expect(queryTerms({ field: "name", value: "Brandt, Ada" })).toEqual([[{ type: 3, term: "brandt" }, { type: 3, term: "ada" }]]);
    expect(queryTerms({ field: "phone", value: "030 123456", countries: ["DE", "US"] }).map(([first]) => first?.term)).toContain("+4930123456");
    expect(queryTerms({ field: "order", value: "#EN-1001" })).toEqual([[{ type: 4, term: "en-1001" }]]);
  });
  it("that nothing can answer have no groups", () => {
    expect([queryTerms({ field: "email", value: "ada" }), queryTerms({ field: "phone", value: "x" }), queryTerms({ field: "name", value: " " }), queryTerms({ field: "id", value: "1" })]).toEqual([[], [], [], []]);
  });
  it("by id try a bare number as each kind it may be of", () => {
    expect(idsOf(" 42 ")).toContain("gid://shopify/Customer/42");
    expect(idsOf("gid://shopify/Metafield/9")).toEqual(["gid://shopify/Metafield/9"]);
    expect([idsOf(" "), idsOf("x".repeat(600))]).toEqual([[], []]);
  });
});
