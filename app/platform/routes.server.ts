/**
 * What every page of the embedded app does around its own few lines: authenticate → parse → run → answer, errors by code.
 *
 *   export const loader = shopLoader(async ({ app, shop }) => ({ link: await app.ports.links.get(shop) }));
 *   export const action = shopAction({ body: z.object({ storageUrl: z.string() }) }, ({ app, shop, staff, body }) => setUp(app.ports, …));
 *
 * A loader that fails throws a Response whose JSON is an `ErrorAnswer`: the error boundary reads `error.data.code`.
 * An action always answers an `ActionAnswer`: `useActionData` and `fetcher.data` read `ok`. What a workflow answers with a refusal has the refusal's status, 403.
 */
import { json } from "@remix-run/node";
import type { ActionFunctionArgs, AppLoadContext, LoaderFunctionArgs, TypedResponse } from "@remix-run/node";
import type { ZodType } from "zod";
import type { Actor } from "#app/access/index.ts";
import type { HoldfastApp } from "./app.ts";
import { codeOf, statusOf } from "./http-status.ts";
import type { KnownErrorCode } from "./http-status.ts";
import { RequestError } from "./request-error.ts";
import type { Staff } from "./staff.ts";

/** The same, as workflows and the ledger name them. */
export type StaffActor = Extract<Actor, { readonly kind: "staff" }>;

export interface ShopRequest<Body = undefined, Search = undefined, Params = undefined> {
  readonly app: HoldfastApp;
  /** The authenticated shop's domain. Never taken from the request's parameters. */
  readonly shop: string;
  readonly staff: Staff;
  readonly actor: StaffActor;
  readonly request: Request;
  readonly body: Body;
  readonly search: Search;
  readonly params: Params;
  /** Goes to another page of the app, keeping what the embedding needs. `path` is one of ours, never the person's input. */
  readonly redirect: (path: string) => never;
}

export interface Shapes<Body, Search, Params> {
  /** The form or JSON body. A form's field that comes more than once is an array. */
  readonly body?: ZodType<Body>;
  /** The query string, likewise. */
  readonly search?: ZodType<Search>;
  /** The route's parameters; a failure is "not found". */
  readonly params?: ZodType<Params>;
}

export interface ErrorAnswer {
  readonly code: KnownErrorCode;
  /** request.invalid: what is wrong, by field, as a code. */
  readonly fields: Readonly<Record<string, string>>;
}

export type ActionAnswer<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly error: ErrorAnswer };

type Arguments = Pick<LoaderFunctionArgs | ActionFunctionArgs, "request" | "params"> & { readonly context: AppLoadContext };
type Run<T, B, S, P> = (request: ShopRequest<B, S, P>) => Promise<T> | T;

export function shopLoader<T>(run: Run<T, undefined, undefined, undefined>): (args: LoaderFunctionArgs) => Promise<TypedResponse<T>>;
export function shopLoader<T, S = undefined, P = undefined>(
  shapes: Shapes<undefined, S, P>,
  run: Run<T, undefined, S, P>,
): (args: LoaderFunctionArgs) => Promise<TypedResponse<T>>;
export function shopLoader<T, S, P>(
  first: Shapes<undefined, S, P> | Run<T, undefined, S, P>,
  second?: Run<T, undefined, S, P>,
): (args: LoaderFunctionArgs) => Promise<TypedResponse<T>> {
  const [shapes, run] = arrange(first, second);
  return async (args) => {
    try {
      const data = await run(await shopRequest(args, shapes));
      return json(data, { status: statusOfAnswer(data), headers: PRIVATE });
    } catch (error) {
      const { answer, status } = answerTo(error, args);
      throw json(answer, { status, headers: PRIVATE });
    }
  };
}

export function shopAction<T>(run: Run<T, undefined, undefined, undefined>): (args: ActionFunctionArgs) => Promise<TypedResponse<ActionAnswer<T>>>;
export function shopAction<T, B = undefined, S = undefined, P = undefined>(
  shapes: Shapes<B, S, P>,
  run: Run<T, B, S, P>,
): (args: ActionFunctionArgs) => Promise<TypedResponse<ActionAnswer<T>>>;
export function shopAction<T, B, S, P>(
  first: Shapes<B, S, P> | Run<T, B, S, P>,
  second?: Run<T, B, S, P>,
): (args: ActionFunctionArgs) => Promise<TypedResponse<ActionAnswer<T>>> {
  const [shapes, run] = arrange(first, second);
  return async (args) => {
    try {
      const data = await run(await shopRequest(args, shapes));
      return json<ActionAnswer<T>>({ ok: true, data }, { status: statusOfAnswer(data), headers: PRIVATE });
    } catch (error) {
      const { answer, status } = answerTo(error, args);
      return json<ActionAnswer<T>>({ ok: false, error: answer }, { status, headers: PRIVATE });
    }
  };
}

