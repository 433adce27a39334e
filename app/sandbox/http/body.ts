/** Request bodies: read whole up to a limit, and taken apart. */
import type { IncomingMessage, ServerResponse } from "node:http";

export class BodyTooLarge extends Error {}

export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw new BodyTooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Fields of a JSON or form-encoded body; null when it is neither. */
export function fieldsOfBody(body: Buffer, type: string): Readonly<Record<string, unknown>> | null {
  if (type.includes("application/x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(body.toString()));
  try {
    const value = JSON.parse(body.toString()) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The fields of multipart/form-data, up to and with the file. Null when it is not well formed. */
export function multipart(body: Buffer, type: string): { readonly fields: ReadonlyMap<string, string>; readonly file: Buffer } | null {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) return null;
  const line = Buffer.from(`--${boundary}`);
  const fields = new Map<string, string>();
  let at = body.indexOf(line);
  while (at >= 0) {
    const start = at + line.length + 2;
    const head = body.indexOf("\r\n\r\n", start);
    const next = body.indexOf(line, start);
    if (head < 0 || next < 0) return null;
    const name = /name="([^"]*)"/.exec(body.toString("latin1", start, head))?.[1];
    const content = body.subarray(head + 4, next - 2);
    if (name === "file") return { fields, file: content };
    if (name !== undefined) fields.set(name, content.toString());
    at = next;
  }
  return null;
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

export function sendText(response: ServerResponse, status: number, type: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "Content-Type": type, ...headers });
  response.end(body);
}
