/**
 * Which access scopes writing takes, by kind. They are what the schema of API_VERSION says of each mutation ("requiredAccess"); a test holds every mutation of
 * the catalogue to this table. Metafields and their definitions take what writing their owner takes: so say both mutations, without naming scopes.
 */
import type { Assessment, FamilyChange } from "../../port.ts";
import { asObject } from "./kind.ts";

/** By the kind's name in the catalogue. Kinds that nothing is written of are not here. */
const OF_KIND: Readonly<Record<string, string>> = {
  MetaobjectDefinition: "write_metaobject_definitions",
  Metaobject: "write_metaobjects",
  Customer: "write_customers",
  Segment: "write_customers",
  Company: "write_customers",
  CompanyLocation: "write_customers",
  Order: "write_orders",
  DraftOrder: "write_draft_orders",
  GiftCard: "write_gift_cards",
  Page: "write_content",
  Blog: "write_content",
  Article: "write_content",
  File: "write_files",
  // Of these only the metafields are written.
  Product: "write_products",
  ProductVariant: "write_products",
  Collection: "write_products",
  DiscountNode: "write_discounts",
};
/** What belongs to a record and takes a scope of its own. */
const OF_CHILD: Readonly<Record<string, string>> = { StoreCreditAccount: "write_store_credit_account_transactions" };
/** A gift card's balance is a transaction; a new card gets its balance with it. */
const BALANCE = "write_gift_card_transactions";
/** By the owner type of a definition. The shop's own metafields take none that is documented. */
const OF_OWNER: Readonly<Record<string, string>> = {
  CUSTOMER: "write_customers",
  COMPANY: "write_customers",
  COMPANY_LOCATION: "write_customers",
  ORDER: "write_orders",
  DRAFTORDER: "write_draft_orders",
  PRODUCT: "write_products",
  PRODUCTVARIANT: "write_products",
  COLLECTION: "write_products",
  DISCOUNT: "write_discounts",
  PAGE: "write_content",
  BLOG: "write_content",
  ARTICLE: "write_content",
  MEDIA_IMAGE: "write_files",
};

/** All that a restore may ever ask for: the app declares them, and has none of them until somebody grants it. */
export const WRITE_SCOPES: readonly string[] = [...new Set([...Object.values(OF_KIND), ...Object.values(OF_CHILD), ...Object.values(OF_OWNER), BALANCE])].sort();

/** `kind`: its name in the catalogue. */
export function scopesToWrite(kind: string, { then, now }: Pick<FamilyChange, "then" | "now">, { action, changes }: Pick<Assessment, "action" | "changes">): readonly string[] {
  if (action === "none" || action === "refuse") return [];
  const scopes = new Set<string | undefined>();
  const root = OF_KIND[kind];
  if (kind === "MetafieldDefinition") scopes.add(OF_OWNER[ownerType(then ?? now)]);
  else if (action !== "update") scopes.add(root);
  for (const { kind: of, fields } of changes) {
    const own = OF_CHILD[of];
    // An account that is closed with its owner is not written to.
    if (own !== undefined) scopes.add(action === "remove" ? undefined : own);
    else if (kind === "GiftCard" && action === "update") for (const field of fields) scopes.add(field === "balance" ? BALANCE : root);
    else scopes.add(root);
  }
  return [...scopes].filter((scope) => scope !== undefined).sort();
}

function ownerType(records: FamilyChange["then"]): string {
  const bytes = records?.[0]?.bytes;
  return bytes === undefined ? "" : String(asObject(JSON.parse(Buffer.from(bytes).toString("utf8")))?.["ownerType"]);
}
