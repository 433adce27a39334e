/** A shop whose every answer is written by the test: for what the sandbox would not do on request. A request nobody planned fails the test. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export class CannedShop {
  readonly requests: GraphqlRequest[] = [];
  readonly downloads: { readonly path: string; readonly range: string | undefined }[] = [];
  readonly unplanned: string[] = [];
  #server: Server;
  #answer: (request: GraphqlRequest) => Answer | undefined;
  #file: (path: string, range: string | undefined, response: ServerResponse) => boolean;

  constructor(answer: (request: GraphqlRequest) => Answer | undefined, file: (path: string, range: string | undefined, response: ServerResponse) => boolean = () => false) {
    this.#answer = answer;
    this.#file = file;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.unplanned.length > 0) throw new Error(`nobody planned: ${this.unplanned.join(", ")}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    if (request.method === "GET") {
      this.downloads.push({ path, range: request.headers.range });
      if (!this.#file(path, request.headers.range, response)) {
        this.unplanned.push(`GET ${path}`);
        response.writeHead(404).end();
      }
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as GraphqlRequest;
    const asked = { query, variables, token: request.headers["x-shopify-access-token"] as string | undefined };
    this.requests.push(asked);
    const answer = this.#answer(asked);
    if (answer === undefined) this.unplanned.push(query.trim().split("\n")[1]?.trim() ?? query);
    response.writeHead(answer?.status ?? (answer === undefined ? 500 : 200), { "content-type": "application/json", ...answer?.headers });
    response.end(JSON.stringify(answer?.body ?? {}));
  }
}

/** Serves bytes with ranges. `cutAt`: after so many bytes of the response the connection breaks. */
export function serveBytes(bytes: Buffer, range: string | undefined, response: ServerResponse, o: { cutAt?: number; ignoreRange?: boolean } = {}): boolean {
  const from = o.ignoreRange === true ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const part = bytes.subarray(from);
  if (from > 0) response.writeHead(206, { "content-length": part.length, "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
  else response.writeHead(200, { "content-length": part.length });
  if (o.cutAt === undefined || o.cutAt >= part.length) response.end(part);
  else response.write(part.subarray(0, o.cutAt), () => setImmediate(() => response.destroy()));
  return true;
}

export const PLENTY = { cost: { requestedQueryCost: 1, actualQueryCost: 1, throttleStatus: { maximumAvailable: 1000, currentlyAvailable: 1000, restoreRate: 100 } } };
