/** A request that cannot be served as asked. Routes and workflows' callers throw it; routes.server.ts turns it into an answer. */
export type RequestErrorCode =
  | "request.invalid"
  | "request.unauthenticated"
  | "request.refused"
  | "request.not_found"
  | "request.wrong_method"
  | "request.conflict"
  | "request.too_large"
  | "request.failed";

export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: RequestErrorCode;
  readonly retry = "never";
  /** request.invalid: per field, what is wrong with it, as codes (zod's issue codes or our own). */
  readonly fields: Readonly<Record<string, string>>;
  constructor(code: RequestErrorCode, message: string, options: { fields?: Readonly<Record<string, string>>; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? {};
  }
}
