/** The sandbox's addresses, on loopback: API, token endpoint, results, uploads, admin page, fault switchboard. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Tokens } from "../auth/tokens.ts";
import type { StagedUploads } from "../bulk/uploads.ts";
import { MAX_UPLOAD } from "../bulk/uploads.ts";
import type { FileBytes } from "../data/file-bytes.ts";
import type { ShopFacts } from "../graphql/context.ts";
import type { SandboxClock } from "../types.ts";
import { BodyTooLarge, fieldsOfBody, multipart, readBody, sendJson, sendText } from "./body.ts";
import { serveControl } from "./control.ts";
import type { Control } from "./control.ts";
import type { Downloads } from "./download.ts";
import type { GraphqlEndpoint } from "./graphql.ts";
import { serveAdmin } from "../admin/serve.ts";

export interface Parts {
  readonly facts: ShopFacts;
  readonly apiSecret: string;
  readonly appUrl: string | undefined;
  readonly adminPath: string;
  readonly clock: SandboxClock;
  readonly tokens: Tokens;
  readonly graphql: GraphqlEndpoint;
  readonly downloads: Downloads;
  readonly uploads: StagedUploads;
  readonly files: FileBytes;
  readonly control: Control;
}

/** What the admin page asks for itself. */
const ADMIN_POSTS: ReadonlySet<string> = new Set(["/sandbox/session-token", "/sandbox/app-scopes"]);

export function handler(parts: Parts): RequestListener {
  return (request, response) => {
    route(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof BodyTooLarge) sendJson(response, 413, { errors: "Request entity too large" });
      else sendJson(response, 500, { errors: "Internal Server Error" });
    });
  };
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://sandbox.invalid");
  const named = hostOf(request);
  if (named.endsWith(".myshopify.com") && named !== parts.facts.domain) return sendJson(response, 404, { errors: "Not Found" });
  const post = request.method === "POST";
  const api = /^\/admin\/api\/([^/]+)\/graphql\.json$/.exec(url.pathname);
  if (api !== null) {
    if (!post) return sendJson(response, 405, { errors: "Method Not Allowed" });
    return parts.graphql.serve(api[1] as string, request, response);
  }
  if (url.pathname === "/admin/oauth/access_token" && post) {
    const form = fieldsOfBody(await readBody(request, 65_536), request.headers["content-type"] ?? "");
    const { status, body } = form === null ? { status: 400, body: { error: "invalid_request" } } : parts.tokens.exchange(form);
    return sendJson(response, status, body);
  }
  const result = /^\/bulk-results\/(\d+)\.jsonl$/.exec(url.pathname);
  if (result !== null && (request.method === "GET" || request.method === "HEAD")) return parts.downloads.serve(Number(result[1]), url.searchParams, request, response);
  const file = /^\/cdn\/shop\/files\/([^/]+)$/.exec(url.pathname);
  if (file !== null && (request.method === "GET" || request.method === "HEAD")) {
    const bytes = parts.files.get(decodeURIComponent(file[1] as string));
    return bytes === null ? sendText(response, 404, "text/plain", "Not Found") : parts.downloads.serveFile(decodeURIComponent(file[1] as string), bytes, request, response);
  }
  if (url.pathname === "/staged-uploads" && post) return upload(parts, request, response);
  if (post && url.pathname.startsWith("/sandbox/") && !ADMIN_POSTS.has(url.pathname)) return serveControl(parts.control, url.pathname, request, response);
  return serveAdmin(parts, url, request, response);
}

async function upload(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = multipart(await readBody(request, MAX_UPLOAD + 65_536), request.headers["content-type"] ?? "");
  const key = form?.fields.get("key") ?? "";
  const outcome = form === null ? "forbidden" : parts.uploads.receive(key, form.fields.get("x-goog-signature") ?? "", Buffer.from(form.file));
  if (outcome === "too-large") return sendText(response, 400, "application/xml", "<?xml version='1.0' encoding='UTF-8'?><Error><Code>EntityTooLarge</Code></Error>");
  if (outcome === "forbidden") return sendText(response, 403, "application/xml", "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code></Error>");
  return sendText(response, 201, "application/xml", `<?xml version='1.0' encoding='UTF-8'?><PostResponse><Location>${parts.facts.url}/${key}</Location><Bucket>sandbox</Bucket><Key>${key}</Key></PostResponse>`);
}

/** The host the client meant: a preloaded patch or a proxy says so in x-forwarded-host. */
function hostOf(request: IncomingMessage): string {
  const forwarded = request.headers["x-forwarded-host"];
  return (typeof forwarded === "string" ? forwarded : (request.headers.host ?? "")).replace(/:\d+$/, "").toLowerCase();
}
