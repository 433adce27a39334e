/**
 * Signing in through the merchant's identity provider: OpenID Connect, authorization code with PKCE (S256), state and nonce (OpenID Connect Core 1.0 section 3.1; RFC 7636), by openid-client.
 * The ID token's signature is checked against the provider's keys although it comes by TLS, so that a provider behind a proxy that lies is noticed too.
 *
 * What was discovered is kept: a provider that is away for a while ends nobody's session, because sessions are the viewer's own, and when it is back nothing need be asked twice.
 */
import { createHash } from "node:crypto";
import * as oidc from "openid-client";
import { ViewerError } from "../errors.ts";
import type { SignedIn, SignIn } from "../ports.ts";
import { badIssuer, guardedFetch, isLoopback, type GuardedFetch } from "./guarded-fetch.ts";

/** Clocks of two machines. */
const SKEW_SECONDS = 60;
/** Keys and addresses of a provider change seldom; they are looked up anew after this long, and the old ones serve while it cannot be reached. */
const KEPT_MS = 60 * 60_000;
/** A login that takes longer is begun anew. */
export const LOGIN_MS = 10 * 60_000;

/** What belongs to one login and must come back with it. */
export interface Login {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface ProviderFacts {
  readonly issuer: string;
  readonly pkce: boolean;
  readonly keys: number;
  readonly endsSessions: boolean;
}

export interface Provider {
  /** Where the browser goes to sign in. Throws ViewerError. */
  begin(): Promise<{ readonly url: string; readonly login: Login }>;
  /** `url`: where the browser came back to. Throws viewer.sign_in_refused, viewer.sign_in_invalid, viewer.provider_unreachable. */
  finish(url: URL, login: Login): Promise<SignedIn>;
  /** Where the provider's own session ends; null: it has no such place, or cannot be asked. */
  endUrl(backTo: string): Promise<string | null>;
  /** What a test of the settings tells. Throws ViewerError. */
  facts(): Promise<ProviderFacts>;
}

interface Options extends GuardedFetch {
  readonly signIn: SignIn;
  readonly redirectUri: string;
  readonly now: () => number;
}

export function oidcProvider({ signIn, redirectUri, now, ...guard }: Options): Provider {
  const asking = guardedFetch(guard);
  let kept: { readonly configuration: oidc.Configuration; readonly at: number } | null = null;

  const discover = async (): Promise<oidc.Configuration> => {
    const wrong = badIssuer(signIn.issuer, guard.mayCall);
    if (wrong !== null) throw new ViewerError("viewer.bad_issuer", `the provider's address cannot be used: ${wrong}`);
    const issuer = new URL(signIn.issuer);
    const authentication = signIn.clientSecret === null ? oidc.None() : oidc.ClientSecretPost(signIn.clientSecret);
    const configuration = await oidc.discovery(issuer, signIn.clientId, { [oidc.clockTolerance]: SKEW_SECONDS }, authentication, {
      [oidc.customFetch]: (url, init) => asking(url, init as RequestInit),
      execute: [oidc.enableNonRepudiationChecks, ...(issuer.protocol === "http:" && isLoopback(issuer) ? [oidc.allowInsecureRequests] : [])],
    });
    // Keys that were seen before serve for as long as the library lets them.
    const keys = kept === null ? undefined : oidc.getJwksCache(kept.configuration);
    if (keys !== undefined) oidc.setJwksCache(configuration, keys);
    return configuration;
  };
  const configured = async (): Promise<oidc.Configuration> => {
    if (kept !== null && now() - kept.at < KEPT_MS) return kept.configuration;
    try {
      kept = { configuration: await discover(), at: now() };
    } catch (error) {
      if (kept === null) throw unreachable(error);
    }
    return kept.configuration;
  };

  return {
    begin: async () => {
      const configuration = await configured();
      const login: Login = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: "openid profile",
        response_type: "code",
        state: login.state,
        nonce: login.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(login.verifier),
        code_challenge_method: "S256",
        // Whoever sat at this machine before is not whoever sits there now.
        prompt: "login",
      });
      return { url: url.href, login };
    },
    finish: async (url, login) => {
      const configuration = await configured();
      let claims;
      try {
        const tokens = await oidc.authorizationCodeGrant(configuration, url, { expectedState: login.state, expectedNonce: login.nonce, pkceCodeVerifier: login.verifier, idTokenExpected: true });
        claims = tokens.claims();
      } catch (error) {
        throw failed(error);
      }
      if (claims === undefined) throw new ViewerError("viewer.sign_in_invalid", "the provider gave no ID token");
      // With more than one audience the token was made for somebody else too, who could pass it on (Core 3.1.3.7 rule 4 and 5).
      if (Array.isArray(claims.aud) && claims.aud.length > 1 && claims.azp !== signIn.clientId) throw new ViewerError("viewer.sign_in_invalid", "the ID token is for others too");
      return { id: responderId(claims.iss, claims.sub), groups: listed(claims[signIn.groupsClaim]), displayName: named(claims["name"] ?? claims["preferred_username"]) };
    },
    endUrl: async (backTo) => {
      try {
        const configuration = await configured();
        if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
        return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: backTo }).href;
      } catch {
        return null;
      }
    },
    facts: async () => {
      let configuration;
      try {
        configuration = await discover();
      } catch (error) {
        throw unreachable(error);
      }
      const server = configuration.serverMetadata();
      if (server.jwks_uri === undefined || server.token_endpoint === undefined || server.authorization_endpoint === undefined) throw new ViewerError("viewer.provider_unreachable", "the provider lacks an endpoint that signing in takes");
      const answer = await asking(server.jwks_uri).catch((error: unknown) => { throw unreachable(error); });
      const keys = (await answer.json().catch(() => null)) as { keys?: unknown[] } | null;
      if (!answer.ok || !Array.isArray(keys?.keys) || keys.keys.length === 0) throw new ViewerError("viewer.provider_unreachable", "the provider does not give its keys");
      return { issuer: server.issuer, pkce: server.code_challenge_methods_supported?.includes("S256") ?? false, keys: keys.keys.length, endsSessions: server.end_session_endpoint !== undefined };
    },
  };
}

