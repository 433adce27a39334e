/**
 * Lets one more origin frame the app: the sandbox's admin page. Done on the response, because the library's bounce page is a thrown Response that
 * passes no hook of Remix. env.server.ts admits loopback origins only.
 */
import type { RequestHandler } from "express";

export function allowFrameAncestor(origin: string): RequestHandler {
  const widen = (name: string, value: unknown): unknown =>
    name.toLowerCase() === "content-security-policy" ? String(value).replace(/frame-ancestors [^;]*/, (rule) => `${rule} ${origin}`) : value;
  return (_request, response, next) => {
    const set = response.setHeader.bind(response);
    response.setHeader = (name, value) => set(name, widen(name, value) as string);
    next();
  };
}
