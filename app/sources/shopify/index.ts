/** The door of the Shopify source. */
export { API_VERSION } from "./client.ts";
export { CATALOGUE, SCOPES } from "./catalogue/all.ts";
export { ShopifySource, type ShopifySourceOptions } from "./source.ts";
export { realSleep, type Sleep } from "./time.ts";
export { ShopifyRestoreTarget, type ShopifyRestoreTargetOptions } from "./restore/target.ts";
export { shopifyComparison } from "./comparable.ts";
