/** The body of a request that the platform has signed: read up to a bound, its HMAC checked over the bytes as they came. */
import { isSigned, SIGNATURE_HEADERS } from "../capture/signature.ts";

/** The bytes, or the answer the request gets instead: 405 not POST, 401 no or a bad signature, 413 too large. */
export async function signedBody(request: Request, secrets: readonly string[], mostBytes: number): Promise<Buffer | Response> {
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "POST" } });
  const signature = SIGNATURE_HEADERS.map((name) => request.headers.get(name)).find((value) => value !== null && value !== "");
  if (signature === undefined || signature === null) return new Response(null, { status: 401 });
  const body = await bounded(request, mostBytes);
  if (body === null) return new Response(null, { status: 413 });
  return isSigned(body, signature, secrets) ? body : new Response(null, { status: 401 });
}

/** Undefined: it is no JSON. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Null: it is larger than it may be. */
async function bounded(request: Request, mostBytes: number): Promise<Buffer | null> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) return null;
  const parts: Uint8Array[] = [];
  let length = 0;
  if (request.body === null) return Buffer.alloc(0);
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > mostBytes) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  return Buffer.concat(parts, length);
}
