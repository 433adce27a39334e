/** The app gives access scopes back. */
import type { Fields } from "../context.ts";

const SENTENCES = {
  CANNOT_REVOKE_REQUIRED_SCOPES: "Scopes that are declared as required cannot be revoked.",
  CANNOT_REVOKE_UNDECLARED_SCOPES: "Scopes that are not declared cannot be revoked.",
  UNKNOWN_SCOPES: "The requested list of scopes to revoke includes invalid handles.",
} as const;

export const scopeMutations: Fields<unknown> = {
  appRevokeAccessScopes: (_source, args, { facts }) => {
    const scopes = args["scopes"] as readonly string[];
    const revoked = scopes.filter((scope) => facts.grants.granted.includes(scope));
    const refusal = facts.grants.revoke(scopes);
    if (refusal !== null) return { revoked: null, userErrors: [{ code: refusal, field: ["scopes"], message: SENTENCES[refusal] }] };
    return { revoked: revoked.map((handle) => ({ handle, description: handle.replaceAll("_", " ") })), userErrors: [] };
  },
};
