/** What is said of kinds that Shopify gives no count of: what they were held to instead. Data; a test holds it against the catalogue. */

const PAGES = "Not counted by Shopify: read until it said that there are no more";
const TOGETHER = "Counted by Shopify together with the others of its sort";

/** By type of record, those that stand by themselves. What is not here comes with another record. */
const UNCOUNTED: Readonly<Record<string, string>> = {
  MetaobjectDefinition: PAGES,
  MetafieldDefinition: PAGES,
  GenericFile: PAGES,
  MediaImage: PAGES,
  Video: PAGES,
  Model3d: PAGES,
  ExternalVideo: PAGES,
  SubscriptionContract: "Not counted by Shopify: as many as its own export says it holds",
  Comment: "Not fewer than Shopify counts; whether it counts all is not known",
  Shop: "There is one",
};

/** Counted, as several types in one number that the run compared by itself. */
const COUNTED_TOGETHER: ReadonlySet<string> = new Set(["DiscountNode", "DiscountCodeNode", "DiscountAutomaticNode", "BasicEvent", "CommentEvent"]);

export function isCountedTogether(kind: string): boolean {
  return COUNTED_TOGETHER.has(kind);
}

export function isUncounted(kind: string): boolean {
  return kind in UNCOUNTED;
}

export function uncountedWords(kind: string): string {
  if (COUNTED_TOGETHER.has(kind)) return TOGETHER;
  return UNCOUNTED[kind] ?? "No count of its own: it comes with another record";
}
