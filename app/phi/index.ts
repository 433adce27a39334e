/** The door to phi: what counts as protected health information. Pure. */
export { fieldClass, masked, shown, type FieldClass, type Shown } from "./masking.ts";
export { SYNTHETIC_MARK, isSynthetic } from "./synthetic.ts";
export { detect, detectIn } from "./detect/detect.ts";
export type { FoundIn } from "./detect/detect.ts";
export { IDENTIFIERS } from "./detect/identifiers.ts";
export type { Detection, Identifier } from "./detect/identifiers.ts";
export { isReservedEmail, isReservedHost, isReservedIp, isReservedPhone, isReservedSsn } from "./detect/reserved.ts";
export { sanitizer } from "./sanitize/sanitizer.ts";
export type { Sanitizer, SanitizerOptions } from "./sanitize/sanitizer.ts";
export { residue } from "./sanitize/residue.ts";
export type { Residue } from "./sanitize/residue.ts";
export type { PhiRecord } from "./sanitize/record.ts";
