/** Azure Key Vault on loopback, as its REST reference describes it: bearer challenge, api-version, get key and unwrapkey, its names for what goes wrong. */
import { constants, createPublicKey, generateKeyPairSync, privateDecrypt, type KeyObject } from "node:crypto";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AzureKeyOptions, TokenSource } from "#app/keys/azure-kv/azure-kv.ts";

const HOST = "synthetic.vault.azure.net";
const TENANT = "00000000-0000-0000-0000-0000000000aa";

interface Key {
  readonly privateKey: KeyObject;
  readonly operations: readonly string[];
  enabled: boolean;
  /** Seconds since 1970. */
  expires?: number;
}

/** One for each size: keys take long to make, and no test asks whether two are different. */
const material = new Map<number, KeyObject>();

function materialOf(bits: number): KeyObject {
  let key = material.get(bits);
  if (key === undefined) material.set(bits, (key = generateKeyPairSync("rsa", { modulusLength: bits }).privateKey));
  return key;
}

export class FakeKeyVault {
  readonly requests: { readonly method: string; readonly path: string; readonly authorized: boolean }[] = [];
  failure: { readonly status: number; readonly code: string; readonly inner?: string } | null = null;
  readonly denied = new Set<string>();
  /** Nobody is answered before so many ask. */
  together = 1;
  private readonly waiting: (() => void)[] = [];
  readonly tokensAsked: { readonly scopes: string; readonly tenantId: unknown }[] = [];
  private readonly keys = new Map<string, Key>();
  private readonly server: Server;
  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<FakeKeyVault> {
    const server = createServer();
    const fake = new FakeKeyVault(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        fake.waiting.push(() => {
          const { status, body, headers } = fake.answer(request.method ?? "", request.url ?? "", request.headers, Buffer.concat(chunks));
          response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers }).end(JSON.stringify(body));
        });
        if (fake.waiting.length >= fake.together) for (const answer of fake.waiting.splice(0)) answer();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  create(bits = 3072, operations: readonly string[] = ["wrapKey", "unwrapKey"]): string {
    const version = String(this.keys.size + 1).padStart(32, "0");
    this.keys.set(`/keys/holdfast/${version}`, { privateKey: materialOf(bits), operations, enabled: true });
    return `azure-kv:https://${HOST}/keys/holdfast/${version}`;
  }

  disable(address: string): void {
    this.key(address).enabled = false;
  }

  expire(address: string): void {
    this.key(address).expires = 1_700_000_001;
  }

  private key(address: string): Key {
    return this.keys.get(new URL(address.slice("azure-kv:".length)).pathname) as Key;
  }

  /** The SDK's options: a credential that hands out this vault's token, and a client that goes to loopback instead of https://…vault.azure.net. */
  options(token: TokenSource["getToken"] | null = null): AzureKeyOptions {
    const port = (this.server.address() as AddressInfo).port;
    const getToken: TokenSource["getToken"] = (scopes, options) => {
      this.tokensAsked.push({ scopes: String(scopes), tenantId: (options as { tenantId?: unknown } | undefined)?.tenantId });
      return Promise.resolve({ token: "synthetic-token", expiresOnTimestamp: Date.now() + 3_600_000 });
    };
    return { credential: { getToken: token ?? getToken }, client: { retryOptions: { maxRetries: 0 }, httpClient: { sendRequest: (request) => throughLoopback(request, port) } } };
  }

  private answer(method: string, url: string, headers: NodeJS.Dict<string | string[]>, body: Buffer): { status: number; body: unknown; headers?: Record<string, string> } {
    const { pathname, searchParams } = new URL(url, `https://${HOST}`);
    const authorized = headers["authorization"] === "Bearer synthetic-token";
    this.requests.push({ method, path: pathname, authorized });
    const fault = (status: number, code: string, inner?: string) => ({ status, body: { error: { code, message: "synthetic", ...(inner === undefined ? {} : { innererror: { code: inner } }) } } });
    if (headers["host"] !== HOST || !/^(?:7\.\d|\d{4}-\d\d-\d\d)$/.test(searchParams.get("api-version") ?? "")) return fault(400, "BadRequest");
    // An unauthorized request carries no secrets: the SDK learns here where to get a token.
    if (!authorized) return { ...fault(401, "Unauthorized"), headers: { "www-authenticate": `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"` } };
    if (this.failure !== null) return fault(this.failure.status, this.failure.code, this.failure.inner);
    const operation = pathname.endsWith("/unwrapkey") ? "unwrapkey" : "get";
    if (this.denied.has(operation)) return fault(403, "Forbidden", "ForbiddenByPolicy");
    const key = this.keys.get(pathname.replace(/\/unwrapkey$/, ""));
    if (key === undefined) return fault(404, "KeyNotFound");
    const kid = `https://${HOST}${pathname.replace(/\/unwrapkey$/, "")}`;
    if (operation === "get" && method === "GET") {
      const { n, e } = createPublicKey(key.privateKey).export({ format: "jwk" });
      return { status: 200, body: { key: { kid, kty: "RSA", key_ops: key.operations, n, e }, attributes: { enabled: key.enabled, created: 1_700_000_000, updated: 1_700_000_000, ...(key.expires === undefined ? {} : { exp: key.expires }) } } };
    }
    if (operation !== "unwrapkey" || method !== "POST") return fault(405, "MethodNotAllowed");
    if (!key.enabled) return fault(403, "Forbidden", "KeyDisabled");
    const asked = JSON.parse(body.toString("utf8")) as { alg?: unknown; value?: unknown };
    if (asked.alg !== "RSA-OAEP-256" || typeof asked.value !== "string") return fault(400, "BadParameter");
    try {
      const text = privateDecrypt({ key: key.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, Buffer.from(asked.value, "base64url"));
      return { status: 200, body: { kid, value: text.toString("base64url") } };
    } catch {
      return fault(400, "BadParameter");
    }
  }
}

type Client = NonNullable<NonNullable<AzureKeyOptions["client"]>["httpClient"]>;
type PipelineRequest = Parameters<Client["sendRequest"]>[0];

/** One request over a real socket; TLS and the name's address are what it leaves out. */
function throughLoopback(request: PipelineRequest, port: number): ReturnType<Client["sendRequest"]> {
  const url = new URL(request.url);
  return new Promise((resolve, reject) => {
    const body = typeof request.body === "string" ? request.body : undefined;
    const outgoing = httpRequest({ host: "127.0.0.1", port, method: request.method, path: `${url.pathname}${url.search}`, headers: { ...request.headers.toJSON(), host: url.host, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const headers = Object.assign(Object.create(Object.getPrototypeOf(request.headers) as object) as typeof request.headers, { _headersMap: new Map() });
        for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
        resolve({ request, status: response.statusCode ?? 0, headers, bodyAsText: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", (cause: NodeJS.ErrnoException) => reject(Object.assign(new Error("the connection failed"), { name: "RestError", code: "REQUEST_SEND_ERROR", cause })));
    outgoing.end(body);
  });
}
