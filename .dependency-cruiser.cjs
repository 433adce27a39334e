/**
 * The import law (docs/design.md, "the house"), from one table. tests/architecture plants a violation of every rule and sees it fire.
 * `npm run lint:boundaries`
 */

/** Who may import whom, besides itself. Types alone may be imported by `ui` from anywhere. */
const LAW = {
  vault: [],
  ledger: [],
  access: [],
  phi: [],
  terms: [],
  response: [],
  training: [],
  sources: ["vault"],
  stores: ["vault"],
  keys: ["vault"],
  recover: ["vault", "keys"],
  sandbox: ["phi"],
  workflows: ["vault", "ledger", "access", "phi", "terms", "response", "training", "sources"],
  platform: ["vault", "ledger", "access", "phi", "terms", "response", "training", "sources", "stores", "keys", "recover", "sandbox", "workflows", "viewer", "ui/wording"],
  // Beside routes: pages of its own that need neither Remix, nor the platform, nor a database; whoever starts it hands in the rest.
  viewer: ["vault", "ledger", "access", "phi", "terms", "keys", "workflows", "ui/browser", "ui/wording"],
  ui: ["terms"],
  routes: ["platform", "workflows", "ui", "vault", "ledger", "access", "terms"],
  cli: ["vault", "ledger", "access", "phi", "terms", "response", "training", "sources", "stores", "keys", "recover", "sandbox", "workflows", "viewer"],
};

/** No Remix, React, Prisma, Shopify, HTTP or file system down here: small pure libraries and node's own. */
const GROUND_FLOOR = ["vault", "ledger", "access", "phi", "terms", "response", "training"];
const PURE_PACKAGES = ["zod", "jose", "libphonenumber-js"];
/** Rooms whose inside is nobody's business. */
const ONE_DOOR = ["vault", "ledger", "access", "phi", "response", "terms", "keys", "recover", "stores", "sandbox", "viewer"];
/** Pages, the process, and what Remix looks for by name. */
const EDGE = "^app/(?:routes|ui|platform)/|^app/(?:root|entry\\.client|entry\\.server)\\.tsx$";

const any = (/** @type {string[]} */ names) => `(?:${names.join("|")})`;
const packages = (/** @type {string[]} */ names) => `^node_modules/${any(names)}(?:/|$)`;

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const layers = Object.entries(LAW).map(([layer, may]) => ({
  name: `law-${layer}`,
  severity: "error",
  comment: `app/${layer} may import ${may.length === 0 ? "nothing else of ours" : may.join(", ")}`,
  from: { path: `^app/${layer}/` },
  to: { path: "^app/", pathNot: `^app/${any([layer, ...may])}/`, ...(layer === "ui" ? { dependencyTypesNot: ["type-only"] } : {}) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...layers,
    {
      name: "ground-floor-is-pure",
      severity: "error",
      comment: `the ground floor uses node's own modules and ${PURE_PACKAGES.join(", ")} only`,
      from: { path: `^app/${any(GROUND_FLOOR)}/` },
      to: { path: "^node_modules/", pathNot: packages(PURE_PACKAGES) },
    },
    {
      name: "one-door",
      severity: "error",
      comment: `outsiders reach ${ONE_DOOR.join(", ")} through index.ts`,
      from: { path: "^app/([^/]+)/" },
      to: { path: `^app/${any(ONE_DOOR)}/`, pathNot: [`^app/${any(ONE_DOOR)}/index\\.ts$`, "^app/$1/"] },
    },
    {
      name: "adapters-are-strangers",
      severity: "error",
      comment: "an adapter never imports another adapter; what they share lies outside both",
      from: { path: "^app/sources/(jsonl|shopify|magento|http)/" },
      to: { path: "^app/sources/(?:jsonl|shopify|magento|http)/", pathNot: "^app/sources/$1/" },
    },
    {
      name: "workflows-see-ports",
      severity: "error",
      comment: "workflows know sources by their port",
      from: { path: "^app/workflows/" },
      to: { path: "^app/sources/", pathNot: "^app/sources/port\\.ts$" },
    },
    {
      name: "remix-and-react-at-the-edge",
      severity: "error",
      comment: "Remix, React and Polaris belong to pages, ui, the process and the entries",
      from: { path: "^app/", pathNot: EDGE },
      to: { path: packages(["@remix-run", "react", "react-dom", "@shopify/polaris", "@shopify/app-bridge-react", "@shopify/shopify-app-remix", "isbot", "recharts"]) },
    },
    {
      name: "shopify-stays-put",
      severity: "error",
      comment: "Shopify's packages belong to platform, routes, ui, the entries and sources/shopify",
      from: { path: "^app/", pathNot: [EDGE, "^app/sources/shopify/"] },
      to: { path: packages(["@shopify"]) },
    },
    {
      name: "database-behind-platform",
      severity: "error",
      comment: "Prisma, pg and pg-boss belong to platform",
      from: { path: "^app/", pathNot: "^app/platform/" },
      to: { path: packages(["@prisma", "\\.prisma", "prisma", "pg", "pg-boss", "@shopify/shopify-app-session-storage-prisma"]) },
    },
    {
      name: "routes-share-no-state",
      severity: "error",
      comment: "routes are built, the process runs unbuilt: routes take the process's types, and helpers without state",
      from: { path: "^app/(?:routes|root|entry)" },
      to: {
        path: "^app/platform/",
        pathNot: "^app/platform/(?:routes\\.server|webhook-route\\.server|http-status|request-error)\\.ts$",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "of values; types may refer to each other",
      from: { path: "^app/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "app-never-imports-tests", severity: "error", from: { path: "^app/" }, to: { path: "^(?:tests|bin)/" } },
    {
      name: "no-dev-dependency-ships",
      severity: "error",
      comment: "vite is imported in development only, on demand",
      from: { path: "^app/", pathNot: "^app/platform/http/vite-pages\\.ts$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    { name: "only-named-packages", severity: "error", comment: "what package.json does not name may be gone tomorrow", from: { path: "^app/" }, to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] } },
    { name: "everything-resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "^node_modules/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"], mainFields: ["module", "main", "types"], extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json", ".d.ts"] },
  },
};
