/** Why somebody looks: one of a list, with a case number where there is one. No free text, because people write names into it. */

/** 45 CFR 164.506 and 164.512 in the words of a shop that sells to patients. */
export const PURPOSES = ["treatment", "order", "contact", "request", "safety", "law"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What one field is needed for. */
export const REASONS = ["identify", "contact", "treat", "deliver", "answer", "law"] as const;
export type Reason = (typeof REASONS)[number];

export interface StatedPurpose {
  readonly code: Purpose;
  readonly caseNumber: string | null;
}

/** As the ledger's catalogue has it. */
const CASE = /^(?=.*\d)(?!\d{4}-\d\d-\d\d)[A-Za-z0-9][A-Za-z0-9._#/-]{0,39}$/;

export type PurposeOutcome = { readonly ok: true; readonly purpose: StatedPurpose } | { readonly ok: false; readonly problem: "purpose" | "case" };

export function statedPurpose(code: string, caseNumber: string): PurposeOutcome {
  const purpose = PURPOSES.find((known) => known === code);
  if (purpose === undefined) return { ok: false, problem: "purpose" };
  const given = caseNumber.trim();
  if (given !== "" && !CASE.test(given)) return { ok: false, problem: "case" };
  return { ok: true, purpose: { code: purpose, caseNumber: given === "" ? null : given } };
}

export function reasonOf(code: string): Reason | null {
  return REASONS.find((known) => known === code) ?? null;
}
