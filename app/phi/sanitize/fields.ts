/** Which member of a record is what, by its name. What is named nowhere here is text, and replaced: a field that the platform adds tomorrow leaks nothing. */

/** Words of the platform's own: states, types, codes, currencies; and of a shop's configuration: namespaces and keys. Kept where they look like one (WORD). */
const WORDS = new Set([
  "__typename", "state", "status", "displayStatus", "locale", "customerLocale", "currencyCode", "presentmentCurrencyCode", "namespace", "ownerType", "marketingState", "marketingOptInLevel", "optInLevel",
  "countryCode", "countryCodeV2", "country", "provinceCode", "province", "zoneCode", "displayFinancialStatus", "displayFulfillmentStatus", "kind", "gateway", "formattedGateway", "restockType", "mimeType",
  "fileStatus", "action", "subjectType", "deliveryCategory", "riskLevel", "sentiment", "recommendation", "commentPolicy", "interval", "crossCurrencyRedemptionStrategy", "taxExemptions", "ianaTimezone",
  "lastPaymentStatus", "sourceName", "errorCode", "cancelReason", "admin", "storefront", "customerAccount", "displayNameKey", "returnReason", "unit", "templateSuffix", "weightUnit", "mediaContentType",
  "allocationMethod", "targetSelection", "targetType", "valueType", "numberOfOrders", "amount", "scale_min", "scale_max",
]);
const WORD = /^[A-Za-z0-9_$.:%/+\- ]{0,64}$/;
/** `key` and `type` of a metafield or a metaobject's field; elsewhere a key is what a merchant's form calls a question. */
const KEYED = /(?:^|\.)(?:key|type|name)$/;

export type Rule =
  | "word" | "number" | "first-name" | "last-name" | "full-name" | "email" | "phone" | "zip" | "city" | "street" | "unit" | "url" | "ip" | "slug" | "tag" | "uuid"
  | "order-name" | "code" | "last-characters" | "query" | "prose" | "html" | "definition" | "coordinate" | "domain" | "text";

const BY_NAME: Readonly<Record<string, Rule>> = {
  firstName: "first-name", lastName: "last-name", displayName: "full-name", recipient: "full-name", preferredName: "full-name", company: "full-name", companyName: "full-name",
  email: "email", emailAddress: "email", phone: "phone", phoneNumber: "phone", zip: "zip", city: "city", address1: "street", address2: "unit", formattedArea: "city",
  ip: "ip", clientIp: "ip", handle: "slug", tags: "tag", uuid: "uuid", lastCharacters: "last-characters", maskedCode: "last-characters", query: "query", latitude: "coordinate", longitude: "coordinate",
  note: "prose", note2: "prose", message: "prose", rawMessage: "prose", alt: "prose", customerNote: "prose", returnReasonNote: "prose", body: "prose", summary: "prose", descriptionHtml: "html",
  externalId: "code", confirmationNumber: "code", accountNumber: "code", paymentId: "code", poNumber: "code", taxRegistrationId: "code", sourceIdentifier: "code", sku: "code", barcode: "code", number: "code",
  multipassIdentifier: "code", authorizationCode: "code", myshopifyDomain: "domain",
};

/** Records whose `name` is a number with signs around it: "#1001", "#1001-F1". */
const NUMBERED = new Set(["Order", "DraftOrder", "AbandonedCheckout", "Return"]);
/** What a merchant calls a sort of data: no data. */
const DEFINITIONS = new Set(["MetafieldDefinition", "MetaobjectDefinition"]);

/** `path`: "addresses[].city". `value`: a string. */
export function ruleFor(kind: string, path: string, value: string): Rule {
  const name = path.slice(path.lastIndexOf(".") + 1).replace(/(?:\[\])+$/, "");
  if (DEFINITIONS.has(kind)) return "definition";
  if (kind === "Metafield" || kind === "Metaobject") {
    if (KEYED.test(path) && !path.includes("value")) return "definition";
    if (path === "namespace") return "definition";
  }
  if (name === "name") {
    if (NUMBERED.has(kind) && path === "name") return "order-name";
    return /fulfillments\[\]\.name$/.test(path) ? "order-name" : kind === "CompanyContactRole" ? "prose" : "full-name";
  }
  // How something is sent, as a carrier or the platform spells it.
  if (/^shippingLines?(?:\[\])?\.(?:code|source)$/.test(path) && WORD.test(value)) return "word";
  if (name === "code") return "code";
  if (WORDS.has(name) && WORD.test(value)) return "word";
  const rule = BY_NAME[name];
  if ((rule === "prose" || rule === undefined) && /^\s*<[a-z!]/i.test(value)) return "html";
  if (rule !== undefined) return rule;
  return /url$/i.test(name) ? "url" : "text";
}
