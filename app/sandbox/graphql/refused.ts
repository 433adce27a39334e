/** A request that the platform answers with an entry in `errors`, with this code in its extensions. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly extensions: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.extensions = { code, ...extensions };
  }
}
