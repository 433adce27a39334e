/**
 * The app's connection to Shopify: token exchange, expiring offline tokens, webhooks' signatures. Made once, by compose.server.ts, after the
 * database is there (the session storage looks for its table at once).
 */
import "@shopify/shopify-app-remix/adapters/node";
import { ApiVersion, AppDistribution, LoginErrorType, LogSeverity, shopifyApp } from "@shopify/shopify-app-remix/server";
import { API_VERSION, SCOPES } from "#app/sources/shopify/index.ts";
import type { Log } from "./log.ts";
import type { Secret } from "./secrets/secret.ts";
import type { Shops } from "./shops.ts";
import type { ShopifyConnection, VerifiedWebhook } from "./shopify/connection.ts";
import { readWebhook } from "./capture/read-webhook.ts";
import { ShopifyError } from "./shopify/shopify-error.ts";
import { sealedSessions } from "./shopify/sessions.ts";
import type { SealedSessionsOptions } from "./shopify/sessions.ts";

export interface ConnectShopifyOptions extends Pick<SealedSessionsOptions, "prisma" | "sealer" | "lock"> {
  readonly apiKey: string;
  readonly apiSecret: Secret<string>;
  /** Still believed while a rotation of the secret lasts. */
  readonly oldApiSecret?: Secret<string> | null;
  /** Where browsers reach the app. */
  readonly appUrl: string;
  readonly shops: Shops;
  readonly log: Log;
}

export async function connectShopify(options: ConnectShopifyOptions): Promise<ShopifyConnection> {
  const { log, shops } = options;
  const sessions = sealedSessions({ ...options, refresh: (shop) => app.unauthenticated.admin(shop) });
  const app = shopifyApp({
    apiKey: options.apiKey,
    apiSecretKey: options.apiSecret.reveal(),
    appUrl: options.appUrl,
    apiVersion: ApiVersion.October26,
    scopes: [...SCOPES],
    authPathPrefix: "/auth",
    distribution: AppDistribution.AppStore,
    sessionStorage: sessions.storage,
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
    // The library's messages carry addresses with tokens in them: only that it complains, and how badly, is written.
    logger: {
      level: LogSeverity.Error,
      httpRequests: false,
      timestamps: false,
      log: (severity) => {
        log.warn("shopify.library", { severity });
      },
    },
    hooks: {
      afterAuth: async ({ session }) => {
        await shops.installed(session.shop, scopesOf(session.scope));
        log.info("shop.installed", { shop: session.shop });
      },
    },
  });
  await sessions.isReady();

  return {
    authenticate: async (request) => {
      const { session, sessionToken, redirect } = await app.authenticate.admin(request);
      return { shop: session.shop, staff: { id: sessionToken.sub }, redirect: (path) => redirect(path) };
    },
    verifyWebhook: (request) => verify(request, [options.apiSecret.reveal(), ...(options.oldApiSecret ? [options.oldApiSecret.reveal()] : [])]),
    login: async (request) => {
      const { shop } = await app.login(request);
      return shop === undefined ? {} : { shop: shop === LoginErrorType.MissingShop ? "missing" : "invalid" };
    },
    addDocumentResponseHeaders: (request, headers) => {
      app.addDocumentResponseHeaders(request, headers);
    },
    offlineAccessToken: async (shop, { refused } = {}) => {
      if (refused !== undefined) await sessions.refused(`offline_${shop}`, refused);
      const session = await sessions.storage.loadSession(`offline_${shop}`);
      // Half a minute of life left is what one request needs.
      if (!session?.accessToken || session.isExpired(30_000)) {
        throw new ShopifyError("shop.not_connected", `there is no working session for ${shop}: open the app in the shop's admin once`);
      }
      return session.accessToken;
    },
    forget: async (shop) => {
      const { storage } = sessions;
      await storage.deleteSessions((await storage.findSessionsByShop(shop)).map(({ id }) => id));
    },
  };
}

/** The version the source's queries are written for is the one the library talks. */
API_VERSION satisfies `${ApiVersion.October26}`;

/** Checked here and not by the library: it knows one secret only, and answers 400 to a request without a signature where Shopify's review asks for 401. */
async function verify(request: Request, secrets: readonly string[]): Promise<VerifiedWebhook> {
  const read = await readWebhook(request, secrets);
  if (read instanceof Response) throw read;
  const { topic, shop, webhookId, eventId, payload } = read;
  return { topic, shop, webhookId, eventId, payload: typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {} };
}

export function scopesOf(scope: string | undefined): string[] {
  return (scope ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "");
}
