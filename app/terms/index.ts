/**
 * What people look for, in its normal form: e-mail addresses, phone numbers, names, order numbers. Records and questions are read the same way, so that one finds
 * the other. Pure; runs in the browser too. The vault makes keyed tokens of it and stores no term.
 */
export { emailTerm, nameTerms, orderTerms, phoneTerm } from "./normal.ts";
export { idsOf, queryTerms } from "./query.ts";
export type { Query, QueryField } from "./query.ts";
export { recordTerms } from "./record-terms.ts";
export { TERM } from "./types.ts";
export type { Term } from "./types.ts";
