/**
 * Tests run in CommonJS mode through swc: the quickest of the tools that run Prisma's client, Remix routes and Polaris alike.
 * A few packages ship only ES modules; those are transformed too.
 */
const ES_MODULES_ONLY = ["jose", "@faker-js/faker", "openid-client", "oauth4webapi"];

/** @type {import("jest").Config} */
const config = {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts", "**/*.test.tsx"],
  testPathIgnorePatterns: ["/node_modules/", "/tests/e2e/"],
  transform: {
    "^.+\\.[cm]?[jt]sx?$": [
      "@swc/jest",
      {
        jsc: { target: "es2023", parser: { syntax: "typescript", tsx: true }, transform: { react: { runtime: "automatic" } } },
        module: { type: "commonjs" },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${ES_MODULES_ONLY.join("|")})/)`],
  moduleNameMapper: { "\\.css(\\?url)?$": "<rootDir>/tests/support/css.cjs" },
  globalSetup: "<rootDir>/tests/support/global-setup.mjs",
  globalTeardown: "<rootDir>/tests/support/global-teardown.mjs",
  setupFilesAfterEnv: ["<rootDir>/tests/support/quiet.ts"],
  cacheDirectory: "<rootDir>/.cache/jest",
  testTimeout: 20_000,
};

export default config;
