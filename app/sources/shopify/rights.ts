/** What a shop lets this app do, as the shop itself says, and giving back what was granted for one restore. */
import { z } from "zod";
import type { Assessment, FamilyChange } from "../port.ts";
import { SourceError } from "../port.ts";
import type { TargetRights } from "../rights.ts";
import { scopesToWrite } from "./catalogue/write-scopes.ts";
import type { ShopifyClient } from "./client.ts";
import { kindOf } from "./revise/index.ts";
import { SCOPES_QUERY } from "./surroundings.ts";

/** Optional scopes only: those of the installation stay with it. https://shopify.dev/docs/api/admin-graphql/latest/mutations/appRevokeAccessScopes */
export const GIVE_BACK = `#graphql
  mutation GiveBackScopes($scopes: [String!]!) {
    appRevokeAccessScopes(scopes: $scopes) { revoked { handle } userErrors { code field message } }
  }
`;

const Handles = z.array(z.object({ handle: z.string() })).transform((all) => all.map(({ handle }) => handle).sort());
const Granted = z.object({ currentAppInstallation: z.object({ accessScopes: Handles }) });
const Revoked = z.object({ appRevokeAccessScopes: z.object({ revoked: Handles.nullable(), userErrors: z.array(z.object({ code: z.string().nullable() })) }) });

export class ShopifyRights implements TargetRights {
  readonly #client: () => ShopifyClient;
  constructor(client: () => ShopifyClient) {
    this.#client = client;
  }

  needed(change: FamilyChange, assessment: Pick<Assessment, "action" | "changes">): readonly string[] {
    const kind = kindOf(change.kind);
    return kind === null ? [] : scopesToWrite(kind.kind, change, assessment);
  }

  async granted(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#client().query(SCOPES_QUERY, {}, Granted, signal)).currentAppInstallation.accessScopes;
  }

  async giveBack(rights: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    if (rights.length === 0) return [];
    const { revoked, userErrors } = (await this.#client().query(GIVE_BACK, { scopes: rights }, Revoked, signal)).appRevokeAccessScopes;
    const [refused] = userErrors;
    if (refused !== undefined) throw new SourceError("source.failed", "the shop does not take these scopes back", { reason: refused.code ?? "REFUSED" });
    return revoked ?? [];
  }
}
