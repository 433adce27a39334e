/**
 * Google Cloud Storage's JSON API as far as the adapter uses it, in memory. Not a real server, and docs/stores.md says so: it is strict instead. A request
 * without a bearer token that the service account's key signed is 401; an upload whose MD5 is not its body's is 400; what it does
 * not know is 501. Written from cloud.google.com/storage/docs/json_api/v1 (objects: insert, get, list, patch, delete).
 */
import { createHash, generateKeyPairSync, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

interface Generation {
  readonly name: string;
  readonly generation: number;
  readonly body: Buffer;
  /** The moment that its retention ends, milliseconds; 0: it has none. */
  readonly retainUntil: number;
  readonly mode: string;
}

export interface GcsServer {
  readonly endpoint: string;
  readonly port: number;
  readonly bucket: string;
  /** A service account's key file. */
  readonly serviceAccount: string;
  /** Every generation that lies there, live or not. */
  readonly generations: readonly Generation[];
  /** The bucket keeps what is written over or removed. */
  versioning: boolean;
  /** Answers that did not fit the API: none, if the adapter speaks it. */
  readonly complaints: string[];
  stop(): Promise<void>;
}

const SCOPES = /https:\/\/www\.googleapis\.com\/auth\/(?:devstorage\.(?:full_control|read_write)|cloud-platform)/;

export async function startFakeGcs(): Promise<GcsServer> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const email = "synthetic@holdfast.test";
  const bucket = "holdfast-vaults";
  const generations: (Generation & { live: boolean; retainUntil: number; mode: string })[] = [];
  const complaints: string[] = [];
  let counter = 1_700_000_000_000_000;

  const fail = (response: ServerResponse, code: number, reason: string, message: string): void => {
    if (code === 501 || code === 400) complaints.push(`${code} ${message}`);
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code, message, errors: [{ message, domain: "global", reason }] } }));
  };
  const json = (response: ServerResponse, value: object): void => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  const resource = ({ name, generation, body, retainUntil, mode }: Generation): object => ({ kind: "storage#object", bucket, name, generation: String(generation), size: String(body.byteLength), md5Hash: md5(body), ...(retainUntil === 0 ? {} : { retention: { mode, retainUntilTime: new Date(retainUntil).toISOString() } }) });
  const live = (name: string) => generations.find((each) => each.live && each.name === name);

  /** RFC 7515: three parts, the third RS256 over the first two. Google, "Self-signed JWT with scope". */
  const authorised = ({ headers }: IncomingMessage): boolean => {
    const token = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(headers.authorization ?? "");
    if (token === null) return false;
    const [, head, claims, signature] = token as unknown as [string, string, string, string];
    const part = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
    const { iss, exp, iat, scope } = part(claims) as { iss?: string; exp?: number; iat?: number; scope?: string };
    const now = Date.now() / 1000;
    return part(head)["alg"] === "RS256" && iss === email && exp !== undefined && iat !== undefined && exp > now && exp - iat <= 3600 && iat <= now + 60 && SCOPES.test(scope ?? "") &&
      verify("sha256", Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, "base64url"));
  };

  const insert = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams, body: Buffer): void => {
    if (query.get("uploadType") !== "multipart") return fail(response, 501, "notImplemented", "only multipart uploads");
    const boundary = /^multipart\/related; boundary="?([^";]+)"?/.exec(request.headers["content-type"] ?? "")?.[1];
    const parts = boundary === undefined ? null : multipart(body, boundary);
    if (parts === null) return fail(response, 400, "badContent", "the body is not multipart/related with two parts");
    const metadata = JSON.parse(parts[0].toString("utf8")) as { md5Hash?: string; name?: string; retention?: { mode: string; retainUntilTime: string } };
    const name = query.get("name") ?? metadata.name ?? "";
    if (name === "") return fail(response, 400, "required", "no name");
    if (metadata.md5Hash !== undefined && metadata.md5Hash !== md5(parts[1])) return fail(response, 400, "invalid", "Provided MD5 hash does not match");
    const condition = query.get("ifGenerationMatch");
    const there = live(name);
    if (condition !== null && Number(condition) !== (there?.generation ?? 0)) return fail(response, 412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
    if (there !== undefined && there.retainUntil > Date.now()) return fail(response, 403, "retentionPolicyNotMet", "Object is subject to object retention and cannot be overwritten.");
    if (there !== undefined) retire(there);
    const until = metadata.retention;
    const made = { name, generation: counter++, body: parts[1], retainUntil: until === undefined ? 0 : Date.parse(until.retainUntilTime), mode: until?.mode ?? "", live: true };
    generations.push(made);
    json(response, resource(made));
  };
  const retire = (each: Generation & { live: boolean }): void => {
    each.live = false;
    if (!server.versioning) generations.splice(generations.indexOf(each), 1);
  };

  const read = (request: IncomingMessage, response: ServerResponse, name: string, query: URLSearchParams): void => {
    const found = live(name);
    if (found === undefined) return fail(response, 404, "notFound", `No such object: ${bucket}/${name}`);
    if (query.get("alt") !== "media") return json(response, resource(found));
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (request.headers.range !== undefined && range === null) return fail(response, 501, "notImplemented", "this form of range");
    const [from, to] = range === null ? [0, found.body.byteLength] : [Number(range[1]), Math.min(Number(range[2]) + 1, found.body.byteLength)];
    if (range !== null && from >= found.body.byteLength) return fail(response, 416, "requestedRangeNotSatisfiable", "Request range not satisfiable");
    const part = found.body.subarray(from, to);
    response.writeHead(range === null ? 200 : 206, { "content-length": part.byteLength, "x-goog-hash": `md5=${md5(found.body)}`, "x-goog-stored-content-encoding": "identity", ...(range === null ? {} : { "content-range": `bytes ${String(from)}-${String(to - 1)}/${String(found.body.byteLength)}` }) });
    response.end(part);
  };

  const list = (response: ServerResponse, query: URLSearchParams): void => {
    const prefix = query.get("prefix") ?? "";
    const end = query.get("endOffset");
    const after = query.get("pageToken") === null ? null : Buffer.from(query.get("pageToken")!, "base64").toString();
    const place = (each: Generation): string => `${each.name}\0${String(each.generation)}`;
    const all = generations
      .filter((each) => (each.live || query.get("versions") === "true") && each.name.startsWith(prefix) && (end === null || each.name < end))
      .sort((a, b) => Buffer.compare(Buffer.from(place(a)), Buffer.from(place(b))))
      .filter((each) => after === null || place(each) > after);
    // Pages smaller than asked for are allowed, and tell whether the client follows them.
    const page = all.slice(0, Math.min(Number(query.get("maxResults") ?? 1000), 50));
    json(response, { kind: "storage#objects", items: page.map(resource), ...(page.length < all.length ? { nextPageToken: Buffer.from(place(page.at(-1)!)).toString("base64") } : {}) });
  };

  /** Metadata only, and of that only retention: "Locked" is made longer and never shorter, nor unlocked (storage/docs/object-lock). */
  const patch = (response: ServerResponse, name: string, body: Buffer): void => {
    const found = live(name);
    if (found === undefined) return fail(response, 404, "notFound", `No such object: ${bucket}/${name}`);
    const { retention, ...others } = JSON.parse(body.toString("utf8")) as { retention?: { mode: string; retainUntilTime: string } };
    if (retention === undefined || Object.keys(others).length > 0) return fail(response, 501, "notImplemented", "a patch of anything but retention");
    const until = Date.parse(retention.retainUntilTime);
    if (Number.isNaN(until) || (retention.mode !== "Locked" && retention.mode !== "Unlocked")) return fail(response, 400, "invalid", "Invalid argument.");
    const shorter = until < found.retainUntil || (found.mode === "Locked" && retention.mode !== "Locked");
    if (found.retainUntil > Date.now() && shorter) return fail(response, 403, "objectUnderActiveRetention", `Object '${bucket}/${name}' is under active retention, which cannot be reduced.`);
    found.retainUntil = until;
    found.mode = retention.mode;
    json(response, resource(found));
  };

  const erase = (response: ServerResponse, name: string, query: URLSearchParams): void => {
    const asked = query.get("generation");
    const found = asked === null ? live(name) : generations.find((each) => each.name === name && each.generation === Number(asked));
    if (found === undefined) return fail(response, 404, "notFound", `No such object: ${bucket}/${name}`);
    if (found.retainUntil > Date.now()) return fail(response, 403, "retentionPolicyNotMet", `Object '${bucket}/${name}' is subject to object retention and cannot be deleted until its retention expires.`);
    if (asked === null) retire(found);
    else generations.splice(generations.indexOf(found), 1);
    response.writeHead(204).end();
  };

  const handle = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const url = new URL(request.url ?? "/", "http://gcs.test");
    if (!authorised(request)) return fail(response, 401, "authError", "Invalid Credentials");
    const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname);
    const object = /^\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname);
    const asked = upload?.[1] ?? object?.[1];
    if (asked === undefined) return fail(response, 501, "notImplemented", `${request.method ?? ""} ${url.pathname}`);
    if (asked !== bucket) return fail(response, 404, "notFound", "The specified bucket does not exist.");
    const name = object?.[2] === undefined ? undefined : decodeURIComponent(object[2]);
    if (request.method === "POST" && upload !== null) return insert(request, response, url.searchParams, body);
    if (request.method === "GET" && name !== undefined) return read(request, response, name, url.searchParams);
    if (request.method === "GET" && object !== null) return list(response, url.searchParams);
    if (request.method === "PATCH" && name !== undefined) return patch(response, name, body);
    if (request.method === "DELETE" && name !== undefined) return erase(response, name, url.searchParams);
    fail(response, 501, "notImplemented", `${request.method ?? ""} ${url.pathname}`);
  };

  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", () => { handle(request, response, Buffer.concat(chunks)); });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as { port: number };
  const server = {
    endpoint: `http://127.0.0.1:${String(port)}`, port, bucket, generations, complaints, versioning: false,
    serviceAccount: JSON.stringify({ type: "service_account", project_id: "synthetic", client_email: email, private_key: privateKey.export({ type: "pkcs8", format: "pem" }) }),
    stop: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

function md5(body: Buffer): string {
  return createHash("md5").update(body).digest("base64");
}

/** RFC 2387, two parts. */
function multipart(body: Buffer, boundary: string): [Buffer, Buffer] | null {
  const parts: Buffer[] = [];
  let at = body.indexOf(`--${boundary}`);
  while (at >= 0) {
    const begin = at + boundary.length + 2;
    const next = body.indexOf(`\r\n--${boundary}`, begin);
    if (next < 0) break;
    const blank = body.indexOf("\r\n\r\n", begin);
    if (blank < 0 || blank > next) return null;
    parts.push(body.subarray(blank + 4, next));
    at = next + 2;
  }
  return parts.length === 2 ? (parts as [Buffer, Buffer]) : null;
}
