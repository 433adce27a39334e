/** Makes a new pair of keys. */
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { identityFrom, type Identity } from "./jwk.ts";

export type IdentityType = "P-256" | "P-384" | "RSA-4096";
export const IDENTITY_TYPES: readonly IdentityType[] = ["P-256", "P-384", "RSA-4096"];

const generate = promisify(generateKeyPair);

export async function newIdentity(type: IdentityType = "P-256"): Promise<Identity> {
  const { privateKey } =
    type === "RSA-4096" ? await generate("rsa", { modulusLength: 4096 }) : await generate("ec", { namedCurve: type });
  return identityFrom(privateKey.export({ format: "jwk" }));
}
