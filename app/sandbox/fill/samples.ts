/**
 * A value of every type that a metafield can have (https://shopify.dev/docs/apps/build/metafields/list-of-data-types): made up, and marked where a type has room for it.
 * `ids`: records of the shop, by type, that references point to.
 */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";

type Ids = Readonly<Record<string, string>>;

const measure = (value: number, unit: string): object => ({ value, unit });
const reference = (type: string) => (ids: Ids): string | null => ids[type] ?? null;

/** Null: there is nothing in the shop to refer to. Values of list types are made of these. */
const SCALARS: Readonly<Record<string, (ids: Ids) => unknown>> = {
  boolean: () => true,
  color: () => "#1a2b3c",
  date: () => "2026-02-28",
  date_time: () => "2026-02-28T13:14:15Z",
  dimension: () => measure(25, "cm"),
  id: () => `${SYNTHETIC_MARK}-ID-1`,
  json: () => ({ mark: SYNTHETIC_MARK, list: [1, "two", null, { deep: true }], text: "quotes \" and \\ and \u00e9" }),
  language: () => "en",
  link: () => ({ text: `${SYNTHETIC_MARK} link`, url: "https://example.com/synthetic" }),
  money: () => ({ amount: "12.50", currency_code: "USD" }),
  multi_line_text_field: () => `${SYNTHETIC_MARK}\nsecond line\n\u00fcber\u2028third`,
  number_decimal: () => "-12.345",
  number_integer: () => "42",
  rating: () => ({ value: "4.5", scale_min: "1.0", scale_max: "5.0" }),
  rich_text_field: () => ({ type: "root", children: [{ type: "paragraph", children: [{ type: "text", value: `${SYNTHETIC_MARK} `, bold: true }, { type: "text", value: "paragraph" }] }] }),
  single_line_text_field: () => `${SYNTHETIC_MARK} one line`,
  url: () => "https://example.com/synthetic",
  volume: () => measure(3, "ml"),
  weight: () => measure(72.5, "kg"),
  article_reference: reference("Article"),
  collection_reference: reference("Collection"),
  company_reference: reference("Company"),
  customer_reference: reference("Customer"),
  file_reference: (ids) => ids["GenericFile"] ?? ids["MediaImage"] ?? null,
  metaobject_reference: reference("Metaobject"),
  mixed_reference: reference("Metaobject"),
  order_reference: reference("Order"),
  page_reference: reference("Page"),
  product_reference: reference("Product"),
  variant_reference: reference("ProductVariant"),
};

/** Types of which there are lists. */
const LISTED = [
  "color", "date", "date_time", "dimension", "link", "number_decimal", "number_integer", "rating", "single_line_text_field", "url", "volume", "weight", "article_reference", "company_reference", "customer_reference",
  "file_reference", "metaobject_reference", "mixed_reference", "order_reference", "page_reference", "product_reference", "variant_reference",
];

/** All of them, lists too. */
export const EVERY_TYPE: readonly string[] = [...Object.keys(SCALARS), ...LISTED.map((type) => `list.${type}`)];

/** As metafieldsSet takes it. Null: the type is not known here, or there is nothing to refer to. */
export function sampleOf(type: string, ids: Ids): string | null {
  const list = type.startsWith("list.");
  const value = SCALARS[list ? type.slice("list.".length) : type]?.(ids) ?? null;
  if (value === null) return null;
  if (list) return JSON.stringify([value, value]);
  return typeof value === "string" ? value : JSON.stringify(value);
}
