/** What the vault's door hands out of this room. */
export { PAYLOAD_TYPE, preAuthEncoding, STATEMENT_TYPE, signStatement, verifyStatement } from "./dsse.ts";
export type { Statement } from "./dsse.ts";
export { DRILL_CERTIFICATION, DRILL_RESULT, parseDrillObject, putDrillCertification, putDrillResult, readDrillObjects } from "./drills.ts";
export type { DrillKeeper, DrillObject, DrillObjects, DrillPredicate } from "./drills.ts";
