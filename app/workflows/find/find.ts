/**
 * Finds a record for somebody in the admin. Their browser unwraps what makes tokens and sends tokens only; what they look for never comes here.
 * Every search, a fruitless one too, is in the ledger: who, when, by what sort of term, how many answers.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { QueryField } from "#app/terms/index.ts";
import { currentRecipients, findById, findByTokens, searchMaterial, type FindOutcome, type PackTokens } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { recordEvent } from "../shared/outbox.ts";
import { recordRefusal } from "../shared/record-refusal.ts";
import { withShopVault, type FailedWork } from "../shared/with-shop-vault.ts";
import { foundEntry } from "./enter-found.ts";

export type FindPorts = Pick<Ports, "links" | "keyring" | "stores" | "signer" | "outbox" | "scratch" | "clock" | "random" | "responseTeam">;

export type FindRefused = { readonly kind: "refused"; readonly code: AccessRefusal } | FailedWork;

export interface FindMaterial {
  readonly kind: "ready";
  readonly vaultId: string;
  /** Thumbprints of the keys that open it. */
  readonly recipients: readonly string[];
  /** Wrapped content keys, JWE in General JSON serialization (RFC 7516). */
  readonly keys: readonly { readonly keyId: string; readonly jwe: string }[];
  /** Per pack that can be searched: which content key opens its wrapped secret, which is base64url. */
  readonly packs: readonly { readonly pack: string; readonly keyId: string; readonly secret: string }[];
}

/** What a browser needs to make tokens with an identity. */
export async function prepareFind(ports: FindPorts, { shop, actor }: { readonly shop: string; readonly actor: Actor }): Promise<FindMaterial | FindRefused> {
  const refused = await refusal(ports, shop, actor);
  if (refused !== null) return refused;
  return withShopVault(ports, shop, async ({ store, vault }): Promise<FindMaterial> => {
    const [material, recipients] = await Promise.all([searchMaterial(store, vault.description), currentRecipients(store, vault.description)]);
    return {
      kind: "ready",
      vaultId: material.vaultId,
      recipients: recipients.map(({ keyId }) => keyId),
      keys: material.keys.map(({ keyId, jwe }) => ({ keyId, jwe: Buffer.from(jwe).toString("utf8") })),
      packs: material.packs.map(({ pack, keyId, secret }) => ({ pack, keyId, secret: Buffer.from(secret).toString("base64url") })),
    };
  });
}

/** Ids may be asked for in clear: the host knows every id. */
export type FindAsked = { readonly by: Exclude<QueryField, "id">; readonly tokens: readonly PackTokens[] } | { readonly by: "id"; readonly ids: readonly string[] };

export type Found = ({ readonly kind: "found" } & FindOutcome) | FindRefused;

/** More is no question of a person's. */
const MOST_IDS = 16;
const MOST_GROUPS = 8;
const MOST_WORDS = 12;

export async function find(ports: FindPorts, { shop, actor, asked, limit }: { readonly shop: string; readonly actor: Actor; readonly asked: FindAsked; readonly limit?: number }): Promise<Found> {
  const refused = await refusal(ports, shop, actor);
  if (refused !== null) return refused;
  const found = await withShopVault(ports, shop, async ({ store, vault, hostKeys }): Promise<Found> => {
    const place = { store, description: vault.description, indexKey: hostKeys.indexKey, at: ports.clock.now(), ...(limit === undefined ? {} : { limit }) };
    if (asked.by === "id") return { kind: "found", found: await findById(place, asked.ids.slice(0, MOST_IDS)), more: false, packs: 0, faults: [], unsearched: 0 };
    const tokens = asked.tokens.map((of) => ({ ...of, groups: of.groups.slice(0, MOST_GROUPS).map((group) => group.slice(0, MOST_WORDS)) }));
    return { kind: "found", ...(await findByTokens({ ...place, tokens })) };
  });
  if (found.kind !== "found") return found;
  const link = await ports.links.get(shop);
  if (link !== null) await recordEvent(ports, shop, foundEntry({ vaultId: link.vaultId, shop, actor: actorName(actor), by: asked.by, hits: found.found.length }));
  return found;
}

async function refusal(ports: FindPorts, shop: string, actor: Actor): Promise<FindRefused | null> {
  const decision = mayRequest("record.find", actor, shop, { roles: (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [] });
  if (decision.allowed) return null;
  await recordRefusal(ports, { shop, actor, asked: "record.find", code: decision.code });
  return { kind: "refused", code: decision.code };
}
