/**
 * Makes recover.mjs: the recovery program as one file that needs node and nothing else. The same sources and the same versions of packages give the same
 * bytes, wherever the repository lies. Made at most once in a process.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Plugin } from "esbuild";
import type { PutRecoveryKit, RecoveryKit } from "#app/vault/index.ts";
import { README } from "./readme.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** What may be bundled. Anything else that recovery comes to need must be weighed first: it will lie in every vault. */
const BUNDLED = ["jose", "zod", "shamir-secret-sharing"];

/**
 * The body is CommonJS inside an ES module: so a missing part of an old Node is found by this test, in words, and not by a SyntaxError while linking.
 * zstd came to node:zlib with 22.15 and 23.8.
 */
const HEAD = `#!/usr/bin/env node
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
if (typeof require("node:zlib").zstdDecompressSync !== "function") {
  console.error("recover: This needs Node.js 22.15 or newer, and this is " + process.version + "; get a newer one from nodejs.org and run it again.");
  process.exit(1);
}
`;

export function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as { version: string }).version;
}

/** The kit of this version, made only when it is asked for. */
export function recoveryOfThisVersion(): PutRecoveryKit["kit"] {
  return { version: packageVersion(), make: recoveryKit };
}

let made: Promise<Buffer> | null = null;

/** recover.mjs. Throws when something would be bundled that is not meant to be. */
export function recoveryProgram(): Promise<Buffer> {
  return (made ??= bundle());
}

/** What goes into a vault's recover/ folder. */
export async function recoveryKit(): Promise<RecoveryKit> {
  const [program, format] = await Promise.all([recoveryProgram(), readFile(path.join(ROOT, "docs/design.md"))]);
  return { version: packageVersion(), files: new Map<string, Uint8Array>([["recover.mjs", program], ["FORMAT.md", format], ["README.txt", Buffer.from(README, "utf8")]]) };
}

async function bundle(): Promise<Buffer> {
  const { build } = await import("esbuild");
  const version = packageVersion();
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ["app/recover/main.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node18",
    charset: "utf8",
    legalComments: "eof",
    treeShaking: true,
    // Names stay: somebody may have to read this program one day.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: HEAD },
    define: { HOLDFAST_VERSION: JSON.stringify(version), "import.meta.url": "undefined" },
    logLevel: "silent",
    plugins: [onlyWhatIsMeant()],
  });
  return Buffer.from((result.outputFiles[0] as { contents: Uint8Array }).contents);
}

/** Modules have no effects of their own, so what recovery does not use is left out; a package that is used and not meant to be ends the build. */
function onlyWhatIsMeant(): Plugin {
  return {
    name: "only-what-is-meant",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (asked) => {
        if (asked.pluginData === "asked" || asked.kind === "entry-point") return undefined;
        if (isBuiltin(asked.path)) return { path: asked.path.startsWith("node:") ? asked.path : `node:${asked.path}`, external: true, sideEffects: false };
        const found = await build.resolve(asked.path, { resolveDir: asked.resolveDir, kind: asked.kind, importer: asked.importer, pluginData: "asked" });
        if (found.errors.length > 0) return { errors: found.errors };
        const inside = path.relative(ROOT, found.path).split(path.sep).join("/");
        const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(inside)?.[1];
        // Messages in forty languages would be half of the program.
        if (name === "zod" && /\/locales\/index\.c?js$/.test(inside)) return { path: asked.path, namespace: "not-needed", sideEffects: false };
        if (name === undefined || BUNDLED.includes(name)) return { path: found.path, sideEffects: false };
        return { path: asked.path, namespace: "not-meant", sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: "not-needed" }, () => ({ contents: "export {};", loader: "js" }));
      build.onLoad({ filter: /.*/, namespace: "not-meant" }, (asked) => ({
        contents: `module.exports = {}; throw new Error(${JSON.stringify(`${asked.path} is not part of the recovery program`)});`,
        loader: "js",
      }));
    },
  };
}
