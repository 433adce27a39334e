/** A shop cannot be reached on its behalf. */
export type ShopifyErrorCode =
  /** The app is not installed, or its tokens are no longer accepted: somebody must open the app in the shop's admin once. */
  "shop.not_connected";

export class ShopifyError extends Error {
  override readonly name = "ShopifyError";
  readonly code: ShopifyErrorCode;
  readonly retry = "never";
  constructor(code: ShopifyErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
