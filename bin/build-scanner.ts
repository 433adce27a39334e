/**
 * Compiles app/sources/records/scan/scan.as to wasm.ts beside it. Run after a change of scan.as: `node bin/build-scanner.ts`.
 * The result is kept beside its source so that the product needs no build step; a test compiles again and compares (`--check`).
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const FOLDER = path.resolve(import.meta.dirname, "../app/sources/records/scan");
/** AssemblyScript's name for a source file; where the text comes from is decided below. */
const ENTRY = "scan.ts";
const FLAGS = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--noAssert", "--converge", "--runtime", "stub", "--enable", "simd", "--initialMemory", "64", "--maximumMemory", "64"];

/** The text of wasm.ts for the source as it is now. Throws with the compiler's words when it does not compile. */
async function compiled(): Promise<string> {
  const asc = await import("assemblyscript/asc");
  const source = await readFile(path.join(FOLDER, "scan.as"), "utf8");
  let binary: Uint8Array | undefined;
  let words = "";
  const { error } = await asc.main([ENTRY, ...FLAGS, "--outFile", "scan.wasm"], {
    readFile: (name) => (name === ENTRY ? source : null),
    writeFile: (name, contents) => {
      if (name === "scan.wasm" && typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
    stderr: { write: (chunk: Uint8Array | string) => void (words += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()) },
  });
  if (error !== null || binary === undefined) throw new Error(`scan.as does not compile:\n${words}`);
  const lines = Buffer.from(binary).toString("base64").match(/.{1,140}/g) ?? [];
  return `/** Made from scan.as by bin/build-scanner.ts: do not edit. */\nexport const WASM =\n${lines.map((line) => `  "${line}"`).join(" +\n")};\n`;
}

const target = path.join(FOLDER, "wasm.ts");
const text = await compiled();
if (process.argv[2] !== "--check") await writeFile(target, text);
else if ((await readFile(target, "utf8")) === text) console.log("wasm.ts is scan.as compiled");
else {
  console.error("wasm.ts is not what scan.as compiles to: run bin/build-scanner.ts");
  process.exitCode = 1;
}
