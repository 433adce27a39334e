/** The vault's only door. */
export * from "./object-store.ts";
export * from "./record.ts";
export * from "./errors.ts";
export * from "./ports.ts";
export * from "./types.ts";
export { createVault, readVaultDescription, openVault, openVaultWithIdentity, Vault } from "./snapshot/vault.ts";
export { contentKeys } from "./snapshot/content-keys.ts";
export { verifyVault } from "./verify/verify.ts";
