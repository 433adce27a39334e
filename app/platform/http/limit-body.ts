/** Nothing that comes by HTTP is large: forms, a few keys, a webhook. Larger bodies are refused before they are read. */
import type { RequestHandler } from "express";

/** Shopify's largest webhooks (orders with many lines) stay below a few hundred kB. */
const MOST_BYTES = 4 * 1024 * 1024;

export const limitBody: RequestHandler = (request, response, next) => {
  const length = request.headers["content-length"];
  if (length !== undefined && Number(length) > MOST_BYTES) {
    response.status(413).type("text/plain").set("Connection", "close").send("Too large.");
    return;
  }
  // Without a declared length (chunked), the bytes are counted as they come.
  let seen = 0;
  request.on("data", (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > MOST_BYTES) request.destroy();
  });
  request.pause();
  next();
};
