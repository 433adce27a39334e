/** What the compiler does not see: forgotten promises, missing cases, and reads of the clock, chance or environment where they are handed in. */
import tseslint from "typescript-eslint";

/** Rooms whose time and chance come from outside, so that tests decide them. */
const HANDED_IN = ["app/vault/**", "app/ledger/**", "app/access/**", "app/workflows/**"];
/** The only readers of the environment: the app's front doors, and what prepares tests. */
const READ_ENVIRONMENT = ["app/platform/env.server.ts", "app/cli/**", "bin/**", "tests/**", "prisma.config.ts", "app/sandbox/patch-fetch.*"];

const noEnvironment = { object: "process", property: "env", message: "Only app/platform/env.server.ts and the command line read the environment." };
const noClock = { object: "Date", property: "now", message: "The clock is handed in." };
const noChance = { object: "Math", property: "random", message: "Randomness is handed in." };

/** @param {"off"} level */
const unsafe = (level) =>
  Object.fromEntries(["assignment", "member-access", "call", "argument", "return"].map((what) => [`@typescript-eslint/no-unsafe-${what}`, level]));

export default tseslint.config(
  { ignores: ["node_modules/", "build/", ".cache/", "coverage/"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Ports are asynchronous; an adapter in memory need not wait for anything.
      "@typescript-eslint/require-await": "off",
      // Methods are handed around bound or as properties of plain objects here.
      "@typescript-eslint/unbound-method": "off",
      // Two versions of TypeScript's own "unneeded" disagree; the compiler's word counts.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      // node:test's own functions answer promises nobody waits for.
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] }] }],
      // Responses are thrown: Remix's way to answer from inside a loader.
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "lib", name: "Response" }, { from: "package", package: "@remix-run/server-runtime", name: "TypedResponse" }] }],
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "no-console": "error",
      "no-restricted-properties": ["error", noEnvironment],
      "no-restricted-syntax": ["error", { selector: "CallExpression[callee.object.name='jest'][callee.property.name=/^(mock|doMock|unstable_mockModule)$/]", message: "Fakes live behind ports." }],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: READ_ENVIRONMENT, rules: { "no-restricted-properties": "off" } },
  {
    files: HANDED_IN,
    rules: {
      "no-restricted-properties": ["error", noEnvironment, noClock, noChance],
      "no-restricted-syntax": ["error", { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "The clock is handed in." }],
    },
  },
  // Commands speak to people on the terminal.
  { files: ["bin/**", "tests/bench/**"], rules: { "no-console": "off" } },
  { files: ["tests/**"], rules: { "max-lines": ["error", { max: 600 }], ...unsafe("off"), "@typescript-eslint/no-explicit-any": "off", "no-console": "off" } },
  // Scripts for the browser as they are served, and settings without types.
  { files: ["app/**/*.js", "app/**/*.mjs", "**/*.cjs", "*.mjs", "bin/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["app/**/*.js"], rules: { "@typescript-eslint/ban-ts-comment": "off" } },
  { files: ["**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
);
