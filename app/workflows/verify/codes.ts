/** How a run that verifies ends when it comes to an end. */
export const VAULT_SOUND = "vault.sound";
/** Something is not as it was written; the run's result is the first finding's code, and the ledger's entry names its object. */
export const VAULT_FINDINGS = "vault.findings";
