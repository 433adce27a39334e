/** What a session reads from: the newest state of the shop's vault, with the keys that the session has. What is missing among them is remembered in its chest. */
import { contentKeys, findById, findInVault, searchKeys, stateAt, VaultError, type ContentKeys, type FindPlace, type KeyOpener, type SearchQuery } from "#app/vault/index.ts";
import { idsOf, queryTerms } from "#app/terms/index.ts";
import type { Clock } from "#app/workflows/ports.ts";
import type { FindBy, FoundRoot, ViewSource } from "#app/workflows/view/index.ts";
import type { Session } from "./sessions.ts";

/** How long a state serves before what was captured since is looked at. */
const FRESH_MS = 60_000;
/** Roots of one person that are looked for. */
const MOST_CANDIDATES = 60;
/** A snapshot that rests on more keys than these is opened key by key, as records ask for them. */
const WARM_KEYS = 16;

/** What opens for this session; null: the browser does. */
export function openerOf({ place, ownIdentity }: Pick<Session, "place" | "ownIdentity">): KeyOpener | null {
  return ownIdentity ? null : place.opener;
}

/** Null: the index key is not at hand (and the chest knows). Throws VaultError, StoreError. */
export async function sourceOf(session: Session, { clock, scratchDirectory }: { readonly clock: Clock; readonly scratchDirectory: string }): Promise<ViewSource | null> {
  const { place, chest } = session;
  const { store, description } = place;
  const opener = openerOf(session);
  const indexKey = place.indexKey ?? (opener === null ? chest.find(indexKeyName(session)) : await openIndexKeyFor(session));
  if (indexKey === null) return null;
  const keys: ContentKeys = opener === null ? chest : contentKeys(store, opener, description);
  const at = clock.now();
  if (session.state === null || at.getTime() - session.state.at > FRESH_MS) {
    const made = stateAt({ store, description, indexKey, keys, at, scratchDirectory });
    session.state = { made, at: at.getTime() };
    // One that could not be made is made anew the next time.
    made.catch(() => { session.state = null; });
  }
  const state = await session.state.made;
  const where: FindPlace = { store, description, indexKey, at, currentOnly: true };
  const byTerms = async (query: SearchQuery, limit: number): Promise<{ readonly roots: readonly FoundRoot[]; readonly more: boolean; readonly unsearched: number }> => {
    if (query.length === 0) return { roots: [], more: false, unsearched: 0 };
    const { found, more, unsearched } = await findInVault({ ...where, limit, searchKeys: searchKeys(store, description, keys), query });
    // A search says nothing of packs it could not ask; here they are asked once their keys are there.
    if (opener === null && chest.lacks) throw new VaultError("vault.no_key", "a pack's search key is not at hand yet");
    return { roots: found.map(({ kind, id }) => ({ kind, id })), more, unsearched };
  };
  return {
    state,
    indexKey,
    search: async (by: FindBy, value: string, limit: number) => {
      if (by === "id") return (await findById(where, idsOf(value))).slice(0, limit).map(({ kind, id }) => ({ kind, id }));
      return (await byTerms(queryTerms({ field: by, value }), limit)).roots;
    },
    belongingTo: async (customerId, limit) => {
      const { roots, more } = await byTerms(queryTerms({ field: "customer", value: customerId }), MOST_CANDIDATES);
      // The newest first: ids are given in order.
      const own = roots.filter(({ id }) => id !== customerId).sort((a, b) => numberOf(b.id) - numberOf(a.id));
      return { roots: own.slice(0, limit), more: more || own.length > limit };
    },
  };
}

/** Asks for the keys that the newest snapshot rests on, so that the first record need not wait for them. */
export async function warm(session: Session, source: ViewSource): Promise<void> {
  const keyIds = source.state.overlay.base?.keyIds ?? [];
  if (openerOf(session) === null && keyIds.length <= WARM_KEYS) for (const keyId of keyIds) await session.chest.get(keyId);
}

export function indexKeyName({ place }: Pick<Session, "place">): string {
  return /^keys\/(index-[0-9a-f]{32})\.jwe$/.exec(place.description.indexKeyObject)?.[1] ?? "index";
}

async function openIndexKeyFor(session: Session): Promise<Uint8Array | null> {
  const { place, chest } = session;
  const name = indexKeyName(session);
  const kept = chest.has(name) ? chest.find(name) : null;
  const opener = openerOf(session);
  if (kept !== null || opener === null) return kept;
  const { openVaultWithIdentity } = await import("#app/vault/index.ts");
  const { indexKey } = await openVaultWithIdentity({ store: place.store, opener, vaultId: place.description.vaultId });
  chest.put(name, indexKey);
  return indexKey;
}

function numberOf(id: string): number {
  return Number(/(\d+)\D*$/.exec(id)?.[1] ?? 0);
}
