import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = createRequire(import.meta.url)(join(root, ".dependency-cruiser.cjs")) as { forbidden: { name: string }[] };

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** Every rule's planted violations: what a file must not import. Each stands in a file of its own. */
const PLANTED: Readonly<Record<string, readonly (readonly [from: string, imports: string])[]>> = {
  "law-vault": [["app/vault/a.ts", "#app/ledger/index.ts"], ["app/vault/b.ts", "#app/platform/env.server.ts"]],
  "law-ledger": [["app/ledger/a.ts", "#app/vault/index.ts"]],
  "law-access": [["app/access/a.ts", "#app/ledger/index.ts"]],
  "law-phi": [["app/phi/a.ts", "#app/access/index.ts"]],
  "law-terms": [["app/terms/a.ts", "#app/phi/index.ts"]],
  "law-response": [["app/response/a.ts", "#app/ledger/index.ts"]],
  "law-training": [["app/training/a.ts", "#app/access/index.ts"]],
  "law-sources": [["app/sources/a.ts", "#app/ledger/index.ts"], ["app/sources/b.ts", "#app/stores/index.ts"]],
  "law-stores": [["app/stores/a.ts", "#app/keys/index.ts"]],
  "law-keys": [["app/keys/a.ts", "#app/stores/index.ts"]],
  "law-recover": [["app/recover/a.ts", "#app/stores/index.ts"], ["app/recover/b.ts", "#app/ledger/index.ts"]],
  "law-sandbox": [["app/sandbox/a.ts", "#app/vault/index.ts"]],
  "law-workflows": [["app/workflows/a.ts", "#app/stores/index.ts"], ["app/workflows/b.ts", "#app/platform/env.server.ts"]],
  "law-platform": [["app/platform/a.ts", "#app/ui/index.tsx"], ["app/platform/b.ts", "#app/cli/index.ts"]],
  "law-viewer": [["app/viewer/a.ts", "#app/platform/env.server.ts"], ["app/viewer/b.ts", "#app/stores/index.ts"]],
  "law-ui": [["app/ui/a.ts", "#app/vault/index.ts"]],
  "law-routes": [["app/routes/a.ts", "#app/stores/index.ts"], ["app/routes/b.ts", "#app/sources/port.ts"]],
  "law-cli": [["app/cli/a.ts", "#app/platform/env.server.ts"], ["app/cli/b.ts", "#app/routes/page.tsx"]],
  "ground-floor-is-pure": [["app/vault/c.ts", "pino"], ["app/phi/c.ts", "@shopify/shopify-api"]],
  "one-door": [["app/workflows/c.ts", "#app/vault/inner.ts"], ["app/platform/c.ts", "#app/ledger/inner.ts"]],
  "adapters-are-strangers": [["app/sources/jsonl/a.ts", "#app/sources/shopify/index.ts"]],
  "workflows-see-ports": [["app/workflows/d.ts", "#app/sources/shopify/index.ts"]],
  "remix-and-react-at-the-edge": [["app/workflows/e.ts", "@remix-run/node"], ["app/cli/e.ts", "react"]],
  "shopify-stays-put": [["app/cli/f.ts", "@shopify/shopify-api"], ["app/sources/jsonl/f.ts", "@shopify/shopify-api"]],
  "database-behind-platform": [["app/workflows/g.ts", "@prisma/client"], ["app/cli/g.ts", "pg"]],
  "routes-share-no-state": [["app/routes/g.ts", "#app/platform/env.server.ts"]],
  "no-cycles": [["app/vault/circle-one.ts", "#app/vault/circle-two.ts"]],
  "app-never-imports-tests": [["app/platform/h.ts", "#tests/support/clock.ts"]],
  "no-dev-dependency-ships": [["app/platform/i.ts", "vite"]],
  "only-named-packages": [["app/platform/j.ts", "unnamed"]],
  "everything-resolves": [["app/platform/k.ts", "./not-there.ts"]],
};

