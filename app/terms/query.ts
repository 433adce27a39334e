/** What a person asks for, as terms: any of the groups, and of a group all. */
import { emailTerm, nameTerms, orderTerms, phoneTerm } from "./normal.ts";
import { TERM, type Term } from "./types.ts";

/** What the value is. "customer": a customer's id, as the source writes it; found is what names them as theirs: orders, drafts, checkouts, subscriptions, gift cards. */
export type QueryField = "id" | "email" | "phone" | "name" | "order" | "customer";

export interface Query {
  readonly field: QueryField;
  readonly value: string;
  /** Where a phone number without a country's code may be from: ISO 3166-1, two letters; the shop's own first. */
  readonly countries?: readonly string[];
}

/** No groups: the value cannot be of this kind, so nothing can have it. An id has no terms: `idsOf`. */
export function queryTerms({ field, value, countries = [] }: Query): Term[][] {
  switch (field) {
    case "id":
      return [];
    case "email": {
      const term = emailTerm(value);
      return term === null ? [] : [[{ type: TERM.email, term }]];
    }
    case "phone": {
      const forms = [phoneTerm(value), ...countries.map((country) => phoneTerm(value, country))].filter((term) => term !== null);
      return [...new Set(forms)].map((term) => [{ type: TERM.phone, term }]);
    }
    case "name": {
      const words = nameTerms(value);
      return words.length === 0 ? [] : [words.map((term) => ({ type: TERM.name, term }))];
    }
    case "customer":
      return value === "" ? [] : [[{ type: TERM.customer, term: value }]];
    case "order": {
      // As it was typed: the number alone would find every order that has it behind another sign.
      const [term] = orderTerms(value);
      return term === undefined ? [] : [[{ type: TERM.order, term }]];
    }
  }
}

/** Kinds that a bare number may be the id of. */
const NUMBERED = ["Customer", "Order", "DraftOrder", "AbandonedCheckout", "Company"] as const;

/** Ids that a person may mean: the whole id as the source writes it, or the number at its end. */
export function idsOf(value: string): string[] {
  const plain = value.trim();
  if (plain === "" || plain.length > 512) return [];
  return /^\d{1,20}$/.test(plain) ? [plain, ...NUMBERED.map((kind) => `gid://shopify/${kind}/${plain}`)] : [plain];
}
