/** Development: pages come from vite, built as they are asked for. */
import type { ServerBuild } from "@remix-run/node";
import type { PageSource } from "./web-server.ts";

export async function vitePages(): Promise<PageSource & { close(): Promise<void> }> {
  const { createServer } = await import("vite");
  const vite = await createServer({ server: { middlewareMode: true } });
  return {
    middleware: vite.middlewares,
    build: async () => (await vite.ssrLoadModule("virtual:remix/server-build")) as ServerBuild,
    close: () => vite.close(),
  };
}
