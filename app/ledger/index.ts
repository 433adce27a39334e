/** The ledger's only door. */
export { LedgerEntrySchema, type LedgerEntry } from "./entry.ts";
export { LedgerError, type LedgerErrorCode } from "./errors.ts";
export { openLedger, originOf, type Ledger, type NewLedgerEntry, type OpenLedger } from "./ledger.ts";
export { consistencyProof, EMPTY_ROOT, inclusionProof, leafHash, nodeHash, rootHash, verifyConsistency, verifyInclusion, type Hash, type Nodes } from "./merkle.ts";
export { isSignedBy, parseCheckpoint, verifierKey, type Checkpoint, type Ed25519Key, type NoteSigner } from "./note.ts";
export type { LedgerClock, LedgerStore } from "./ports.ts";
export type { LedgerFinding, LedgerReport, VerifyLedger } from "./verify.ts";
