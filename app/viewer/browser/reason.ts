/** Why a field is wanted: chosen above the fields, before the first of them. */
import { get, tell } from "./page.ts";

/** Null: none was chosen, and that was told. */
export function reason(): string | null {
  const why = get<HTMLSelectElement>("#why");
  if (why.value !== "") return why.value;
  tell("Say first what you need the field for.", "Choose a reason above the fields.");
  why.focus();
  return null;
}
