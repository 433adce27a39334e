/** The order in which kinds are put back into a living shop: definitions, then what a restore anywhere writes, then what only its metafields are written of. */
import { CATALOGUE } from "../catalogue/all.ts";
import type { Kind } from "../catalogue/kind.ts";
import { metafieldDefinitions } from "../catalogue/content/metafield-definitions.ts";
import { metaobjectDefinitions } from "../catalogue/content/metaobject-definitions.ts";
import { RESTORE_ORDER } from "../restore/order.ts";

const FIRST: readonly Kind[] = [metaobjectDefinitions, metafieldDefinitions, ...RESTORE_ORDER];

export const REVISE_ORDER: readonly Kind[] = [...FIRST, ...CATALOGUE.filter((kind) => !FIRST.includes(kind))];
