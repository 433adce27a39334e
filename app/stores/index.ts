/** The door: stores by address, the adapters, and the wrappers that keep the same port. */
export { CHECKS, CheckFailed, type Check, type Probe, type PromiseId } from "./admission/checks.ts";
export { judge, type Kept, type NotKept, type StorageReport } from "./admission/promises.ts";
export { removeLeftovers, runCheck, runChecks, type CheckOutcome, type CheckedStore } from "./admission/run-checks.ts";
export { FilesystemStore } from "./filesystem/filesystem-store.ts";
export { openStore, type OpenOptions, type StoreCredentials } from "./open-store.ts";
export type { Patience } from "./shared/deadline.ts";
export { LockingStore } from "./wrappers/locking-store.ts";
export { MeasuredStore, type StoreUsage } from "./wrappers/measured-store.ts";
export { ReadOnlyStore } from "./wrappers/read-only-store.ts";
export { ReplicatedStore } from "./wrappers/replicated-store.ts";
export { RETRY_POLICY, RetryingStore, type RetryPolicy, type Waiting } from "./wrappers/retrying-store.ts";
export { ThrottledStore, type Limits, type Time } from "./wrappers/throttled-store.ts";
