import type { ObjectStore } from "../object-store.ts";
import type { HostKeys, KeyOpener } from "../ports.ts";
import type { VerifyProgress, VerifyReport } from "../types.ts";
export interface VerifyOptions { readonly store: ObjectStore; readonly readData: boolean; readonly hostKeys?: HostKeys; readonly opener?: KeyOpener; readonly scratchDirectory?: string; readonly onProgress?: (p: VerifyProgress) => void }
export async function verifyVault(o: VerifyOptions): Promise<VerifyReport> { throw new Error("not yet"); }
