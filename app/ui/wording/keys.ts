/** Sentences about identity files. */
import type { IdentityProblem } from "../browser/identity.ts";
import { list, shortId } from "./numbers.ts";

export const IDENTITY_PROBLEMS: Record<IdentityProblem, string> = {
  not_an_identity: "This file is not an identity. Choose the file named holdfast-identity-….jwk that was downloaded at set-up.",
  public_half: "This file holds only the public half of a key, which cannot open anything. Choose the identity file.",
  sealed: "This identity is protected with a passphrase. Enter it below.",
  wrong_passphrase: "The passphrase does not open this identity. Nothing was sent. Try again.",
  too_large: "This file is too large to be an identity. Choose the file named holdfast-identity-….jwk.",
};

export function wrongIdentity(has: string, needs: readonly string[]): string {
  const wanted = needs.length === 1 ? `key ${needs[0]}` : `one of the keys ${list(needs)}`;
  return `This file is the key “${shortId(has)}”. The snapshot opens with ${wanted}; its file is named ${list(needs.map((id) => `holdfast-identity-${id.slice(0, 8)}.jwk`))}. Nothing was sent.`;
}

export function damagedKey(keyId: string): string {
  return `The sealed key ${shortId(keyId)} of this snapshot is damaged and does not open. Nothing was sent. Try an older snapshot, and have the storage checked.`;
}
