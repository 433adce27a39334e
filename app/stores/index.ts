/** The door: stores by address, the adapters, and the wrappers that keep the same port. */
export { CHECKS, CheckFailed, type Check, type Probe } from "./admission/checks.ts";
export { runCheck, runChecks, type CheckOutcome, type CheckedStore } from "./admission/run-checks.ts";
export { FilesystemStore } from "./filesystem/filesystem-store.ts";
export { openStore } from "./open-store.ts";
export { MeasuredStore, type StoreUsage } from "./wrappers/measured-store.ts";
export { ReadOnlyStore } from "./wrappers/read-only-store.ts";
