/** The vault's only door. */
export * from "./object-store.ts";
export * from "./record.ts";
export { batchOf, ROW, ROW_WIDTH } from "./record-batch.ts";
export type { RecordBatch } from "./record-batch.ts";
export * from "./errors.ts";
export * from "./ports.ts";
export * from "./types.ts";
export { createVault } from "./snapshot/create.ts";
export { readVaultDescription } from "./snapshot/description.ts";
export { openVault, openVaultWithIdentity, Vault } from "./snapshot/vault.ts";
export { contentKeys } from "./snapshot/content-keys.ts";
export { hasParity, protectedStore } from "./repair/parity-store.ts";
export { verifyVault } from "./verify/verify.ts";
export type { VerifyOptions } from "./verify/verify.ts";
export type { OpenVault, Tuning } from "./snapshot/vault.ts";
export type { CreateVault } from "./snapshot/create.ts";
