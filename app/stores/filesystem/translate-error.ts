/** The operating system's refusals, in the store's words. */
import { StoreError } from "#app/vault/index.ts";

export function systemCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What went wrong while `doing` the object `key`. StoreErrors pass through; what is not the system's is not ours to rename. */
export function translate(cause: unknown, doing: "write" | "read" | "list" | "remove", key: string): unknown {
  if (cause instanceof StoreError) return cause;
  const what = `Cannot ${doing} ${key === "" ? "the directory" : key}: `;
  const code = systemCode(cause);
  switch (code) {
    case undefined:
      return cause;
    case "ENOSPC":
    case "EDQUOT":
      return new StoreError("store.no_space", `${what}the file system is full.`, { cause, retry: "later" });
    case "EROFS":
      return new StoreError("store.read_only", `${what}the file system is mounted read-only.`, { cause });
    case "EACCES":
      return new StoreError("store.refused", `${what}this user may not.`, { cause });
    case "EPERM":
    case "ENOTSUP":
    case "EOPNOTSUPP":
    case "ENOSYS":
      // link(2) answers EPERM on file systems without hard links (FAT, exFAT, some network shares).
      return new StoreError("store.refused", `${what}not permitted, or the file system has no hard links, which exclusive creation needs.`, { cause });
    case "ENAMETOOLONG":
    case "ENOTDIR":
    case "EISDIR":
    case "EEXIST":
      return new StoreError("store.bad_key", `${what}the key is too long for this file system, or lies beneath or above another object.`, { cause });
    case "EMFILE":
    case "ENFILE":
    case "EIO":
    case "ESTALE":
    case "ETIMEDOUT":
      return new StoreError("store.failed", `${what}${code}.`, { cause, retry: "later" });
    default:
      return new StoreError("store.failed", `${what}${code}.`, { cause });
  }
}
