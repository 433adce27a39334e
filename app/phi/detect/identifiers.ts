/** The 18 identifiers that 45 CFR 164.514(b)(2)(i) ("Safe Harbor") asks to be removed, (A) to (R), by a word of ours each. */
export const IDENTIFIERS = [
  "name",
  "geography",
  "date",
  "phone",
  "fax",
  "email",
  "ssn",
  "mrn",
  "health_plan",
  "account",
  "certificate",
  "vehicle",
  "device",
  "url",
  "ip",
  "biometric",
  "photo",
  "other",
] as const;
export type Identifier = (typeof IDENTIFIERS)[number];

/** Where one was found. Never what it says. */
export interface Detection {
  readonly identifier: Identifier;
  readonly at: number;
  readonly length: number;
}
