/** The door: identities kept in files, and the openers they make. */
export { KeyError, type KeyErrorCode } from "./errors.ts";
export { readIdentityFile, readPassphraseFile, readRecipientFile, writeIdentityFiles, type IdentityFiles } from "./files.ts";
export { identityFrom, recipientFrom, thumbprint, type Identity, type KeyAlgorithm } from "./jwk.ts";
export { IDENTITY_TYPES, newIdentity, type IdentityType } from "./new-identity.ts";
export { openerFor } from "./opener.ts";
export { PASSPHRASE_ITERATIONS } from "./passphrase.ts";
