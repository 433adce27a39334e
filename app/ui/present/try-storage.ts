/** The storage check as a list of what was tried, in order, up to the step that failed. */
import type { ObjectStore } from "#app/vault/index.ts";
import type { StorageCheck, StorageStep } from "#app/workflows/setup/check-storage.ts";
import type { StorageCheckModel, StorageReportModel } from "../models.ts";

const STEPS: readonly StorageStep[] = ["write", "write-once", "read", "list", "remove"];

export function presentCheck(address: string, check: StorageCheck | { readonly ok: false; readonly step: "open"; readonly code: string }): StorageCheckModel {
  if (check.ok) return { address, ok: true, steps: ["open", ...STEPS].map((step) => ({ step, ok: true })) };
  // An address that was not understood was never opened.
  if (check.code === "store.bad_address") return { address, ok: false, code: check.code, steps: [{ step: "address", ok: false, code: check.code }] };
  const all: readonly string[] = ["open", ...STEPS];
  const failed = all.indexOf(check.step);
  return { address, ok: false, code: check.code, steps: all.slice(0, failed + 1).map((step, i) => ({ step, ok: i < failed, ...(i < failed ? {} : { code: check.code }) })) };
}

/** Opens the storage and checks it. An address that is not understood is an answer, not an error. */
export async function tryStorage(
  open: (url: string) => Promise<ObjectStore>,
  address: string,
  check: (store: ObjectStore) => Promise<StorageCheck>,
): Promise<StorageCheckModel> {
  let store: ObjectStore;
  try {
    store = await open(address);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("store."))) throw error;
    return presentCheck(address, { ok: false, step: "open", code: error.code });
  }
  return presentCheck(address, await check(store));
}

/** Tests it thoroughly. A storage that cannot be reached or opened is an answer, not an error. */
export async function tryOut<U>(tests: { test(url: string, user: U): Promise<StorageReportModel> }, address: string, user: U): Promise<StorageReportModel | { readonly code: string }> {
  try {
    return await tests.test(address, user);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("store."))) throw error;
    return { code: error.code };
  }
}
