/** Every kind kept as documents. */
import { abandonedCheckouts } from "./abandoned-checkouts.ts";
import { articles, blogs, comments } from "./blogs.ts";
import { companies } from "./companies.ts";
import { companyContacts } from "./company-contacts.ts";
import { companyLocations } from "./company-locations.ts";
import { discounts } from "./discounts.ts";
import { draftOrders } from "./draft-orders.ts";
import { events } from "./events.ts";
import { files } from "./files.ts";
import { giftCards } from "./gift-cards.ts";
import type { DocKind } from "./kind.ts";
import { pages } from "./pages.ts";
import { products, productVariants } from "./products.ts";
import { segments } from "./segments.ts";
import { storeCreditAccounts } from "./store-credit.ts";
import { subscriptionContracts } from "./subscription-contracts.ts";

export const DOC_KINDS: readonly DocKind[] = [draftOrders, storeCreditAccounts, products, productVariants, giftCards, segments, companies, companyLocations, companyContacts, files, abandonedCheckouts, discounts, pages, blogs, articles, comments, subscriptionContracts, events];

const BY_TYPE: ReadonlyMap<string, DocKind> = new Map(DOC_KINDS.flatMap((kind) => [[kind.type, kind] as const, ...(kind.alsoNamed ?? []).map((name) => [name, kind] as const)]));

/** The kind whose records this gid type names. */
export function docKind(type: string): DocKind | undefined {
  return BY_TYPE.get(type);
}
