/** What several kinds read, write and compare alike. */
import type { References } from "../references.ts";
import { asList, asObject, pick, type OldId } from "./kind.ts";

export const MONEY = "{ shopMoney { amount currencyCode } }";
export const TAX_LINES = `{ title rate source channelLiable priceSet ${MONEY} }`;
export const ATTRIBUTES = "{ key value }";
/** Company addresses are a type of their own, with other names for the same things. */
export const COMPANY_ADDRESS = "{ id firstName lastName recipient companyName address1 address2 city zip zoneCode countryCode phone }";

/** Money as inputs take it; null where there is none. */
export function moneyInput(value: unknown): { amount: unknown; currencyCode: unknown } | null {
  const money = asObject(asObject(value)?.["shopMoney"] ?? value);
  return money === null || money["amount"] === undefined ? null : { amount: money["amount"], currencyCode: money["currencyCode"] };
}

/** Tax lines as OrderCreateTaxLineInput takes them: `rate` is a decimal there. */
export function taxLinesInput(value: unknown): Record<string, unknown>[] {
  return asList(value).flatMap((item) => {
    const line = asObject(item);
    const price = moneyInput(line?.["priceSet"]);
    if (line === null) return [];
    const { rate } = line;
    return [{ ...pick(line, ["title", "channelLiable"]), rate: typeof rate === "number" || typeof rate === "string" ? String(rate) : "0", ...(price === null ? {} : { priceSet: { shopMoney: price } }) }];
  });
}

/** The source of a tax line is the platform's note of who worked it out. */
export function comparedTaxLines(value: unknown): unknown[] {
  return asList(value).map((item) => ({ ...asObject(item), source: null }));
}

/** An attribute without a value is written as the empty text: the inputs take no null. */
export function attributes(value: unknown): { key: string; value: string }[] {
  return asList(value).flatMap((item) => {
    const attribute = asObject(item);
    if (attribute === null || typeof attribute["key"] !== "string") return [];
    return [{ key: attribute["key"], value: typeof attribute["value"] === "string" ? attribute["value"] : "" }];
  });
}

/** The id in a member such as `customer { id }`, in the restored shop; undefined when there is none or it was not restored. */
export function newIdOf(value: unknown, references: References): string | undefined {
  const id = asObject(value)?.["id"];
  return typeof id === "string" ? references.newId(id) : undefined;
}

/** The same for comparing: the original's id, or one that equals no other. */
export function oldIdOf(value: unknown, oldId: OldId): string | null {
  const id = asObject(value)?.["id"];
  return typeof id === "string" ? (oldId(id) ?? `new:${id}`) : null;
}
