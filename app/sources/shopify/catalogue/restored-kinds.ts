/** Kinds that have an id of their own in a restored shop, so that references to them can be rewritten. A test holds it to all.ts. */
export const RESTORED_KINDS: ReadonlySet<string> = new Set([
  "Article",
  "Blog",
  "Company",
  "CompanyContact",
  "CompanyLocation",
  "Customer",
  "DraftOrder",
  "GiftCard",
  "MetafieldDefinition",
  "Metaobject",
  "MetaobjectDefinition",
  "Order",
  "Page",
  "Segment",
  "Shop",
]);
