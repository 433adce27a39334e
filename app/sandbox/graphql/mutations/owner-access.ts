/**
 * Metafields and their definitions take "the same access level needed to mutate the owner resource", which the schema says in words and not by scopes. The
 * shop's own take none here: no page says which they take.
 */
import type { Context } from "../context.ts";
import { RefusedError } from "../refused.ts";

const SCOPES: Readonly<Record<string, readonly string[]>> = {
  CUSTOMER: ["write_customers"],
  COMPANY: ["write_customers", "write_companies"],
  COMPANY_LOCATION: ["write_customers", "write_companies"],
  ORDER: ["write_orders"],
  DRAFTORDER: ["write_draft_orders"],
  PRODUCT: ["write_products"],
  PRODUCTVARIANT: ["write_products"],
  COLLECTION: ["write_products"],
  DISCOUNT: ["write_discounts"],
  PAGE: ["write_content", "write_online_store_pages"],
  BLOG: ["write_content", "write_online_store_pages"],
  ARTICLE: ["write_content", "write_online_store_pages"],
  MEDIA_IMAGE: ["write_files"],
};

/** Throws ACCESS_DENIED where the app may not write owners of this type. */
export function allowOwner({ granted }: Pick<Context, "granted">, field: string, ownerType: string): void {
  const scopes = SCOPES[ownerType];
  if (scopes === undefined || scopes.some((scope) => granted.has(scope))) return;
  const missing = `${scopes.map((scope) => `\`${scope}\` access scope`).join(" or ")}.`;
  throw new RefusedError("ACCESS_DENIED", `Access denied for ${field} field. Required access: ${missing}`, { documentation: "https://shopify.dev/api/usage/access-scopes", requiredAccess: missing });
}
