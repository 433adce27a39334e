/** The door: identities in files, keys in services, the openers they make, and shares of an identity. */
export { KeyError, type KeyErrorCode } from "./errors.ts";
export { readIdentityFile, readPassphraseFile, readRecipientFile, writeIdentityFiles, type IdentityFiles } from "./files.ts";
export { openHolder, recipientAt, type HolderOptions, type KeyHolder } from "./holder.ts";
export { identityFrom, recipientFrom, thumbprint, type Identity, type KeyAlgorithm } from "./jwk.ts";
export { IDENTITY_TYPES, newIdentity, type IdentityType } from "./new-identity.ts";
export { openerFor } from "./opener.ts";
export { PASSPHRASE_ITERATIONS } from "./passphrase.ts";
export { parseShare, shareFile, shareSheet } from "./shares/files.ts";
export { joinShares, splitIdentity, type SplitOptions } from "./shares/split.ts";
export type { Share } from "./shares/share.ts";
export { sealShare, unsealShare } from "./shares/sealed.ts";
