/**
 * Shopify's Admin GraphQL API over fetch: one method, `query`, whose answer is parsed by a schema.
 *
 * It waits for the cost bucket instead of running into it, repeats what may be repeated (THROTTLED, 5xx, broken connections), asks once
 * for a fresh token on 401, and turns everything else into SourceError. No message ever holds variables or data of an answer.
 */
import { z } from "zod";
import type { Clock } from "#app/vault/index.ts";
import { SourceError } from "../port.ts";
import { CostBudget, waitAfterThrottled } from "./budget.ts";
import { schemaMismatch } from "./schema-mismatch.ts";
import { backoff, type Sleep } from "./time.ts";
import { API_VERSION } from "./versions.ts";

export { API_VERSION } from "./versions.ts";

const NETWORK_ATTEMPTS = 6;
const NETWORK_FIRST_MS = 500;
const NETWORK_MAX_MS = 30_000;
const ANSWER_MS = 90_000;
/** At 100 points a second (the slowest plan) a full bucket refills in 20 s; half an hour of waiting after refusals means something else is wrong. A number of refusals says nothing: whoever shares the bucket may be quicker many times. */
const THROTTLED_MS = 30 * 60_000;

export interface ShopifyClientOptions {
  /** "example.myshopify.com" */
  readonly shop: string;
  /** The API version asked for. Default: the newest one that the catalogue is written for. */
  readonly apiVersion?: string;
  /** Where the Admin API answers. Production: `https://<shop>`, the default. Handed in for a sandbox. */
  readonly baseUrl?: string;
  /** Gives a token that is valid now. `fresh: true`: `refused`, which it gave before, was answered with 401. Never logged. */
  readonly accessToken: (o: { readonly fresh: boolean; readonly refused?: string }) => Promise<string>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly fetch?: typeof fetch;
  /** How long an answer may take before the connection counts as silent, in milliseconds. Default 90 s, longer than the platform lets any request run. */
  readonly answerMs?: number;
  /** How often an operation is sent at most while no answer comes, and how often it is sent again after THROTTLED. Absent: patiently, for work that waits for it. */
  readonly patience?: { readonly attempts: number; readonly throttled: number };
}

/** `reason` of the SourceError of a request sent `once` of which nobody knows whether it was carried out. */
export const NO_ANSWER = "no_answer";

const Throttle = z.object({ maximumAvailable: z.number(), currentlyAvailable: z.number(), restoreRate: z.number() });
const Envelope = z.object({
  data: z.unknown().optional(),
  errors: z
    .union([
      z.array(z.object({ message: z.string(), path: z.array(z.union([z.string(), z.number()])).optional(), extensions: z.record(z.string(), z.unknown()).optional() })),
      z.string(),
    ])
    .optional(),
  extensions: z
    .object({ cost: z.object({ requestedQueryCost: z.number().optional(), actualQueryCost: z.number().nullish(), throttleStatus: Throttle.optional() }).optional() })
    .optional(),
});

export class ShopifyClient {
  readonly shop: string;
  readonly #options: ShopifyClientOptions;
  readonly #url: string;
  readonly #budget: CostBudget;
  readonly #fetch: typeof fetch;
  readonly #attempts: number;
  #throttled = 0;
  #spent = 0;
  #served: string | null = null;

  constructor(options: ShopifyClientOptions) {
    this.shop = options.shop;
    this.#options = options;
    this.#url = `${options.baseUrl ?? `https://${options.shop}`}/admin/api/${options.apiVersion ?? API_VERSION}/graphql.json`;
    this.#budget = new CostBudget(options.clock);
    this.#fetch = options.fetch ?? fetch;
    this.#attempts = options.patience?.attempts ?? NETWORK_ATTEMPTS;
  }

  /** How often the shop has answered THROTTLED so far. */
  get throttled(): number {
    return this.#throttled;
  }

  /** See ShopifyClientOptions.answerMs. */
  get answerMs(): number {
    return this.#options.answerMs ?? ANSWER_MS;
  }

  /** Points of the rate limit that the answers so far say were charged. */
  get spent(): number {
    return this.#spent;
  }

  /** Points a second that the rate limit gives back, as the last answer said; null before the first. */
  get restoreRate(): number | null {
    return this.#budget.restoreRate;
  }

  /** The version the shop says it answered with; another than asked for once the platform has retired that one. Null before the first answer. */
  get served(): string | null {
    return this.#served;
  }

  /** What the last answer to this text said it costs, and the size of the bucket. Null when nothing is known yet. */
  costOf(text: string): { readonly requested: number; readonly bucket: number } | null {
    return this.#budget.costOf(text);
  }

