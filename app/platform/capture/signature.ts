/** Whether a webhook is the platform's: HMAC-SHA-256 of the raw body under the app's secret, base64, in constant time. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Names of the header in webhooks, and in the Events that came with API 2026-10. */
export const SIGNATURE_HEADERS = ["x-shopify-hmac-sha256", "shopify-hmac-sha256"] as const;

/** `secrets`: the current one and, while a rotation lasts, the one before: the platform goes on signing with the oldest that is not revoked. */
export function isSigned(body: Uint8Array, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature, "base64");
  let valid = false;
  // Every secret is tried, so that the time tells nothing of which one it was.
  for (const secret of secrets) {
    const wanted = createHmac("sha256", secret).update(body).digest();
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) valid = true;
  }
  return valid;
}
