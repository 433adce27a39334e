/** All mutations the sandbox knows. Others are refused as not simulated. */
import { DOC_KINDS } from "../../kinds/all.ts";
import type { Fields } from "../context.ts";
import { addressMutations } from "./addresses.ts";
import { bulkMutations } from "./bulk.ts";
import { customerMutations } from "./customers.ts";
import { definitionMutations } from "./definitions.ts";
import { metafieldMutations } from "./metafields.ts";
import { metaobjectMutations } from "./metaobjects.ts";
import { orderMutations } from "./orders.ts";
import { orderStateMutations } from "./order-states.ts";
import { scopeMutations } from "./scopes.ts";
import { tagAndHookMutations } from "./tags-and-hooks.ts";

export const mutationFields: Fields<unknown> = { ...(Object.assign({}, ...DOC_KINDS.map((kind) => kind.mutations ?? {})) as Fields<unknown>), ...addressMutations, ...bulkMutations, ...customerMutations, ...definitionMutations, ...metafieldMutations, ...metaobjectMutations, ...orderMutations, ...orderStateMutations, ...scopeMutations, ...tagAndHookMutations };
