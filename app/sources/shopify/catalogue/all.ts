/** Every kind of this version, in the order it is read: what defines before what is defined. A restore has an order of its own (restore/order.ts). */
import type { Kind } from "./kind.ts";
import { articles } from "./content/articles.ts";
import { blogs } from "./content/blogs.ts";
import { comments } from "./content/comments.ts";
import { files } from "./content/files.ts";
import { metafieldDefinitions } from "./content/metafield-definitions.ts";
import { metaobjectDefinitions } from "./content/metaobject-definitions.ts";
import { metaobjects } from "./content/metaobjects.ts";
import { pages } from "./content/pages.ts";
import { shop } from "./content/shop.ts";
import { collections } from "./goods/collections.ts";
import { productVariants } from "./goods/product-variants.ts";
import { products } from "./goods/products.ts";
import { companies } from "./people/companies.ts";
import { companyLocations } from "./people/company-locations.ts";
import { customers } from "./people/customers.ts";
import { segments } from "./people/segments.ts";
import { abandonedCheckouts } from "./sales/abandoned-checkouts.ts";
import { discounts } from "./sales/discounts.ts";
import { draftOrders } from "./sales/draft-orders.ts";
import { giftCards } from "./sales/gift-cards.ts";
import { orders } from "./sales/orders.ts";
import { subscriptionContracts } from "./sales/subscription-contracts.ts";
import { events } from "./trace/events.ts";

export const CATALOGUE: readonly Kind[] = [
  metaobjectDefinitions,
  metafieldDefinitions,
  metaobjects,
  // What is about people first: if a run is cut short, the rest is worth less.
  customers,
  orders,
  draftOrders,
  abandonedCheckouts,
  companies,
  companyLocations,
  giftCards,
  subscriptionContracts,
  segments,
  comments,
  discounts,
  products,
  productVariants,
  collections,
  pages,
  blogs,
  articles,
  shop,
  files,
  events,
];

/** Child kinds whose arrival order is kept. */
export const ORDERED_KINDS: ReadonlySet<string> = new Set(CATALOGUE.flatMap((kind) => kind.children.filter((child) => child.ordered).map((child) => child.kind)));

/** Scopes the whole catalogue needs. */
export const SCOPES: readonly string[] = [...new Set(CATALOGUE.flatMap((kind) => [...kind.scopes, ...kind.parts.flatMap((part) => part.scopes)]))].sort();
