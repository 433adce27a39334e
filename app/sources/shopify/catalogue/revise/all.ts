/** What can be changed, by the kind's name in the catalogue. Kinds that are not here only have their metafields changed, where they have any. */
import { companyLocationRevision, companyRevision } from "./companies.ts";
import { articleRevision, blogRevision, fileRevision, metafieldDefinitionRevision, metaobjectDefinitionRevision, metaobjectRevision, pageRevision } from "./content.ts";
import { customerRevision, segmentRevision } from "./customers.ts";
import type { Revision } from "./revision.ts";
import { draftOrderRevision, giftCardRevision, orderRevision } from "./sales.ts";

export const REVISIONS: Readonly<Record<string, Revision>> = {
  MetaobjectDefinition: metaobjectDefinitionRevision,
  MetafieldDefinition: metafieldDefinitionRevision,
  Metaobject: metaobjectRevision,
  File: fileRevision,
  Customer: customerRevision,
  Segment: segmentRevision,
  Company: companyRevision,
  CompanyLocation: companyLocationRevision,
  Order: orderRevision,
  DraftOrder: draftOrderRevision,
  GiftCard: giftCardRevision,
  Page: pageRevision,
  Blog: blogRevision,
  Article: articleRevision,
};

export const NO_REVISION: Revision = { steps: [], remove: null };
