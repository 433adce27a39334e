/** The door to phi: what counts as protected health information. Pure. */
export { SYNTHETIC_MARK, isSynthetic } from "./synthetic.ts";