/** Pages of one shop are nobody else's: no shared cache may keep them. */
const PRIVATE = { "Cache-Control": "no-store" } as const;

function arrange<T, B, S, P>(first: Shapes<B, S, P> | Run<T, B, S, P>, second?: Run<T, B, S, P>): [Shapes<B, S, P>, Run<T, B, S, P>] {
  if (typeof first === "function") return [{}, first];
  if (second === undefined) throw new TypeError("a route needs a function to run");
  return [first, second];
}

async function shopRequest<B, S, P>({ request, params, context: { app } }: Arguments, shapes: Shapes<B, S, P>): Promise<ShopRequest<B, S, P>> {
  const who = await app.shopify.authenticate(request);
  return {
    app,
    shop: who.shop,
    staff: who.staff,
    actor: { kind: "staff", id: who.staff.id, shop: who.shop },
    request,
    params: (shapes.params ? parse(shapes.params, params, "request.not_found") : undefined) as P,
    search: (shapes.search ? parse(shapes.search, fields(new URL(request.url).searchParams), "request.invalid") : undefined) as S,
    body: (shapes.body ? parse(shapes.body, await bodyOf(request), "request.invalid") : undefined) as B,
    redirect: (path) => {
      throw who.redirect(path);
    },
  };
}

function parse<T>(shape: ZodType<T>, value: unknown, code: "request.invalid" | "request.not_found"): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  // An issue's own message may quote what was typed; only the place and the kind of fault are passed on.
  const faults = Object.fromEntries(result.error.issues.map((issue) => [issue.path.join("."), issue.code === "custom" ? issue.message : issue.code]));
  throw new RequestError(code, `the request does not have the expected shape (${Object.keys(faults).join(", ")})`, { fields: faults });
}

async function bodyOf(request: Request): Promise<unknown> {
  const type = request.headers.get("Content-Type") ?? "";
  try {
    return /^application\/json\b/i.test(type) ? await request.json() : fields(await request.formData());
  } catch (cause) {
    throw new RequestError("request.invalid", "the request's body cannot be read", { cause });
  }
}

function fields(from: URLSearchParams | FormData): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const key of new Set(from.keys())) {
    const values = from.getAll(key);
    all[key] = values.length === 1 ? values[0] : values;
  }
  return all;
}

/** What the screen is told. A thrown Response (a redirect, Shopify's bounce) passes through; what has no code of ours is logged and stays vague. */
function answerTo(error: unknown, { request, context: { app } }: Arguments): { answer: ErrorAnswer; status: number } {
  if (error instanceof Response) throw error;
  const code = codeOf(error) ?? "request.failed";
  const status = statusOf(code);
  if (status >= 500) app.log.failure("request.failed", error, { code, method: request.method, path: new URL(request.url).pathname });
  return { answer: { code, fields: fieldsOf(error) }, status };
}

/** A refusal is an expected outcome, not an error; whoever watches requests sees all the same that it was one. */
function statusOfAnswer(data: unknown): number {
  if (typeof data !== "object" || data === null || !("kind" in data) || data.kind !== "refused") return 200;
  const code = codeOf(data);
  const status = code === null ? 403 : statusOf(code);
  // Codes that only a workflow knows, and things that do not work out as they are: what was asked for cannot be done as asked. It is no fault of this process.
  return status >= 500 ? 422 : status;
}

/** For a loader: what a workflow refused is not shown. Throws what becomes an answer with status 403. */
export function holdToRefusal<T extends { readonly kind: string }>(answer: T): Exclude<T, { readonly kind: "refused" }> {
  if (answer.kind === "refused") throw Object.assign(new Error("they may not see this"), { code: codeOf(answer) ?? "request.refused" });
  return answer as Exclude<T, { readonly kind: "refused" }>;
}

/** By shape, not by class: the routes' build has its own copy of the class. */
function fieldsOf(error: unknown): Readonly<Record<string, string>> {
  return error instanceof Error && error.name === "RequestError" && "fields" in error ? (error as RequestError).fields : {};
}
