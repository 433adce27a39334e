/**
 * The shops of this process, as the viewer sees them: with the database while it answers, and as they were last known when it does not. What is remembered lies in this process's memory, where the keys of
 * the vaults' indexes and the storage's credentials are anyway.
 */
import { actorName, type Role } from "#app/access/index.ts";
import { KeyError } from "#app/keys/index.ts";
import { readRoster, type ObjectStore, type VaultDescription } from "#app/vault/index.ts";
import { readVaultDescription } from "#app/vault/index.ts";
import { viewEvents, type FileOutbox, type SignedIn, type SignIn, type ViewerPlace, type ViewerPlaces } from "#app/viewer/index.ts";
import { impatient } from "#app/workflows/shared/key-service.ts";
import { enterShopEvents } from "#app/workflows/shared/outbox.ts";
import type { Ports, ViewerSettings } from "#app/workflows/ports.ts";
import { rolesByRoster } from "#app/workflows/view/index.ts";
import { enterKept } from "./enter-kept.ts";

export interface PlacesOptions {
  readonly ports: Pick<Ports, "links" | "keyring" | "stores" | "signer" | "outbox" | "clock" | "log" | "responseTeam" | "unattended" | "alerts">;
  readonly settings: ViewerSettings;
  /** Events on this host's own disk, for when the database is away. */
  readonly own: FileOutbox;
  /** A database that does not answer by then is away. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 2_000;
/** One key, asked of the key service. */
const KEY_PATIENCE_MS = 5_000;

interface Known {
  readonly shop: string;
  readonly vaultId: string;
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array | null;
  readonly signIn: SignIn | null;
}

/** `remember`: looks all shops up, so that they are known if the database goes; answers how many. */
export function viewerPlaces({ ports, settings, own, patienceMs = PATIENCE_MS }: PlacesOptions): ViewerPlaces & { remember(): Promise<number> } {
  const { clock, log } = ports;
  const known = new Map<string, Known>();

  const look = async (shop: string): Promise<Known | null> => {
    const [link, setting] = await Promise.all([ports.links.get(shop), settings.get(shop)]);
    if (link === null) return null;
    const hostKeys = await ports.keyring.get(link.vaultId);
    const before = known.get(shop);
    // The same storage: the store that is open serves.
    const store = await ports.stores.open(link.storageUrl, { shop });
    const description = before?.vaultId === link.vaultId ? before.description : await readVaultDescription(store);
    return {
      shop,
      vaultId: link.vaultId,
      store,
      description,
      indexKey: hostKeys?.indexKey ?? null,
      signIn: setting === null ? null : { issuer: setting.issuer, clientId: setting.clientId, clientSecret: setting.hasSecret ? await settings.secret(shop) : null, groupsClaim: setting.groupsClaim, groups: setting.groups },
    };
  };
  /** Null: no such shop. Falls back on what is remembered when the database is away. */
  const current = async (shop: string): Promise<Known | null> => {
    try {
      const found = await within(patienceMs, look(shop));
      if (found === null) known.delete(shop);
      else known.set(shop, found);
      return found;
    } catch (error) {
      const remembered = known.get(shop);
      if (remembered === undefined) throw error;
      log.warn("viewer.from_memory", { shop });
      return remembered;
    }
  };
  const rolesOf = async (place: Known, person: SignedIn): Promise<readonly Role[]> => {
    const actor = actorName({ kind: "responder", id: person.id, shop: place.shop });
    if (place.signIn?.groups.some((group) => person.groups.includes(group)) === true) return ["responder"];
    try {
      return await within(patienceMs, ports.responseTeam?.rolesOf(place.shop, actor) ?? Promise.resolve([]));
    } catch {
      // What the vault says is what the team was when the database last answered.
      return rolesByRoster(await readRoster(place.store, place.description), person);
    }
  };

  return {
    only: async () => {
      const shops = await within(patienceMs, settings.shops()).catch(() => [...known.values()].filter(({ signIn }) => signIn !== null).map(({ shop }) => shop));
      return shops.length === 1 ? (shops[0] ?? null) : null;
    },
    find: async (shop) => {
      const place = await current(shop);
      if (place === null) return null;
      const { vaultId, store, description, indexKey, signIn } = place;
      // Somebody else's service may be away in just this night; whoever holds an identity does without it.
      const service = ports.unattended === undefined ? null : await within(patienceMs, ports.unattended.openerFor(shop)).catch(() => "away" as const);
      if (service === "away") log.warn("viewer.key_service_away", { shop });
      const opener = service === null || service === "away" ? null : impatient(service, KEY_PATIENCE_MS, () => new KeyError("keys.unreachable", "the key service does not answer"));
      const found: ViewerPlace = {
        shop,
        store,
        description,
        signIn,
        indexKey,
        opener,
        serviceAway: service === "away",
        events: viewEvents({
          vaultId,
          clock,
          log,
          usual: ports.outbox ?? null,
          own,
          enter: async () => {
            await enterShopEvents(ports, shop);
            await enterKept(ports, own, vaultId, store);
          },
        }),
        rolesOf: (person) => rolesOf(place, person),
        ask: async (person) => {
          const actor = actorName({ kind: "responder", id: person.id, shop });
          // The label is for the people who name the team: which of those who asked this is.
          await within(patienceMs, ports.responseTeam?.ask(shop, { actor, label: `Signed in to the viewer ${person.id.slice(0, 6)}`, at: clock.now() }) ?? Promise.resolve(false)).catch(() => false);
        },
        suspended: async ({ session, reads }) => {
          await within(patienceMs, ports.alerts.raise({ shop, code: "alert.viewer_suspended", subject: `viewer:${session}`, severity: "critical", facts: { session, reads } })).catch(() => { log.error("viewer.alert_lost", { shop, session, reads }); });
        },
      };
      return found;
    },
    remember: async () => {
      let found = 0;
      for (const shop of await settings.shops()) if ((await current(shop).catch(() => null)) !== null) found++;
      return found;
    },
  };
}

/** Rejects when it takes too long: a database that is going away may hold on to a question for a long time. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  work.catch(() => undefined);
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error("the database does not answer")); }, ms); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
