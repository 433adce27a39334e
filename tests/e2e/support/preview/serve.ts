/** Builds the gallery of screens once and serves it on the loopback: a real browser sees every state without a shop behind it. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { AddressInfo } from "node:net";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const TYPES: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };

export interface Preview {
  readonly url: string;
  close(): Promise<void>;
}

export async function servePreview(): Promise<Preview> {
  const { build } = await import("vite");
  const out = mkdtempSync(join(tmpdir(), "holdfast-preview-"));
  await build({
    root: join(ROOT, "tests/e2e/support/preview"),
    configFile: false,
    logLevel: "warn",
    base: "./",
    esbuild: { jsx: "automatic" },
    resolve: { alias: { "#app": join(ROOT, "app"), "#tests": join(ROOT, "tests") } },
    build: { outDir: out, emptyOutDir: true, minify: false, chunkSizeWarningLimit: 10_000 },
  });
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
    const file = join(out, path === "/" ? "index.html" : path);
    readFile(file).then(
      (body) => response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      await new Promise<void>((resolve) => { server.close(() => resolve()); server.closeAllConnections(); });
      rmSync(out, { recursive: true, force: true });
    },
  };
}
