/** The sandbox shop's door: a simulated Shopify shop that speaks the Admin GraphQL API on its real schema. Synthetic data only. */
export { schemaFile as prepareSandbox } from "./schema/fetch.ts";
export { startSandbox } from "./start.ts";
export { SandboxError } from "./types.ts";
export type * from "./types.ts";
export { fillEveryType, type DefinitionShape, type Filled } from "./fill/fill.ts";
export { EVERY_TYPE } from "./fill/samples.ts";
