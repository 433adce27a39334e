/** The page's program and its style, made once when the server starts: our own code and jose, in one file, so that nothing is loaded from elsewhere. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const BROWSER = join(import.meta.dirname, "../browser");

export interface Assets {
  readonly script: string;
  readonly style: string;
}

let made: Promise<Assets> | null = null;

export function assets(): Promise<Assets> {
  return (made ??= make());
}

async function make(): Promise<Assets> {
  // Loaded for this only: a process whose viewer is not asked for needs no bundler.
  const { build } = await import("esbuild");
  const [{ outputFiles }, style] = await Promise.all([
    build({ entryPoints: [join(BROWSER, "desk.ts")], bundle: true, write: false, format: "esm", platform: "browser", target: ["es2022"], minify: true, legalComments: "none", logLevel: "silent" }),
    readFile(join(BROWSER, "viewer.css"), "utf8"),
  ]);
  return { script: outputFiles[0]?.text ?? "", style };
}
