/**
 * Asks the identity provider, and nobody else: https (http on this machine only, where that may be called at all), addresses that `mayCall` lets pass, looked at when the
 * connection is made; no redirect is followed, not more than a mebibyte is read, and it is not waited for long. A merchant names the provider, so this host must not become a way into its own network.
 */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { ViewerError } from "../errors.ts";

export interface GuardedFetch {
  readonly mayCall: (address: string) => boolean;
  readonly ca?: string;
  readonly timeoutMs?: number;
  readonly lookup?: typeof systemLookup;
}

const TIMEOUT_MS = 10_000;
const MOST_ANSWER = 1024 * 1024;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname);
}

/** Null: fine to ask. What stands in an address is checked before a connection is; what a name leads to, when it is made. */
export function badIssuer(text: string, mayCall: GuardedFetch["mayCall"]): string | null {
  if (!URL.canParse(text)) return "it is no address";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "it has a user name in it";
  if (url.search !== "" || url.hash !== "") return "an issuer has no query";
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) return "it must be an https address";
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (url.hostname === "localhost" ? !mayCall("127.0.0.1") : isIP(literal) !== 0 && !mayCall(literal)) return "it leads into a private network";
  return null;
}

/** The part of fetch that openid-client uses. */
export function guardedFetch({ mayCall, ca, timeoutMs = TIMEOUT_MS, lookup = systemLookup }: GuardedFetch): typeof fetch {
  const guarded: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found as unknown as LookupAddress[];
      if (error) callback(error, "", 0);
      // One that may be called does not make up for one that may not: the connection could take either.
      else if (!addresses.every(({ address }) => mayCall(address))) callback(new ViewerError("viewer.bad_issuer", "the provider's name leads into a private network"), "", 0);
      else if (options.all === true) (callback as (e: null, all: LookupAddress[]) => void)(null, addresses);
      else callback(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 0);
    });
  };
  return async (input, init) => {
    const url = new URL(typeof input === "string" ? input : input instanceof URL ? input.href : input.url);
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) throw new ViewerError("viewer.bad_issuer", "the provider must be asked by https");
    if (isIP(literal) !== 0 && !mayCall(literal)) throw new ViewerError("viewer.bad_issuer", "the provider's address is in a private network");
    return send(url, init ?? {}, { lookup: guarded, timeoutMs, ...(ca === undefined ? {} : { ca }) });
  };
}

function send(url: URL, init: RequestInit, how: { readonly lookup: LookupFunction; readonly timeoutMs: number; readonly ca?: string }): Promise<Response> {
  const body = init.body === undefined || init.body === null ? null : Buffer.from(typeof init.body === "string" ? init.body : (init.body as URLSearchParams).toString(), "utf8");
  const headers = Object.fromEntries(new Headers(init.headers).entries());
  return new Promise((resolve, reject) => {
    const ask = url.protocol === "https:" ? httpsRequest : httpRequest;
    const asked = ask(url, { method: init.method ?? "GET", agent: false, signal: AbortSignal.timeout(how.timeoutMs), lookup: how.lookup, headers: { ...headers, ...(body === null ? {} : { "content-length": String(body.length) }) }, ...(how.ca === undefined ? {} : { ca: how.ca }) }, (answer) => {
      const chunks: Buffer[] = [];
      let read = 0;
      answer.on("data", (chunk: Buffer) => {
        read += chunk.length;
        if (read > MOST_ANSWER) asked.destroy(new ViewerError("viewer.provider_unreachable", "the provider's answer does not end"));
        else chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const status = answer.statusCode ?? 502;
        const empty = status === 204 || status === 304;
        resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers: Object.entries(answer.headers).flatMap(([name, value]): [string, string][] => (Array.isArray(value) ? value.map((one) => [name, one]) : value === undefined ? [] : [[name, value]])) }));
      });
    });
    asked.on("error", reject);
    asked.end(body ?? undefined);
  });
}
