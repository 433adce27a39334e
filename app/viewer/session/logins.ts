/** Logins that were begun and not finished: which browser, which shop, and what must come back. Each is good once, for ten minutes. */
import { createHash } from "node:crypto";
import type { Clock, Random } from "#app/workflows/ports.ts";
import { LOGIN_MS, type Login } from "../oidc/provider.ts";

/** More at once is somebody who begins logins by machine: the oldest go. */
const MOST = 1_000;

export interface Logins {
  /** Answers the cookie's value. */
  keep(shop: string, login: Login): string;
  /** Null: none of this browser's, or not in time. Either way it is gone. */
  take(cookie: string | null): { readonly shop: string; readonly login: Login } | null;
}

export function logins({ clock, random }: { readonly clock: Clock; readonly random: Random }): Logins {
  const begun = new Map<string, { readonly shop: string; readonly login: Login; readonly at: number }>();
  const key = (cookie: string): string => createHash("sha256").update(cookie, "utf8").digest("hex");
  return {
    keep: (shop, login) => {
      const now = clock.now().getTime();
      for (const [one, { at }] of begun) if (now - at >= LOGIN_MS || begun.size >= MOST) begun.delete(one);
      const cookie = Buffer.from(random(32)).toString("base64url");
      begun.set(key(cookie), { shop, login, at: now });
      return cookie;
    },
    take: (cookie) => {
      if (cookie === null) return null;
      const found = begun.get(key(cookie));
      begun.delete(key(cookie));
      return found === undefined || clock.now().getTime() - found.at >= LOGIN_MS ? null : { shop: found.shop, login: found.login };
    },
  };
}
