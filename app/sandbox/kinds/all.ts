/** Every kind kept as documents. */
import { companies } from "./companies.ts";
import { companyContacts } from "./company-contacts.ts";
import { companyLocations } from "./company-locations.ts";
import { draftOrders } from "./draft-orders.ts";
import { files } from "./files.ts";
import { giftCards } from "./gift-cards.ts";
import type { DocKind } from "./kind.ts";
import { products, productVariants } from "./products.ts";
import { segments } from "./segments.ts";
import { storeCreditAccounts } from "./store-credit.ts";

export const DOC_KINDS: readonly DocKind[] = [draftOrders, storeCreditAccounts, products, productVariants, giftCards, segments, companies, companyLocations, companyContacts, files];

const BY_TYPE: ReadonlyMap<string, DocKind> = new Map(DOC_KINDS.flatMap((kind) => [[kind.type, kind] as const, ...(kind.alsoNamed ?? []).map((name) => [name, kind] as const)]));

/** The kind whose records this gid type names. */
export function docKind(type: string): DocKind | undefined {
  return BY_TYPE.get(type);
}
