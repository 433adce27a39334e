/** Two cookies: which login was begun here, and which session this is. HttpOnly, SameSite=Lax (the way back from the provider comes from another site), and Secure with the __Host- prefix (RFC 6265bis) except on this machine by http. */
import type { Request, Response } from "express";

export interface Cookies {
  read(request: Request, name: CookieName): string | null;
  set(response: Response, name: CookieName, value: string): void;
  clear(response: Response, name: CookieName): void;
}
export type CookieName = "session" | "login";

const VALUE = /^[A-Za-z0-9_-]{43}$/;

export function cookies(secure: boolean): Cookies {
  const full = (name: CookieName): string => `${secure ? "__Host-" : ""}holdfast-viewer-${name}`;
  const attributes = { httpOnly: true, sameSite: "lax", secure, path: "/" } as const;
  return {
    read: (request, name) => {
      const values = (request.headers.cookie ?? "").split(";").map((part) => part.trim().split("=")).filter(([given]) => given === full(name)).map(([, value = ""]) => value);
      // Two of one name: one of them is somebody else's.
      const [only] = values;
      return values.length === 1 && only !== undefined && VALUE.test(only) ? only : null;
    },
    set: (response, name, value) => void response.cookie(full(name), value, attributes),
    clear: (response, name) => void response.clearCookie(full(name), attributes),
  };
}
