/** From a vault's address to the store behind it. */
import { fileURLToPath } from "node:url";
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { FilesystemStore } from "./filesystem/filesystem-store.ts";

/** Schemes of the address contract whose adapters this version does not have yet. */
const NOT_YET = new Set(["s3:", "az:", "gs:", "sftp:"]);

/** `url`: file:///absolute/path. Nothing is read or written yet. Throws StoreError store.bad_address with what to write instead. */
export async function openStore(url: string): Promise<ObjectStore> {
  let address: URL;
  try {
    address = new URL(url);
  } catch (cause) {
    throw bad("a vault's address is a URL such as file:///backups/vault", cause);
  }
  // Windows: "C:\vault" parses as a URL with the scheme "c:".
  if (NOT_YET.has(address.protocol)) throw bad(`this version stores vaults in directories only; ${address.protocol}// is not built yet`);
  if (address.protocol !== "file:") throw bad("its scheme is none that this program knows; use file:///path");
  // "file:backups" would quietly become "/backups".
  if (!/^file:\/\/(?:localhost)?\//i.test(url)) throw bad("write file:/// with three slashes, then the whole path from the root");
  if (address.search !== "" || address.hash !== "") throw bad("a file: address takes neither ? nor #; write %3F and %23 for those characters");
  let root: string;
  try {
    root = fileURLToPath(address);
  } catch (cause) {
    throw bad("it names another host or no path; write file:/// with three slashes, then the path", cause);
  }
  return new FilesystemStore(root);
}

function bad(reason: string, cause?: unknown): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`, { cause });
}
