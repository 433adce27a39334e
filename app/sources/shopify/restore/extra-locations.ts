/**
 * Whether a company gets a location by itself when it is created without one is not documented. Where it does, the restored company would have one more
 * than the original: it is removed once the original's locations are there (a company cannot be without any).
 */
import { z } from "zod";
import type { ShopifyClient } from "../client.ts";
import { readPayload } from "./bulk-mutation.ts";
import type { RestoreProgress } from "./progress.ts";

export const LOCATIONS_OF_COMPANIES = `#graphql
  query RestoredCompanies($ids: [ID!]!) {
    nodes(ids: $ids) { ... on Company { id locations(first: 20, reverse: true) { nodes { id } } } }
  }
`;

export const LOCATION_DELETE = `#graphql
  mutation RemoveExtraLocation($id: ID!) {
    companyLocationDelete(companyLocationId: $id) { deletedCompanyLocationId userErrors { code field message } }
  }
`;

const Companies = z.object({ nodes: z.array(z.object({ locations: z.object({ nodes: z.array(z.object({ id: z.string() })) }).optional() }).nullable()) });
const AT_ONCE = 20;

export async function removeExtraLocations(progress: RestoreProgress, client: ShopifyClient, signal: AbortSignal): Promise<void> {
  const companies: string[] = [];
  const restored = new Set<string>();
  for (const [old, now] of progress.ids) {
    if (old.startsWith("gid://shopify/Company/")) companies.push(now);
    if (old.startsWith("gid://shopify/CompanyLocation/")) restored.add(now);
  }
  for (let at = 0; at < companies.length; at += AT_ONCE) {
    const { nodes } = await client.query(LOCATIONS_OF_COMPANIES, { ids: companies.slice(at, at + AT_ONCE) }, Companies, signal);
    for (const company of nodes) {
      const locations = company?.locations?.nodes ?? [];
      const extra = locations.filter(({ id }) => !restored.has(id));
      if (extra.length === locations.length) continue;
      for (const { id } of extra) {
        const data = await client.query(LOCATION_DELETE, { id }, z.record(z.string(), z.unknown()), signal);
        progress.charge(1);
        const result = readPayload({ data }, { mutation: LOCATION_DELETE, payload: "companyLocationDelete", node: null });
        if (!result.done) progress.refused.push({ id, kind: "CompanyLocation", code: result.code });
      }
    }
  }
}
