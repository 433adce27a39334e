/** Access tokens: token exchange, expiring offline tokens with rotating refresh tokens, and the permanent token of a custom app. */
import { createHash, randomBytes } from "node:crypto";
import type { Faults, SandboxClock } from "../types.ts";
import { readSessionToken, STAFF } from "./session-token.ts";

/** Seconds: an expiring offline token, its refresh token, an online token, and how long a used refresh token may be tried again. */
export const OFFLINE_LIFE = 3600;
export const REFRESH_LIFE = 7_776_000;
export const ONLINE_LIFE = 86_399;
export const RETRY_LIFE = 30 * 86_400;

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
const ONLINE = "urn:shopify:params:oauth:token-type:online-access-token";
const OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token";

export interface Answer {
  readonly status: number;
  readonly body: object;
}

interface Refresh {
  readonly expiresAt: number;
  /** First use: from then on it may be tried again for a while, until a replacement is used. */
  firstUsedAt: number | null;
  retired: boolean;
  /** The one whose use retires this one's predecessor. */
  readonly previous: Refresh | null;
}

interface Access {
  readonly staffId: number | null;
  readonly expiresAt: number | null;
  readonly issuedAt: number;
  /** Set on tokens that came from a refresh: using them retires the refresh token they were got with. */
  readonly got: Refresh | null;
}

export class Tokens {
  readonly #o: { readonly shop: string; readonly apiKey: string; readonly apiSecret: string; readonly scopes: readonly string[]; readonly clock: SandboxClock; readonly faults: () => Faults };
  readonly permanent: string;
  readonly #access = new Map<string, Access>();
  readonly #refresh = new Map<string, Refresh>();
  #uninstalled = false;

  constructor(o: { shop: string; apiKey: string; apiSecret: string; scopes: readonly string[]; clock: SandboxClock; seed: string; faults: () => Faults }) {
    this.#o = o;
    this.permanent = `shpat_${createHash("sha256").update(`${o.seed}/${o.shop}/${o.apiSecret}`).digest("hex").slice(0, 32)}`;
    this.#access.set(this.permanent, { staffId: null, expiresAt: null, issuedAt: 0, got: null });
  }

  /** POST /admin/oauth/access_token */
  exchange(form: Readonly<Record<string, unknown>>): Answer {
    const { shop, apiKey, apiSecret, clock } = this.#o;
    if (form["client_id"] !== apiKey || form["client_secret"] !== apiSecret) return { status: 400, body: { error: "application_cannot_be_found" } };
    if (form["grant_type"] === "refresh_token") return this.#refreshGrant(text(form["refresh_token"]));
    if (form["grant_type"] !== EXCHANGE) return { status: 400, body: { error: "unsupported_grant_type" } };
    if (form["subject_token_type"] !== ID_TOKEN) return { status: 400, body: { error: "invalid_request", error_description: "subject_token_type must be id_token" } };
    const subject = readSessionToken(text(form["subject_token"]), { shop, apiKey, apiSecret, now: clock.now() });
    const staff = STAFF.find((one) => one.id === subject?.staffId);
    if (subject === null || staff === undefined) return { status: 400, body: { error: "invalid_subject_token", error_description: "The subject token is not a valid session token of this app and shop" } };
    this.#uninstalled = false;
    const scope = this.#o.scopes.join(",");
    if (form["requested_token_type"] === ONLINE) {
      const token = this.#grant({ staffId: staff.id, expiresAt: this.#now() + ONLINE_LIFE * 1000, got: null });
      return {
        status: 200,
        body: {
          access_token: token,
          scope,
          expires_in: ONLINE_LIFE,
          associated_user_scope: scope,
          session: subject.sessionId,
          associated_user: { id: staff.id, first_name: staff.firstName, last_name: staff.lastName, email: staff.email, email_verified: true, account_owner: staff.owner, locale: "en", collaborator: false },
        },
      };
    }
    if (form["requested_token_type"] !== OFFLINE) return { status: 400, body: { error: "invalid_requested_token_type" } };
    if (text(form["expiring"]) !== "1") return { status: 200, body: { access_token: this.#grant({ staffId: null, expiresAt: null, got: null }), scope } };
    return this.#pair(null);
  }

  /** The caller behind an access token, or null: 401. Using the tokens of a refresh retires what they replaced. */
  check(token: string | undefined): { readonly staffId: number | null } | null {
    const access = token === undefined ? undefined : this.#access.get(token);
    if (access === undefined || this.#uninstalled) return null;
    if (access.expiresAt !== null && access.expiresAt <= this.#now()) return null;
    const { expireTokensBefore } = this.#o.faults();
    if (expireTokensBefore !== undefined && token !== this.permanent && access.issuedAt < Date.parse(expireTokensBefore)) return null;
    if (access.got !== null) access.got.retired = true;
    return { staffId: access.staffId };
  }

  /** Every token is void until the app is opened, and so installed, again; those from before stay void. */
  uninstall(): void {
    this.#access.clear();
    this.#refresh.clear();
    this.#uninstalled = true;
  }

  #refreshGrant(token: string): Answer {
    const refresh = this.#refresh.get(token);
    const now = this.#now();
    const over = refresh === undefined || refresh.retired || refresh.expiresAt <= now || (refresh.firstUsedAt !== null && refresh.firstUsedAt + RETRY_LIFE * 1000 <= now);
    if (over) return { status: 401, body: { error: "invalid_grant", error_description: "The refresh token is invalid or expired" } };
    refresh.firstUsedAt ??= now;
    if (refresh.previous !== null) refresh.previous.retired = true;
    return this.#pair(refresh);
  }

  #pair(from: Refresh | null): Answer {
    const now = this.#now();
    const refreshToken = `shprt_${randomBytes(16).toString("hex")}`;
    this.#refresh.set(refreshToken, { expiresAt: now + REFRESH_LIFE * 1000, firstUsedAt: null, retired: false, previous: from });
    const access = this.#grant({ staffId: null, expiresAt: now + OFFLINE_LIFE * 1000, got: from });
    return { status: 200, body: { access_token: access, scope: this.#o.scopes.join(","), expires_in: OFFLINE_LIFE, refresh_token: refreshToken, refresh_token_expires_in: REFRESH_LIFE } };
  }

  #grant(access: Omit<Access, "issuedAt">): string {
    const token = `shpat_${randomBytes(16).toString("hex")}`;
    this.#access.set(token, { ...access, issuedAt: this.#now() });
    return token;
  }

  #now(): number {
    return this.#o.clock.now().getTime();
  }
}

/** A field of a form as text; JSON bodies may say 1 for "1". */
function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
