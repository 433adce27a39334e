/** What the rest of the process may ask of Shopify. Implemented by connect.server.ts. */
import type { Staff } from "../staff.ts";

export interface AuthenticatedShop {
  /** Domain, "name.myshopify.com". */
  readonly shop: string;
  readonly staff: Staff;
  /** A redirect that keeps the embedding's parameters. */
  redirect(path: string): Response;
}

/** A webhook whose signature holds. */
export interface VerifiedWebhook {
  /** "customers/redact", as in the TOML. */
  readonly topic: string;
  readonly shop: string;
  /** This delivery. The same id again is the same delivery. */
  readonly webhookId: string;
  /** Shared by the deliveries of one event to several subscriptions. */
  readonly eventId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface ShopifyConnection {
  /** Throws a Response (redirect, bounce page, 401, 410) when the request is not from a signed-in merchant. */
  authenticate(request: Request): Promise<AuthenticatedShop>;
  /** Throws a Response: 405 when not POST, 401 when the signature is missing or wrong, 400 when it is no webhook. */
  verifyWebhook(request: Request): Promise<VerifiedWebhook>;
  /** The sign-in page's answer: throws a redirect, or says what is wrong with the shop's name. */
  login(request: Request): Promise<{ readonly shop?: "missing" | "invalid" }>;
  /** Sets Content-Security-Policy frame-ancestors and preload headers for a page. */
  addDocumentResponseHeaders(request: Request, headers: Headers): void;
  /**
   * A working access token for background work, refreshed when it nears its end. Throws ShopifyError "shop.not_connected".
   * Never keep it: ask again for the next piece of work. `refused`: a token that the platform did not take, so that another one is wanted.
   */
  offlineAccessToken(shop: string, o?: { readonly refused?: string }): Promise<string>;
  /** Forgets every session of a shop. */
  forget(shop: string): Promise<void>;
}
