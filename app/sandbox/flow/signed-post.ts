/** A request as the platform makes it: JSON, signed over its bytes with the app's secret. */
import { createHmac } from "node:crypto";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Null: no answer in time, or none at all. */
export async function signedPost(url: string, body: object, { secret, signal, timeoutMs }: { readonly secret: string; readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<Answered | null> {
  const bytes = Buffer.from(JSON.stringify(body));
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Shopify-Hmac-Sha256": createHmac("sha256", secret).update(bytes).digest("base64") },
      body: new Uint8Array(bytes),
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), signal]),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch {
    return null;
  }
}
