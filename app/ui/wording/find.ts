/** Words of the search box. */
import type { FindAnswerModel, FoundModel } from "../models/find.ts";
import { kindName } from "./kinds.ts";
import { count } from "./numbers.ts";

export type FindField = "email" | "phone" | "name" | "order" | "id";

export const FIND_FIELDS: Readonly<Record<FindField, { readonly label: string; readonly help: string; readonly unusable: string }>> = {
  email: { label: "E-mail address", help: "The whole address. Capital letters do not matter.", unusable: "This is not an e-mail address." },
  phone: { label: "Phone number", help: "With the country’s code, like +1 555 …, or as it is written in the shop’s country.", unusable: "This is not a phone number." },
  name: { label: "Name", help: "One or more whole words. Records that have all of them are found.", unusable: "There is no word in this." },
  order: { label: "Order number", help: "As it stands on the order, with or without #.", unusable: "This is not an order number." },
  id: { label: "ID", help: "Shopify’s id, whole or its number. Needs no identity.", unusable: "This is not an id." },
};

/** "Customer 7000000000001": the kind and the last part of its id. */
export function foundLine({ kind, id }: FoundModel): string {
  const name = kindName(kind, 1);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${id.split("/").at(-1) ?? id}`;
}

export function stateLine({ state, within }: FoundModel): string {
  const where = within === null ? "" : ` Found in its ${kindName(within, 1)}.`;
  if (state === "current") return `In the newest state.${where}`;
  if (state === "earlier") return `The record is there; what you look for stood in an earlier version of it.${where}`;
  return `Not in the newest state any more.${where}`;
}

export function foundSummary({ found, more }: FindAnswerModel): string {
  if (found.length === 0) return "Nothing was found. Check the spelling, or look for something else you know of it.";
  if (more) return `More than ${count(found.length, "record")} fit. Here are the first; add a word to narrow it down.`;
  return found.length === 1 ? "One record was found." : `${count(found.length, "record")} were found.`;
}
