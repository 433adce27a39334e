/** What can go wrong in the viewer that a person is told about. Messages hold no record contents and nothing that a provider said in words. */
export type ViewerErrorCode =
  /** No way to sign in is set up for this store, or the store is not known here. */
  | "viewer.not_set_up"
  /** The identity provider could not be reached, or is not what it should be. */
  | "viewer.provider_unreachable"
  /** The provider's address leads into a private network, or is no https address. */
  | "viewer.bad_issuer"
  /** The provider refused the person, or the person gave up. */
  | "viewer.sign_in_refused"
  /** The answer of the provider does not belong to this browser's request, or does not hold. */
  | "viewer.sign_in_invalid"
  /** Signed in, and named by nobody as a responder. */
  | "viewer.not_a_responder"
  /** Too many reads in a short time: wait. */
  | "viewer.throttled"
  /** Far too many: nothing more for a while, and somebody is told. */
  | "viewer.suspended"
  /** The event could not be kept, so what it speaks of did not happen. */
  | "viewer.not_recorded"
  /** A step before its purpose, its keys or its record. */
  | "viewer.out_of_order"
  /** Nobody else has agreed to it, or that is over. */
  | "viewer.not_agreed"
  /** The key service does not open: an identity does. */
  | "viewer.key_service_away"
  /** A form that no page of ours sends. */
  | "viewer.bad_request";

export class ViewerError extends Error {
  override readonly name = "ViewerError";
  readonly code: ViewerErrorCode;
  readonly retry: "never" | "later";
  constructor(code: ViewerErrorCode, message: string, options: { readonly cause?: unknown; readonly retry?: "never" | "later" } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
  }
}
