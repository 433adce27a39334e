/**
 * The one place where somebody writes freely: why an order of steps is set aside. It goes into the ledger, which outlives every record, so what looks like
 * data about a person is turned back. A simple sieve, not a proof: the screen says so, and a second person reads the reason before it counts.
 */
export const REASON_MIN = 20;
export const REASON_MAX = 500;

export type ReasonFault =
  | "reason.too_short"
  | "reason.too_long"
  /** More than one line, or characters nobody types. */
  | "reason.not_one_line"
  /** An e-mail address, a number that could be a phone's or a record's, a date, an address on the web, a customer's id. */
  | "reason.looks_personal";

const PERSONAL: readonly RegExp[] = [
  /@/,
  /gid:\/\//i,
  /https?:|www\./i,
  /** Five digits and more, with what people put between them: phones, orders, card and record numbers. */
  /\d(?:[\s().+-]?\d){4,}/,
  /\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b/,
  /\b(?:born|DOB|MRN|SSN|patient|mr|mrs|ms|dr)\b\.?\s+(?:is\s+)?\p{L}/iu,
  /** "Ada Lovelace's": two capitalised words inside a sentence. */
  /(?<=[\p{Ll},;:] )\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+/u,
];

/** Null: may be kept. */
export function faultOfReason(reason: string): ReasonFault | null {
  if (/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u.test(reason)) return "reason.not_one_line";
  const said = reason.trim();
  if (said.length < REASON_MIN) return "reason.too_short";
  if (said.length > REASON_MAX) return "reason.too_long";
  return PERSONAL.some((pattern) => pattern.test(said)) ? "reason.looks_personal" : null;
}
