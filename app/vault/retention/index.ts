/** What the vault's door hands out of this room. */
export { DEFAULT_GRACE_MS, prune } from "./prune.ts";
export type { PruneInput, PruneOutcome, PruneReport } from "./prune.ts";
export { planRetention } from "./plan.ts";
export type { KeepCode, KeepReason, PlannedExpiry, PlannedKeep, RetentionPlan } from "./plan.ts";
export { formatPolicy, parsePolicy } from "./policy.ts";
export type { KeepPolicy } from "./policy.ts";
export { readPrunes } from "./prunes.ts";
export type { PruneRecord, Prunes } from "./prunes.ts";
export { placeHold, readHolds, releaseHold } from "./holds.ts";
export type { Hold, Holds, Release } from "./holds.ts";
export { NO_REDACTIONS, readRedactions } from "./redactions.ts";
export type { Redactions, ReplacedPack } from "./redactions.ts";
export { redact } from "./redact.ts";
export type { RedactInput, RedactOutcome, RedactReport } from "./redact.ts";
export { parseCertificate, readCertificates } from "./certificate.ts";
export type { Certificate, IssuedCertificate } from "./certificate.ts";
export type { Kept } from "./remove.ts";
export { Tombstones } from "./tombstones.ts";
