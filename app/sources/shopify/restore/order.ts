/** The order in which kinds are put back: what is referred to by an id in an input before what refers to it. Metafields with references come last, whatever their owner. */
import type { Kind } from "../catalogue/kind.ts";
import { articles } from "../catalogue/content/articles.ts";
import { blogs } from "../catalogue/content/blogs.ts";
import { files } from "../catalogue/content/files.ts";
import { metaobjects } from "../catalogue/content/metaobjects.ts";
import { pages } from "../catalogue/content/pages.ts";
import { shop } from "../catalogue/content/shop.ts";
import { companies } from "../catalogue/people/companies.ts";
import { companyLocations } from "../catalogue/people/company-locations.ts";
import { customers } from "../catalogue/people/customers.ts";
import { segments } from "../catalogue/people/segments.ts";
import { draftOrders } from "../catalogue/sales/draft-orders.ts";
import { giftCards } from "../catalogue/sales/gift-cards.ts";
import { orders } from "../catalogue/sales/orders.ts";

/** After the definitions, which are written first and one by one. */
export const RESTORE_ORDER: readonly Kind[] = [shop, files, metaobjects, customers, segments, companies, companyLocations, orders, draftOrders, giftCards, pages, blogs, articles];
