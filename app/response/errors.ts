/** What is wrong with data of this room. Expected refusals are values (accept.ts), not these. */
export type ResponseErrorCode =
  /** A tree does not have the form of one. */
  | "response.bad_tree"
  /** A run's steps do not fit its tree, or one another. */
  | "response.bad_run";

export class ResponseError extends Error {
  override readonly name = "ResponseError";
  readonly code: ResponseErrorCode;
  constructor(code: ResponseErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
