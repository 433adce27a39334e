/** What a check has found so far. Each fault is told once per object. */
import { createHash } from "node:crypto";
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Finding, FindingCode, PackInfo, VerifyProgress } from "../types.ts";

/** Pack lists by the object that holds them. */
export type PackLists = ReadonlyMap<string, readonly PackInfo[]>;

/** More than these would be of no use to anyone, and memory is bounded. */
const FINDINGS_KEPT = 10_000;
const WINDOW_BYTES = 4 * 1024 * 1024;

export class Audit {
  readonly findings: Finding[] = [];
  bytesRead = 0;
  readonly store: ObjectStore;
  private readonly told = new Set<string>();
  private readonly onProgress: ((progress: VerifyProgress) => void) | undefined;
  constructor(store: ObjectStore, onProgress: ((progress: VerifyProgress) => void) | undefined) {
    this.store = store;
    this.onProgress = onProgress;
  }

  find(code: FindingCode, object: string, detail?: string): void {
    if (this.told.has(object) || this.findings.length >= FINDINGS_KEPT) return;
    this.told.add(object);
    this.findings.push(detail === undefined ? { code, object } : { code, object, detail });
  }

  faulty(object: string): boolean {
    return this.told.has(object);
  }

  progress(phase: VerifyProgress["phase"], done: number, total: number): void {
    this.onProgress?.({ phase, done, total, bytesRead: this.bytesRead });
  }

  async read(key: string): Promise<Uint8Array | null> {
    const bytes = await this.store.get(key);
    this.bytesRead += bytes?.length ?? 0;
    return bytes;
  }

  /** SHA-256 of a large object, hex, read in windows; null when it is not there. */
  async digestOf(key: string, size: number): Promise<string | null> {
    const hash = createHash("sha256");
    for (let offset = 0; offset < size; offset += WINDOW_BYTES) {
      const part = await this.store.get(key, { offset, length: Math.min(WINDOW_BYTES, size - offset) });
      if (part === null) return null;
      this.bytesRead += part.length;
      hash.update(part);
    }
    return hash.digest("hex");
  }
}

/** The fault's own words, if it is one of ours; anything else is no finding and goes up. */
export function faultOf(error: unknown): VaultError {
  if (error instanceof VaultError && (error.code === "vault.damaged_object" || error.code === "vault.missing_object" || error.code === "vault.unsupported_format")) return error;
  throw error;
}
