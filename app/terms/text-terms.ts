/** Terms of one piece of text, by what it is said to be. */
import { emailTerm, nameTerms, orderTerms, phoneTerm } from "./normal.ts";
import { TERM } from "./types.ts";

export type Found = (type: number, term: string) => void;

/** Larger records of these kinds are not taken apart: what a person is found by is no megabyte. */
export const LARGEST = 1024 * 1024;

/** The text of a member that is text. `country`: of a phone number. */
export function textTerms(type: number, text: string, found: Found, country: string | null = null): void {
  switch (type) {
    case TERM.email:
    case TERM.phone: {
      const term = type === TERM.email ? emailTerm(text) : phoneTerm(text, country);
      if (term !== null) found(type, term);
      break;
    }
    case TERM.name:
    case TERM.order:
      for (const term of type === TERM.name ? nameTerms(text) : orderTerms(text)) found(type, term);
      break;
    default:
      found(type, text);
  }
}
