/** Session tokens: the short-lived JWTs (HS256, signed with the app's secret) by which the admin vouches for a staff member. */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** Seconds a token lives, and how far clocks may differ (both as on the platform). */
export const TOKEN_LIFE = 60;
const TOLERANCE = 10;

export interface Staff {
  readonly id: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly owner: boolean;
}

/** The people of every sandbox shop: two, because some things take two. */
export const STAFF: readonly Staff[] = [
  { id: 70_000_000_001, firstName: "Alex", lastName: "Owner", email: "alex.owner@example.com", owner: true },
  { id: 70_000_000_002, firstName: "Robin", lastName: "Second", email: "robin.second@example.com", owner: false },
];

interface Claims {
  readonly iss: string;
  readonly dest: string;
  readonly aud: string;
  readonly sub: string;
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly sid: string;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export function mintSessionToken(o: { shop: string; apiKey: string; apiSecret: string; staffId: number; sessionId: string; now: Date }): string {
  const iat = Math.floor(o.now.getTime() / 1000);
  const claims: Claims = { iss: `https://${o.shop}/admin`, dest: `https://${o.shop}`, aud: o.apiKey, sub: String(o.staffId), exp: iat + TOKEN_LIFE, nbf: iat, iat, jti: randomUUID(), sid: o.sessionId };
  const body = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${body}.${createHmac("sha256", o.apiSecret).update(body).digest("base64url")}`;
}

/** The staff member a token speaks for; null unless signature, issuer, destination, audience and times are all right. */
export function readSessionToken(token: string, o: { shop: string; apiKey: string; apiSecret: string; now: Date }): { readonly staffId: number; readonly sessionId: string } | null {
  const [header, payload, signature, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return null;
  const expected = createHmac("sha256", o.apiSecret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  try {
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg?: unknown };
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Partial<Claims>;
    const now = o.now.getTime() / 1000;
    if (alg !== "HS256" || claims.aud !== o.apiKey || claims.dest !== `https://${o.shop}` || claims.iss !== `https://${o.shop}/admin`) return null;
    if (typeof claims.exp !== "number" || typeof claims.nbf !== "number" || claims.exp + TOLERANCE < now || claims.nbf - TOLERANCE > now) return null;
    return { staffId: Number(claims.sub), sessionId: String(claims.sid ?? "") };
  } catch {
    return null;
  }
}
