/** Recovery from a damaged vault, for the vault's door. */
export { salvage } from "./salvage.ts";
export type { SalvageCode, SalvageFinding } from "./findings.ts";
export type { SalvageOptions, SalvageProgress, SalvageReport, SalvageSink, UnprovenRecord } from "./types.ts";
export { checkRecoveryKit, putRecoveryKit, recoveryKits } from "./kit.ts";
export type { PutRecoveryKit, RecoveryKit, RecoveryManifest } from "./kit.ts";
export type { SalvagedChange } from "./salvage-journal.ts";
