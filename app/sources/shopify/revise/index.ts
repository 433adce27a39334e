/** Putting records back into a living shop. */
export { assess } from "./assess.ts";
export { METAFIELDS_DELETE } from "./amend.ts";
export { METAFIELD_DEFINITION, METAOBJECT_DEFINITION } from "./creations.ts";
export { History } from "./history.ts";
export { Identities } from "./identities.ts";
export { BY_HANDLE, DIGESTS, Look, NEWEST_QUERIES, STAMP_QUERIES } from "./look.ts";
export { Requests } from "./requests.ts";
export { revise } from "./revise.ts";
export { kindOf } from "./work.ts";
