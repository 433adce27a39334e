export { checkVault, type CheckedFinding, type CheckedVault, type CheckVault } from "#app/workflows/verify/check-vault.ts";
