/** SFTP's refusals, in the store's words. */
import { StoreError } from "#app/vault/index.ts";
import { nameOf, storeErrorFor, type Doing } from "../shared/http-error.ts";
import { statusOf, STATUS } from "./connection.ts";

export function translate(cause: unknown, doing: Doing, key: string): unknown {
  if (cause instanceof StoreError) return cause;
  const what = `Cannot ${doing} ${key === "" ? "the directory" : key}: `;
  switch (statusOf(cause)) {
    case undefined:
      return storeErrorFor({ doing, key, name: nameOf(cause), cause });
    case STATUS.permissionDenied:
      return new StoreError("store.refused", `${what}this user may not.`, { cause });
    case STATUS.noSuchFile:
      return new StoreError("store.failed", `${what}the directory went away.`, { cause });
    case STATUS.noConnection:
    case STATUS.connectionLost:
      return new StoreError("store.unreachable", `${what}the connection broke.`, { cause, retry: "later" });
    default:
      // SFTP has one code for a full disk, a broken one and a name too long.
      return new StoreError("store.failed", `${what}the server refused without saying why; look whether its disk is full.`, { cause });
  }
}