/** Imports that look alike and are allowed. */
const ALLOWED: readonly (readonly [from: string, text: string])[] = [
  ["app/ui/type.ts", `import type { A } from "#app/vault/index.ts"; export type B = A;`],
  ["app/routes/type.ts", `import type { A } from "#app/platform/env.server.ts"; export type B = A;`],
  ["app/routes/helper.ts", `import "#app/platform/routes.server.ts";`],
  ["app/workflows/port.ts", `import "#app/sources/port.ts"; import "#app/vault/index.ts";`],
  ["app/sources/shopify/client.ts", `import "@shopify/shopify-api"; import "#app/sources/port.ts";`],
  ["app/terms/pure.ts", `import "libphonenumber-js";`],
  ["app/ui/terms.ts", `import "#app/terms/index.ts";`],
  ["app/vault/pure.ts", `import "zod"; import "node:crypto"; import "./inner.ts";`],
  ["app/platform/root.ts", `import "@prisma/client"; import "#app/stores/index.ts"; import "#app/sandbox/index.ts";`],
];

const DOORS = ["vault", "ledger", "access", "phi", "response", "terms", "keys", "stores", "sandbox", "cli", "sources/shopify"].map((room) => `app/${room}/index.ts`);
const FILES = [...DOORS, "app/vault/inner.ts", "app/ledger/inner.ts", "app/sources/port.ts", "app/ui/index.tsx", "app/routes/page.tsx"];
const PLATFORM = ["app/platform/env.server.ts", "app/platform/routes.server.ts", "tests/support/clock.ts"];
const DEPENDENCIES = ["zod", "libphonenumber-js", "pino", "@shopify/shopify-api", "@remix-run/node", "react", "@prisma/client", "pg"];

let tree = "";
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
};

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "holdfast-law-"));
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json"]) copyFileSync(join(root, file), join(tree, file));
  const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  put("package.json", JSON.stringify({ name: "planted", type: "module", imports: { "#app/*": "./app/*", "#tests/*": "./tests/*" }, dependencies: versions(DEPENDENCIES), devDependencies: versions(["vite"]) }));
  for (const name of [...DEPENDENCIES, "vite", "unnamed"]) {
    put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    put(`node_modules/${name}/index.js`, "");
  }
  for (const file of [...FILES, ...PLATFORM]) put(file, "export type A = 1;\nexport const a = 1;\n");
  for (const [file, text] of ALLOWED) put(file, text);
});
afterAll(() => {
  rmSync(tree, { recursive: true, force: true });
});

async function cruise(): Promise<Violation[]> {
  const command = [join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs"), "app", "--config", ".dependency-cruiser.cjs", "--output-type", "json"];
  // It exits with the number of errors it found.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: tree, maxBuffer: 2 ** 26 }).catch((error: unknown) => error as { stdout: string; stderr: string });
  if (stdout === "") throw new Error(`dependency-cruiser said: ${stderr}`);
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string; to: string }[] } };
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

describe("the import law", () => {
  test("has a planted violation for every rule", () => {
    expect(Object.keys(PLANTED).sort()).toEqual(config.forbidden.map(({ name }) => name).sort());
  });

  test("says nothing against what is allowed", async () => {
    expect(await cruise()).toEqual([]);
  }, 60_000);

  test("names every planted violation, and no file that has none", async () => {
    for (const [from, imports] of Object.values(PLANTED).flat()) put(from, `import "${imports}";\nexport const a = 1;\n`);
    put("app/vault/circle-two.ts", `import "#app/vault/circle-one.ts";\n`);
    const found = await cruise();
    const missed = Object.entries(PLANTED).flatMap(([rule, places]) =>
      places.filter(([from]) => !found.some((violation) => violation.rule === rule && violation.from === from)).map(([from, imports]) => `${rule}: ${from} imports ${imports}`),
    );
    expect(missed).toEqual([]);
    const planted = new Set([...Object.values(PLANTED).flat().map(([from]) => from), "app/vault/circle-two.ts"]);
    expect(found.filter(({ from }) => !planted.has(from))).toEqual([]);
  }, 60_000);
});
