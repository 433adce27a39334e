/** The ledger's only door. */
export { ACTIONS, checkAction, type LedgerAction, type SubjectOf } from "./actions.ts";
export { CHECKPOINT_LOCK_DAYS, type Appended } from "./append.ts";
export { cosignaturesOf, parseWitnessKey, type Cosignature, type WitnessKey } from "./cosignature.ts";
export { decodeEntry, encodeEntry, LedgerEntrySchema, type LedgerEntry } from "./entry.ts";
export { LedgerError, type LedgerErrorCode } from "./errors.ts";
export { openLedger, originOf, type Ledger, type NewLedgerEntry, type OpenLedger } from "./ledger.ts";
export { consistencyProof, EMPTY_ROOT, inclusionProof, leafHash, nodeHash, rootHash, verifyConsistency, verifyInclusion, type Hash, type Nodes } from "./merkle.ts";
export { isSignedBy, parseCheckpoint, parseVerifierKey, verifierKey, type Checkpoint, type Ed25519Key, type NoteSigner } from "./note.ts";
export type { LedgerClock, LedgerStore, Recall } from "./ports.ts";
export { checkProof, parseProof, type CheckedProof, type LedgerProof } from "./proof.ts";
export type { LedgerFinding, LedgerReport, VerifyLedger } from "./verify.ts";
export type { Post, Witness, WitnessAnswer } from "./witness.ts";
