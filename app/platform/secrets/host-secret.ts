/** The host's own secret: HOLDFAST_SECRET, or one made at the first start and kept under HOLDFAST_HOME (mode 600). */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "./secret.ts";

export function hostSecret(given: Secret<string> | undefined, home: string): Secret<string> {
  if (given) return given;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, "secret");
  try {
    writeFileSync(path, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  chmodSync(path, 0o600);
  return new Secret(readFileSync(path, "utf8").trim());
}
