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
import { ShopifyError } from "./shopify/shopify-error.ts";
import { sealedSessions } from "./shopify/sessions.ts";
import type { SealedSessionsOptions } from "./shopify/sessions.ts";

export interface ConnectShopifyOptions extends Pick<SealedSessionsOptions, "prisma" | "sealer" | "lock"> {
  readonly apiKey: string;
  readonly apiSecret: Secret<string>;
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
    verifyWebhook: (request) => sessions.without(() => verify(request, (copy) => app.authenticate.webhook(copy))),
    login: async (request) => {
      const { shop } = await app.login(request);
      return shop === undefined ? {} : { shop: shop === LoginErrorType.MissingShop ? "missing" : "invalid" };
    },
    addDocumentResponseHeaders: (request, headers) => {
      app.addDocumentResponseHeaders(request, headers);
    },
    offlineAccessToken: async (shop) => {
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

const HMAC_HEADERS = ["X-Shopify-Hmac-Sha256", "shopify-hmac-sha256"];

/** The library answers 400 to a request without a signature; Shopify's review asks for 401. */
async function verify(
  request: Request,
  authenticate: (request: Request) => Promise<{ shop: string; webhookId?: string; payload: unknown }>,
): Promise<VerifiedWebhook> {
  if (request.method !== "POST") throw new Response(null, { status: 405, headers: { Allow: "POST" } });
  if (!HMAC_HEADERS.some((name) => request.headers.get(name))) throw new Response(null, { status: 401 });
  const { headers } = request;
  const { shop, webhookId, payload } = await authenticate(request);
  return {
    topic: headers.get("X-Shopify-Topic") ?? "",
    shop,
    webhookId: webhookId ?? headers.get("X-Shopify-Webhook-Id") ?? "",
    eventId: headers.get("X-Shopify-Event-Id"),
    payload: typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {},
  };
}

export function scopesOf(scope: string | undefined): string[] {
  return (scope ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "");
}
