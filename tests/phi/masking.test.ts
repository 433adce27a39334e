import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fieldClass, masked, shown, type FieldClass } from "#app/phi/index.ts";

const CASES: readonly (readonly [kind: string, field: string, value: string, cls: FieldClass, text: string])[] = [
  ["Customer", "firstName", "Kennedi", "name", "K••••••"],
  ["Customer", "firstName", "Li", "name", "••••••"],
  ["Customer", "lastName", "Ann", "name", "••••••"],
  ["Customer", "defaultEmailAddress.emailAddress", "kennedi@example.com", "email", "k••••••@••••••"],
  ["Customer", "defaultEmailAddress.emailAddress", "al@example.com", "email", "••••••@••••••"],
  ["Customer", "defaultEmailAddress.marketingState", "SUBSCRIBED", "plain", "SUBSCRIBED"],
  ["Customer", "defaultPhoneNumber.phoneNumber", "+1 555 010 2233", "phone", "••••••33"],
  ["Customer", "defaultPhoneNumber.phoneNumber", "5550", "phone", "••••••"],
  ["Customer", "createdAt", "2024-01-01T00:00:16Z", "date", "••••-••-••"],
  ["Customer", "dateOfBirth", "1970-02-03", "date", "••••-••-••"],
  ["Customer", "note", "allergic to penicillin", "text", "••••••"],
  ["Customer", "tags", "diabetic", "text", "••••••"],
  ["Customer", "amountSpent.amount", "12.5", "money", "••••.••"],
  ["Customer", "amountSpent.currencyCode", "USD", "plain", "USD"],
  ["Customer", "multipassIdentifier", "abc-17", "identifier", "••••••"],
  ["Customer", "state", "ENABLED", "plain", "ENABLED"],
  ["Customer", "id", "gid://shopify/Customer/1", "plain", "gid://shopify/Customer/1"],
  ["Order", "customer.id", "gid://shopify/Customer/1", "identifier", "••••••"],
  ["Order", "name", "#1001", "identifier", "••••••"],
  ["Order", "fulfillments.0.name", "#1001-F1", "identifier", "••••••"],
  ["Order", "billingAddress.city", "Millcreek", "address", "••••••"],
  ["Order", "billingAddress.zip", "84106", "address", "••••••"],
  ["Order", "billingAddress.country", "United States", "plain", "United States"],
  ["Order", "clientIp", "203.0.113.9", "identifier", "••••••"],
  ["Order", "customAttributes.0.key", "prescriber", "text", "••••••"],
  ["Order", "customAttributes.0.value", "Dr. Medhurst", "text", "••••••"],
  ["Order", "totalPriceSet.shopMoney.amount", "1445.63", "money", "••••.••"],
  ["Order", "displayFinancialStatus", "PAID", "plain", "PAID"],
  ["LineItem", "name", "Insulin pen", "text", "••••••"],
  ["CompanyContact", "customer.firstName", "Kennedi", "name", "K••••••"],
  ["LineItem", "title", "Insulin pen", "text", "••••••"],
  ["MailingAddress", "address1", "7297 Windsor Close", "address", "••••••"],
  ["Metafield", "namespace", "health", "plain", "health"],
  ["Metafield", "value", "A1C 7.2", "text", "••••••"],
  ["Anything", "hivPositive", "true", "text", "••••••"],
  ["Anything", "status", "pregnant since May", "text", "••••••"],
  ["Anything", "", "x", "text", "••••••"],
];

describe("a field before anybody asked for it", () => {
  test.each(CASES)("%s %s is shown as its class says", (kind, field, value, cls, text) => {
    const path = field.split(".");
    expect(shown(kind, path, value)).toEqual({ class: cls, text, open: cls === "plain" });
  });

  test("an empty one is shown as empty, so that nobody reveals it in vain", () => {
    expect(shown("Customer", ["note"], "")).toEqual({ class: "text", text: "", open: true });
  });

  const CLASSES: readonly FieldClass[] = ["name", "email", "phone", "date", "address", "identifier", "money", "text"];
  test("never tells how long a value is, and of a short one nothing at all", () => {
    fc.assert(
      fc.property(fc.constantFrom(...CLASSES), fc.string({ minLength: 1, maxLength: 60 }), (cls, value) => {
        const text = masked(cls, value);
        // One more character than the mask of nothing, at most two, whatever the value.
        expect([...text].length - [...masked(cls, "")].length).toBeLessThanOrEqual(2);
        if (value.length < 4) expect(text).toBe(masked(cls, ""));
      }),
    );
  });

  test("a field nobody here has heard of is masked whole", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 20, maxLength: 60 }), (value) => {
        expect(shown("Unheard", ["unheardOf"], value).text).toBe(masked("text", ""));
      }),
    );
  });

  test("numbers of a list's elements say nothing about the class", () => {
    expect(fieldClass("Order", ["transactions", "0", "amountSet", "shopMoney", "amount"])).toBe("money");
  });
});
