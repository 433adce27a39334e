/** Kinds that have an id of their own in a restored shop, so that references to them can be rewritten. A test holds it to all.ts. */
export const RESTORED_KINDS: ReadonlySet<string> = new Set(["Customer", "Metaobject", "MetaobjectDefinition", "MetafieldDefinition", "Order"]);