/** 43 characters that stand for one person at one provider, and say nothing about them. */
export function responderId(issuer: string, subject: string): string {
  return createHash("sha256").update(`${issuer}\n${subject}`, "utf8").digest("base64url");
}

function listed(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((item): item is string => typeof item === "string") : typeof claim === "string" ? [claim] : [];
}

function named(claim: unknown): string | null {
  return typeof claim === "string" && claim.trim() !== "" ? claim.trim().replace(/\p{Cc}/gu, " ").slice(0, 100) : null;
}

function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  let at = error;
  for (let depth = 0; depth < 4 && typeof at === "object" && at !== null; depth++) {
    if ("code" in at && typeof at.code === "string") codes.push(at.code);
    if ("name" in at && at.name === "TimeoutError") codes.push("ABORT_ERR");
    at = "cause" in at ? at.cause : null;
  }
  return codes;
}

const AWAY = /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|OAUTH_TIMEOUT|UND_ERR.*|ERR_TLS.*|CERT_.*|DEPTH_ZERO.*|SELF_SIGNED.*|UNABLE_TO.*|ABORT_ERR|viewer\.provider_unreachable)$/;

/** What the provider said is not repeated: it may name a person, or be somebody else's text altogether. */
function failed(error: unknown): ViewerError {
  const codes = codesOf(error);
  if (codes.includes("viewer.bad_issuer")) return new ViewerError("viewer.bad_issuer", "the provider's address cannot be used", { cause: error });
  if (codes.some((code) => AWAY.test(code))) return new ViewerError("viewer.provider_unreachable", "the provider could not be reached", { cause: error, retry: "later" });
  if (error instanceof oidc.AuthorizationResponseError) return new ViewerError("viewer.sign_in_refused", "the provider did not sign this person in", { cause: error });
  return new ViewerError("viewer.sign_in_invalid", "the provider's answer does not hold", { cause: error });
}

function unreachable(error: unknown): ViewerError {
  if (codesOf(error).includes("viewer.bad_issuer")) return error instanceof ViewerError ? error : new ViewerError("viewer.bad_issuer", "the provider's address cannot be used", { cause: error });
  return new ViewerError("viewer.provider_unreachable", "the provider could not be reached, or is none", { cause: error, retry: "later" });
}
