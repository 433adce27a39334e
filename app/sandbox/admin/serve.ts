/** Serves the admin page and the App Bridge stand-in. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendJson } from "../http/body.ts";

export async function serveAdmin(_parts: object, _url: URL, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  sendJson(response, 404, { errors: "Not Found" });
}
