/** The door to phi: what counts as protected health information. Pure. */
export { SYNTHETIC_MARK, isSynthetic } from "./synthetic.ts";
export { fieldClass, masked, shown, type FieldClass, type Shown } from "./masking.ts";
