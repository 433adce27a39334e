/**
 * Sessions: Prisma's session storage with two things around it.
 *
 * Tokens are sealed before they reach the database.
 *
 * An offline token that nears its end is refreshed while it is loaded, under a lock per shop that all processes share. The library
 * refreshes without one, and Shopify voids one result of two refreshes that race. Because every path of the library loads the session
 * first and refreshes only what it finds expired, it never gets to its own refresh except inside the lock.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";
import type { PrismaClient } from "@prisma/client";
import type { Log } from "../log.ts";
import { SealError } from "../secrets/seal.ts";
import type { Sealer } from "../secrets/seal.ts";
import type { ShopLock } from "./shop-lock.ts";

type Sessions = PrismaSessionStorage<PrismaClient>;
export type Session = NonNullable<Awaited<ReturnType<Sessions["loadSession"]>>>;

/** The library refreshes within five minutes of the end; we do it a minute earlier, so that it never sees the need. */
const EARLY_MS = 6 * 60_000;

/** How sessions are given out within an asynchronous call: as they are stored, or not at all. */
type Mode = "as-stored" | "none";

export interface SealedSessions {
  /** What shopifyApp is given. */
  readonly storage: Pick<Sessions, "storeSession" | "loadSession" | "deleteSession" | "deleteSessions" | "findSessionsByShop">;
  /** Within `work`, no session is found: for requests that must not refresh a token on the way (webhooks). */
  without<T>(work: () => Promise<T>): Promise<T>;
  /** The platform no longer takes this token, whatever its session says of its end: another one is fetched, unless somebody was faster. */
  refused(id: string, accessToken: string): Promise<void>;
  isReady(): Promise<boolean>;
}

export interface SealedSessionsOptions {
  readonly prisma: PrismaClient;
  readonly sealer: Sealer;
  readonly lock: ShopLock;
  readonly log: Log;
  /** The library's own refresh: loads the shop's session, refreshes it when it has expired or nearly so, stores it. */
  readonly refresh: (shop: string) => Promise<unknown>;
}

export function sealedSessions({ prisma, sealer, lock, log, refresh }: SealedSessionsOptions): SealedSessions {
  const inner = new PrismaSessionStorage(prisma);
  const mode = new AsyncLocalStorage<Mode>();

  const seal = async (session: Session): Promise<Session> =>
    withTokens(session, {
      accessToken: session.accessToken && (await sealer.seal(session.accessToken, `session:${session.id}:access`)),
      refreshToken: session.refreshToken && (await sealer.seal(session.refreshToken, `session:${session.id}:refresh`)),
    });

  const open = async (session: Session | undefined): Promise<Session | undefined> => {
    if (!session) return undefined;
    try {
      return withTokens(session, {
        accessToken: session.accessToken && (await sealer.open(session.accessToken, `session:${session.id}:access`)),
        refreshToken: session.refreshToken && (await sealer.open(session.refreshToken, `session:${session.id}:refresh`)),
      });
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      // Sealed under another host secret: useless. The next visit to the app fetches new tokens.
      log.warn("session.unreadable", { shop: session.shop });
      await inner.deleteSession(session.id);
      return undefined;
    }
  };

  const load = async (id: string): Promise<Session | undefined> => open(await inner.loadSession(id));

  const needsRefresh = (session: Session): boolean => !session.isOnline && Boolean(session.refreshToken) && session.isExpired(EARLY_MS);

  const loadFresh = async (id: string): Promise<Session | undefined> => {
    if (mode.getStore() === "none") return undefined;
    const session = await load(id);
    if (!session || mode.getStore() === "as-stored" || !needsRefresh(session)) return session;
    try {
      await lock(session.shop, async () => {
        const now = await load(id);
        // Another process may have refreshed it while we waited for the lock.
        if (now && needsRefresh(now)) await mode.run("as-stored", () => refresh(session.shop));
      });
    } catch (error) {
      // The old token may still do for some minutes; whoever needs a working one finds out from its expiry.
      log.failure("session.refresh_failed", error, { shop: session.shop });
    }
    return load(id);
  };

  return {
    storage: {
      storeSession: async (session) => inner.storeSession(await seal(session)),
      loadSession: loadFresh,
      deleteSession: (id) => inner.deleteSession(id),
      deleteSessions: (ids) => inner.deleteSessions(ids),
      findSessionsByShop: async (shop) => {
        const opened = await Promise.all((await inner.findSessionsByShop(shop)).map(open));
        return opened.filter((session) => session !== undefined);
      },
    },
    without: (work) => mode.run("none", work),
    refused: async (id, accessToken) => {
      const session = await load(id);
      if (session?.accessToken !== accessToken || !session.refreshToken) return;
      try {
        await lock(session.shop, async () => {
          const now = await load(id);
          if (now?.accessToken !== accessToken) return;
          // The library refreshes only what has come to its end, and takes 0 for no end.
          now.expires = new Date(1);
          await inner.storeSession(await seal(now));
          await mode.run("as-stored", () => refresh(now.shop));
        });
      } catch (error) {
        // The session has no working token now, which is what whoever asks for one will find.
        log.failure("session.refresh_failed", error, { shop: session.shop });
      }
    },
    isReady: () => inner.isReady(),
  };
}

/** A copy with other tokens; the class stays the library's. */
function withTokens(session: Session, tokens: { accessToken: string | undefined; refreshToken: string | undefined }): Session {
  return Object.assign(Object.create(Object.getPrototypeOf(session) as object) as Session, session, tokens);
}
