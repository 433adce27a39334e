/** Every kind of this version, in the order it is read: what defines before what is defined. */
import type { Kind } from "./kind.ts";
import { customers } from "./customers.ts";
import { metafieldDefinitions } from "./metafield-definitions.ts";
import { metaobjectDefinitions } from "./metaobject-definitions.ts";
import { metaobjects } from "./metaobjects.ts";
import { orders } from "./orders.ts";

export const CATALOGUE: readonly Kind[] = [metaobjectDefinitions, metafieldDefinitions, metaobjects, customers, orders];

/** Child kinds whose arrival order is kept. */
export const ORDERED_KINDS: ReadonlySet<string> = new Set(CATALOGUE.flatMap((kind) => kind.children.filter((child) => child.ordered).map((child) => child.kind)));

/** Scopes the whole catalogue needs. */
export const SCOPES: readonly string[] = [...new Set(CATALOGUE.flatMap((kind) => kind.scopes))].sort();
