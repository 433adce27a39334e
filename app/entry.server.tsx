/** Renders a page on the server. Bots get it whole, people as it streams. */
import { PassThrough } from "node:stream";
import { createReadableStreamFromReadable } from "@remix-run/node";
import type { AppLoadContext, EntryContext, HandleErrorFunction } from "@remix-run/node";
import { RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
// The load context's type; nothing of the running process is imported here.
import type {} from "./platform/app.ts";

const RENDER_MS = 5_000;

export default function handleRequest(request: Request, status: number, headers: Headers, remix: EntryContext, { app }: AppLoadContext): Promise<Response> {
  app.shopify.addDocumentResponseHeaders(request, headers);
  headers.set("Content-Type", "text/html; charset=utf-8");
  const ready = isbot(request.headers.get("User-Agent") ?? "") ? "onAllReady" : "onShellReady";
  return new Promise((resolve, reject) => {
    let answerStatus = status;
    const { pipe, abort } = renderToPipeableStream(<RemixServer context={remix} url={request.url} abortDelay={RENDER_MS} />, {
      [ready]: () => {
        const body = new PassThrough();
        resolve(new Response(createReadableStreamFromReadable(body), { headers, status: answerStatus }));
        pipe(body);
      },
      onShellError: reject,
      onError: (error) => {
        answerStatus = 500;
        app.log.failure("page.render_failed", error, { path: new URL(request.url).pathname });
      },
    });
    setTimeout(abort, RENDER_MS + 1_000).unref();
  });
}

/** Remix would print the error with its message; ours is written without what might be in it. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  if (!request.signal.aborted) context.app.log.failure("request.failed", error, { method: request.method, path: new URL(request.url).pathname });
};