  /**
   * Runs one operation. Throws SourceError; "source.cancelled" when the signal aborts. `once`: it must not be carried out twice, so what may have been is
   * not repeated but thrown with the reason NO_ANSWER; what the shop surely did not carry out (THROTTLED, 401, 429) is repeated all the same.
   */
  async query<T>(text: string, variables: Readonly<Record<string, unknown>>, answer: z.ZodType<T>, signal: AbortSignal, o: { readonly once?: boolean } = {}): Promise<T> {
    for (let throttled = 0, waited = 0, broken = 0; ; ) {
      const envelope = await this.#paid(text, variables, signal, o.once === true);
      const cost = envelope.extensions?.cost;
      this.#spent += cost?.actualQueryCost ?? 0;
      this.#budget.learn(text, cost?.requestedQueryCost, cost?.throttleStatus);

      if (envelope.errors === undefined || envelope.errors.length === 0) return parseAnswer(answer, envelope.data);
      if (typeof envelope.errors === "string") throw refusal(envelope.errors);
      const codes = envelope.errors.map((error) => error.extensions?.["code"]);
      if (codes.includes("INTERNAL_SERVER_ERROR") && !isMutation(text) && ++broken < this.#attempts) {
        await this.#pause(backoff(broken - 1, NETWORK_FIRST_MS, NETWORK_MAX_MS), signal);
        continue;
      }
      if (codes.includes("INTERNAL_SERVER_ERROR") && o.once === true) throw noAnswer("the shop failed (INTERNAL_SERVER_ERROR)");
      if (!codes.includes("THROTTLED")) throw schemaMismatch(envelope.errors) ?? refusal(String(codes.find((code) => typeof code === "string") ?? "unknown"));
      if (throttled >= (this.#options.patience?.throttled ?? Infinity) || waited >= THROTTLED_MS) throw new SourceError("source.throttled", "the shop kept answering THROTTLED", { retry: "later" });
      this.#throttled++;
      const wait = waitAfterThrottled(cost?.requestedQueryCost, cost?.throttleStatus, throttled++);
      waited += wait;
      await this.#pause(wait, signal);
    }
  }

  /** Waits until the bucket can pay for it. */
  async #paid(text: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal, once: boolean): Promise<z.infer<typeof Envelope>> {
    const { ms, points } = this.#budget.reserve(text);
    try {
      await this.#pause(ms, signal);
      return await this.#post(text, variables, signal, once);
    } finally {
      this.#budget.release(points);
    }
  }

  async #post(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal, once: boolean): Promise<z.infer<typeof Envelope>> {
    let refused: string | undefined;
    for (let attempt = 0; ; attempt++) {
      throwIfCancelled(signal);
      const token = await this.#options.accessToken(refused === undefined ? { fresh: false } : { fresh: true, refused });
      let failure: { readonly message: string; readonly cause?: unknown; readonly waitMs?: number };
      try {
        const response = await this.#fetch(this.#url, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json", "x-shopify-access-token": token },
          body: JSON.stringify({ query, variables }),
          signal: AbortSignal.any([signal, AbortSignal.timeout(this.#options.answerMs ?? ANSWER_MS)]),
        });
        this.#served = response.headers.get("x-shopify-api-version") ?? this.#served;
        if (response.ok) return Envelope.parse(await response.json());
        await response.body?.cancel();
        if (response.status === 401 && refused === undefined) {
          refused = token;
          continue;
        }
        if (response.status === 401 || response.status === 403) {
          throw new SourceError("source.unauthorized", `the shop answered ${response.status}: the app is not installed there, or its access was withdrawn`);
        }
        if (response.status === 404) throw new SourceError("source.not_found", "there is no Admin API at this shop's address");
        if (response.status < 500 && response.status !== 429 && response.status !== 408) {
          throw new SourceError("source.failed", `the shop answered HTTP ${response.status}`);
        }
        if (once && response.status !== 429) throw noAnswer(`the shop answered HTTP ${response.status}`);
        failure = { message: `HTTP ${response.status}`, waitMs: retryAfter(response) };
      } catch (error) {
        if (error instanceof SourceError) throw error;
        throwIfCancelled(signal);
        if (error instanceof z.ZodError) throw new SourceError("source.failed", "the shop's answer is not a GraphQL answer", { cause: withoutValues(error) });
        if (once) throw noAnswer("the answer was lost", error);
        failure = { message: "no answer", cause: error };
      }
      if (attempt + 1 >= this.#attempts) {
        throw new SourceError("source.unreachable", `the shop could not be reached (${failure.message}, attempts: ${this.#attempts})`, { retry: "later", cause: failure.cause });
      }
      await this.#pause(Math.max(failure.waitMs ?? 0, backoff(attempt, NETWORK_FIRST_MS, NETWORK_MAX_MS)), signal);
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0) return;
    try {
      await this.#options.sleep(ms, signal);
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    }
  }
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new SourceError("source.cancelled", "the run was cancelled", { cause: signal.reason });
}

function noAnswer(message: string, cause?: unknown): SourceError {
  return new SourceError("source.unreachable", message, { retry: "later", reason: NO_ANSWER, cause });
}

function parseAnswer<T>(answer: z.ZodType<T>, data: unknown): T {
  const parsed = answer.safeParse(data);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.filter((part) => typeof part === "string").join(".") ?? "";
  throw new SourceError("source.schema_mismatch", `the shop's answer has another shape than expected at "${path}"`);
}

function refusal(code: string): SourceError {
  if (code === "ACCESS_DENIED") return new SourceError("source.unauthorized", "the shop refused access (ACCESS_DENIED): a scope is missing", { reason: code });
  if (code === "INTERNAL_SERVER_ERROR") return new SourceError("source.failed", "the shop failed (INTERNAL_SERVER_ERROR)", { retry: "later", reason: code });
  const known = /^[A-Z_]{1,64}$/.test(code) ? code : "unknown";
  return new SourceError("source.failed", `the shop refused the request (${known})`, { reason: known });
}

/** What may have been carried out must not be asked for twice. */
function isMutation(text: string): boolean {
  return /^\s*mutation\b/m.test(text);
}

/** Zod may quote what it received. Only the places are kept. */
function withoutValues(error: z.ZodError): Error {
  return new Error(`unexpected shape at ${error.issues.map((issue) => issue.path.join(".")).join(", ")}`);
}

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : 0;
}
