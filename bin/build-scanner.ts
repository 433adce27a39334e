/**
 * Compiles what is written in AssemblyScript to wasm.ts beside it. Run after a change of an .as file: `node bin/build-scanner.ts`.
 * The results are kept beside their sources so that the product needs no build step; a test compiles again and compares (`--check`).
 */
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const APP = path.resolve(import.meta.dirname, "../app");
/** Source, and pages of memory (64 KiB each). */
const MODULES = [
  { source: "sources/records/scan/scan.as", pages: 64 },
  { source: "terms/scan/members.as", pages: 24 },
  { source: "vault/crypto/hmac/hmac.as", pages: 10 },
] as const;
const FLAGS = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--noAssert", "--converge", "--runtime", "stub", "--enable", "simd"];

/** AssemblyScript asks for files ending in .ts; ours are not TypeScript, and are called so. */
function sourceOf(name: string): string | null {
  try {
    return readFileSync(path.join(APP, name.replace(/\.ts$/, ".as")), "utf8");
  } catch {
    // The compiler tries several places for an import.
    return null;
  }
}

/** The text of wasm.ts for the source as it is now. Throws with the compiler's words when it does not compile. */
async function compiled(source: string, pages: number): Promise<string> {
  const asc = await import("assemblyscript/asc");
  let binary: Uint8Array | undefined;
  let words = "";
  const { error } = await asc.main([source.replace(/\.as$/, ".ts"), ...FLAGS, "--initialMemory", String(pages), "--maximumMemory", String(pages), "--outFile", "out.wasm"], {
    readFile: sourceOf,
    writeFile: (name, contents) => {
      if (name === "out.wasm" && typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
    stderr: { write: (chunk: Uint8Array | string) => void (words += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()) },
  });
  if (error !== null || binary === undefined) throw new Error(`${source} does not compile:\n${words}`);
  const lines = Buffer.from(binary).toString("base64").match(/.{1,140}/g) ?? [];
  return `/** Made from ${path.basename(source)} by bin/build-scanner.ts: do not edit. */\nexport const WASM =\n${lines.map((line) => `  "${line}"`).join(" +\n")};\n`;
}

for (const { source, pages } of MODULES) {
  const target = path.join(APP, path.dirname(source), "wasm.ts");
  const text = await compiled(source, pages);
  if (process.argv[2] !== "--check") await writeFile(target, text);
  else if ((await readFile(target, "utf8")) === text) console.log(`wasm.ts is ${path.basename(source)} compiled`);
  else {
    console.error(`wasm.ts is not what ${source} compiles to: run bin/build-scanner.ts`);
    process.exitCode = 1;
  }
}
