/** A word on what just worked, in the admin's own toast. */
interface Toasting {
  readonly shopify?: { readonly toast?: { show(message: string, options?: { readonly isError?: boolean }): unknown } };
}

export function toast(message: string): void {
  (globalThis as Toasting).shopify?.toast?.show(message);
}
