/** Objects whose names say what their bytes are: SHA-256 in hex, or the first half of it for what packs are searched by. */
import { createHash } from "node:crypto";

/** Null: the name does not say. */
export function isSound(key: string, bytes: Uint8Array): boolean | null {
  const digest = /(?:^|\/)([0-9a-f]{64})$/.exec(key)?.[1] ?? /^search\/.*\.([0-9a-f]{32})$/.exec(key)?.[1];
  return digest === undefined ? null : createHash("sha256").update(bytes).digest("hex").startsWith(digest);
}
