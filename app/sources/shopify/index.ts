/** The door of the Shopify source. */
export { API_VERSION, ShopifyClient } from "./client.ts";
export type { ShopifyClientOptions } from "./client.ts";
export { canFetch, fetchCurrent } from "./current.ts";
export { ShopifySurvey } from "./survey.ts";
export { ShopifySubscriptions, type TypedSubscription, type TypedTopic } from "./webhook-subscriptions.ts";
export { SUPPORTED_VERSIONS } from "./versions.ts";
export { CATALOGUE, SCOPES } from "./catalogue/all.ts";
export { WRITE_SCOPES } from "./catalogue/write-scopes.ts";
export { ShopifySource, type ShopifySourceOptions } from "./source.ts";
export { realSleep, type Sleep } from "./time.ts";
export { ShopifyRestoreTarget, type ShopifyRestoreTargetOptions } from "./restore/target.ts";
export { shopifyComparison } from "./comparable.ts";
