/** A word on what just worked, in the admin's own toast. What failed is a banner: a toast goes away. */
import { useEffect, useRef } from "react";

interface Toasting {
  readonly shopify?: { readonly toast?: { show(message: string, options?: { readonly isError?: boolean }): unknown } };
}

/** Says `message` when `value` has become another one while the page was open; "" and undefined say nothing. */
export function useToastOn(value: string | number | undefined, message: string): void {
  const before = useRef(value);
  useEffect(() => {
    if (before.current !== value && value !== undefined && value !== "") toast(message);
    before.current = value;
  }, [value, message]);
}

export function toast(message: string): void {
  (globalThis as Toasting).shopify?.toast?.show(message);
}
