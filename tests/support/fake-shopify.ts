/**
 * Shopify's token endpoint, in the place of fetch: token exchange, and refresh with rotation. Stricter than Shopify: a refresh token works once,
 * and two refreshes at the same time void both results, so a caller that does not take turns is left without a working token.
 *
 * Import it before anything of the app: the Shopify library takes the fetch that is there when it is imported, and keeps it.
 */
import { createHmac } from "node:crypto";
import type { Clock } from "#app/workflows/ports.ts";

export const API_KEY = "key-synthetic";
export const API_SECRET = "secret-synthetic";

const real = globalThis.fetch;
let current: FakeShopify | null = null;
globalThis.fetch = (input, init) => (current === null ? real(input, init) : current.answer(new Request(input, init)));

const use = (fake: FakeShopify | null): void => {
  current = fake;
};

export class FakeShopify {
  readonly #clock: Clock;
  readonly #refreshTokens = new Set<string>();
  #count = 0;
  #underWay = 0;
  /** Access tokens that work. */
  readonly working = new Set<string>();
  exchanges = 0;
  refreshes = 0;
  /** Seconds an access token lives. */
  lifetime = 3600;
  /** Answers 401 to every refresh: the app was uninstalled, or the token is too old. */
  refuse = false;
  /** Milliseconds a refresh takes, so that others arrive meanwhile. */
  slow = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers from now on, until `remove`. */
  install(): void {
    use(this);
  }
  remove(): void {
    use(null);
  }

  /** A session token as the admin hands to the embedded app. HS256 (RFC 7515), life one minute. */
  sessionToken(shop: string, user = "42", claims: Readonly<Record<string, unknown>> = {}): string {
    const now = Math.floor(this.#clock.now().getTime() / 1000);
    const body = { iss: `https://${shop}/admin`, dest: `https://${shop}`, aud: API_KEY, sub: user, exp: now + 60, nbf: now, iat: now, jti: "1", sid: "1", ...claims };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(body)}`;
    return `${text}.${createHmac("sha256", API_SECRET).update(text).digest("base64url")}`;
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.hostname === "127.0.0.1") return real(request);
    if (url.pathname !== "/admin/oauth/access_token") throw new Error(`unplanned request to ${url.hostname}${url.pathname}`);
    const body = (await request.json()) as Record<string, string>;
    if (body["client_id"] !== API_KEY || body["client_secret"] !== API_SECRET) return Response.json({ error: "invalid_client" }, { status: 401 });
    if (body["grant_type"] !== "refresh_token") {
      this.exchanges++;
      return this.#issue();
    }
    this.refreshes++;
    const alone = ++this.#underWay === 1;
    await new Promise((resolve) => setTimeout(resolve, this.slow));
    const together = !alone || this.#underWay > 1;
    this.#underWay--;
    const known = this.#refreshTokens.delete(body["refresh_token"] ?? "");
    if (this.refuse || !known || together) return Response.json({ error: "invalid_grant" }, { status: 401 });
    this.working.clear();
    return this.#issue();
  }

  #issue(): Response {
    const access = `shpat_synthetic_${++this.#count}`;
    const refresh = `shprt_synthetic_${this.#count}`;
    this.working.add(access);
    this.#refreshTokens.add(refresh);
    return Response.json({ access_token: access, scope: "read_customers,read_orders", expires_in: this.lifetime, refresh_token: refresh, refresh_token_expires_in: 7_776_000 });
  }
}
