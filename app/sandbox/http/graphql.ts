/** POST /admin/api/2026-10/graphql.json: who asks, what it costs, and the answer in Shopify's envelope. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Draw } from "../data/random.ts";
import type { Context } from "../graphql/context.ts";
import { costOf, MAX_COST } from "../graphql/cost.ts";
import { execute } from "../graphql/execute.ts";
import type { Throttle } from "../graphql/throttle.ts";
import type { Tokens } from "../auth/tokens.ts";
import { checkOperation, operationNamed } from "../schema/operation.ts";
import type { ApiVersion, Versions } from "../schema/versions.ts";
import type { Faults } from "../types.ts";
import { BodyTooLarge, fieldsOfBody, readBody, sendJson, sendText } from "./body.ts";

const MAX_BODY = 10 * 1024 * 1024;

export class GraphqlEndpoint {
  readonly #o: { readonly tokens: Tokens; readonly throttle: Throttle; readonly faults: () => Faults; readonly context: (staffId: number | null, version: ApiVersion) => Context; readonly versions: Versions };
  readonly #draw: Draw;
  readonly #trouble: Draw;
  #requests = 0;
  #served = 0;

  constructor(o: { tokens: Tokens; throttle: Throttle; faults: () => Faults; context: (staffId: number | null, version: ApiVersion) => Context; versions: Versions; seed: string }) {
    this.#o = o;
    this.#draw = new Draw(o.seed, "throttle");
    this.#trouble = new Draw(o.seed, "server-errors");
  }

  /** `asked`: the version in the address. */
  async serve(asked: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const version = this.#o.versions.serving(asked);
    if (version === null) return sendJson(response, 404, { errors: `The sandbox shop does not speak API version ${asked}; it speaks ${this.#o.versions.all.map((one) => one.handle).join(", ")}.` });
    const headers = { "X-Request-Id": randomUUID(), "X-Shopify-API-Version": version.handle };
    const trouble = this.#trouble.at(this.#served++);
    const { serverError, lostAnswer, slowAnswer } = this.#o.faults();
    if (trouble.chance(serverError ?? 0)) return sendText(response, trouble.pick([500, 502, 503]), "text/html", "<html><body>Something went wrong.</body></html>", { ...headers, "Retry-After": "1" });
    const lost = trouble.chance(lostAnswer ?? 0);
    const caller = this.#o.tokens.check(request.headers["x-shopify-access-token"] as string | undefined);
    if (caller === null) return sendJson(response, 401, { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" }, headers);
    let body: Buffer;
    try {
      body = await readBody(request, MAX_BODY);
    } catch (error) {
      if (error instanceof BodyTooLarge) return sendJson(response, 413, { errors: "Request entity too large" }, headers);
      throw error;
    }
    const type = request.headers["content-type"] ?? "";
    const fields = type.includes("application/graphql") ? { query: body.toString() } : fieldsOfBody(body, type);
    const text = fields?.["query"];
    if (fields === null || typeof text !== "string") return sendJson(response, 400, { errors: { query: "Required parameter missing or invalid" } }, headers);
    const variables = typeof fields["variables"] === "object" && fields["variables"] !== null ? (fields["variables"] as Record<string, unknown>) : {};
    const name = typeof fields["operationName"] === "string" ? fields["operationName"] : null;
    const answer = await this.answer(text, variables, name, caller.staffId, version);
    if (slowAnswer !== undefined) await new Promise((resolve) => setTimeout(resolve, slowAnswer));
    // What was asked for is done; the caller never hears of it.
    if (lost) return void response.destroy();
    return sendJson(response, 200, answer, headers);
  }

  async answer(text: string, variables: Readonly<Record<string, unknown>>, name: string | null, staffId: number | null, version: ApiVersion): Promise<object> {
    const { throttle, faults, context: contextFor } = this.#o;
    const context = contextFor(staffId, version);
    const checked = checkOperation(context.schema, text);
    if (!checked.ok) return { errors: checked.errors };
    const operation = operationNamed(checked.document, name);
    if (!("kind" in operation)) return { errors: [operation] };
    let requested: number;
    try {
      requested = costOf(context.schema, checked.document, operation, variables);
    } catch {
      // Arguments that cannot be read: execution says which.
      requested = 0;
    }
    if (requested > MAX_COST) {
      const message = `Query cost is ${requested.toLocaleString("en")}, which exceeds the single query max cost limit (${MAX_COST}). To query larger amounts of data with fewer limits, bulk operations should be used instead.`;
      return { errors: [{ message, extensions: { code: "MAX_COST_EXCEEDED", cost: requested, maxCost: MAX_COST, documentation: "https://shopify.dev/api/usage/rate-limits" } }] };
    }
    const unlucky = this.#draw.at(this.#requests++).chance(faults().throttle ?? 0);
    if (unlucky || !throttle.take(requested)) {
      return { errors: [{ message: "Throttled", extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" } }], extensions: { cost: { requestedQueryCost: requested, actualQueryCost: null, throttleStatus: throttle.status() } } };
    }
    const { data, errors } = await execute(context, text, variables, name);
    let actual = requested;
    if (data != null) actual = Math.min(requested, costOf(context.schema, checked.document, operation, variables, data));
    throttle.giveBack(requested - actual);
    const search = context.warnings.length === 0 ? {} : { search: [{ warnings: context.warnings }] };
    return { ...(data === undefined ? {} : { data }), ...(errors === undefined || errors.length === 0 ? {} : { errors }), extensions: { ...search, cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: throttle.status() } } };
  }
}
