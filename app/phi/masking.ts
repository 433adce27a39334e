/**
 * What somebody sees of a record before they say which field they need. Pure: a field's class by its name, and a mask by its class.
 *
 * Nothing is shown that is not on the list of what says nothing about a person; a name that nobody here has heard of is masked whole. A mask never tells how
 * long a value is. Of a long one it may show as much as it takes to tell two people apart at a glance; of a short one it shows nothing, because a letter of "Li" is half of it.
 */

export type FieldClass =
  /** Says nothing about a person: a status, a currency, the name of a field. Shown. */
  | "plain"
  | "name"
  | "email"
  | "phone"
  | "date"
  | "address"
  /** Numbers and addresses that stand for a person or a thing of theirs: order names, tracking numbers, IP addresses. */
  | "identifier"
  | "money"
  /** Everything else: notes, tags, what was bought, values of metafields. */
  | "text";

/** Shown without a reveal, whatever the record. From the Admin API's own types (2026-10): enums, flags and currency codes; never a free text. */
const PLAIN = new Set(
  `__typename state status displayStatus displayFinancialStatus displayFulfillmentStatus fulfillmentStatus marketingState marketingOptInLevel optInLevel kind type namespace key ownerType
  currencyCode presentmentCurrencyCode customerLocale locale country countryCode countryCodeV2 taxExempt verifiedEmail dataSaleOptOut test taxesIncluded requiresShipping quantity
  currentQuantity totalQuantity fulfillableQuantity cancelReason recommendation riskLevel sentiment sourceName enabled confirmed subjectType action`.split(/\s+/),
);
/** By the last part of a field's name, in lower case. */
const BY_NAME: readonly (readonly [RegExp, FieldClass])[] = [
  [/e-?mail/, "email"],
  [/phone|fax|mobile|msisdn/, "phone"],
  [/amount|price|total|balance|cost|rate$/, "money"],
  [/at$|date|birth|dob|^on$|expires|month|year/, "date"],
  [/(first|last|full|display|middle|maiden|given|family|sur|user|company)_?-?name$|^name$|^company$|^attention$/, "name"],
  [/address|street|city|zip|postal|province|region|county|latitude|longitude|coordinates|formattedarea|formatted$/, "address"],
  [/id$|number|ip$|url|token|serial|confirmation|handle|sku|barcode|code$|identifier/, "identifier"],
];
/** Fields whose last part says too little by itself: what stands before it decides. */
const OF_PARENT: readonly (readonly [RegExp, FieldClass])[] = [[/money|priceset|amountset|discountset/, "money"]];

/** `path`: the field's name in its parts, numbers of array elements among them: ["billingAddress", "city"]. `kind`: the record's. */
export function fieldClass(kind: string, path: readonly string[]): FieldClass {
  const names = path.filter((part) => !/^\d+$/.test(part));
  const last = names.at(-1) ?? "";
  // The record's own id is what it was asked for by; others lead to other people's.
  if (names.length === 1 && (last === "id" || last === "__parentId")) return "plain";
  // In a list of a customer's own attributes "key" and "type" are free texts; a metafield's are names in the shop's schema.
  const listed = names.length > 1 && /attribute|argument|content|option/i.test(names.at(-2) ?? "");
  if (PLAIN.has(last) && !listed) return "plain";
  if (isOrderName(kind, names)) return "identifier";
  // What a thing is called tells what somebody takes.
  if (last === "name" && /item|product|variant/i.test(`${kind}.${names.at(-2) ?? ""}`)) return "text";
  const parents = names.slice(0, -1).join(".").toLowerCase();
  for (const [shape, of] of OF_PARENT) if (shape.test(parents)) return of;
  const word = last.toLowerCase();
  for (const [shape, of] of BY_NAME) if (shape.test(word)) return of;
  return "text";
}

/** "#1001": what an order, a draft or a fulfillment is called is a number of it; what a product or a line item is called tells what somebody takes. */
function isOrderName(kind: string, names: readonly string[]): boolean {
  return names.at(-1) === "name" && (/order|fulfil|return/i.test(kind) || /order|fulfil|return/i.test(names.at(-2) ?? "")) && !/lineitem/i.test(kind);
}

/** Below this many characters nothing of a value is shown. */
const LONG_NAME = 4;
const LONG_PHONE = 8;
const DOTS = "••••••";

/** Nothing is masked as nothing: that a field is empty is shown, so that nobody reveals it in vain. */
export function masked(of: FieldClass, value: string): string {
  switch (of) {
    case "plain":
      return value;
    case "name": {
      const letters = [...value.trim()];
      return letters.length >= LONG_NAME ? `${letters[0] ?? ""}${DOTS}` : DOTS;
    }
    case "email": {
      const at = value.indexOf("@");
      const local = [...value.slice(0, Math.max(0, at)).trim()];
      return `${local.length >= LONG_NAME ? (local[0] ?? "") : ""}${DOTS}@${DOTS}`;
    }
    case "phone": {
      const digits = value.replace(/\D/g, "");
      return digits.length >= LONG_PHONE ? `${DOTS}${digits.slice(-2)}` : DOTS;
    }
    case "date":
      return "••••-••-••";
    case "money":
      return "••••.••";
    case "address":
    case "identifier":
    case "text":
      return DOTS;
    default:
      of satisfies never;
      return DOTS;
  }
}

export interface Shown {
  readonly class: FieldClass;
  /** What stands on the screen before a reveal. */
  readonly text: string;
  /** `text` is the value itself: there is nothing to reveal. */
  readonly open: boolean;
}

/** Words of a schema, codes, flags, ids. What has a space in it was written by somebody, whatever its field is called. */
const CODE = /^[\w.:/$#+-]{1,200}$/;

/** One field as it is shown to somebody who has not asked for it. */
export function shown(kind: string, path: readonly string[], value: string): Shown {
  const named = fieldClass(kind, path);
  if (value === "") return { class: named, text: "", open: true };
  const of = named === "plain" && !CODE.test(value) && path.at(-1) !== "country" ? "text" : named;
  return { class: of, text: masked(of, value), open: of === "plain" };
}
