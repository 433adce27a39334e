import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { EnvError, readEnv } from "#app/platform/env.server.ts";
import { hostSecret } from "#app/platform/secrets/host-secret.ts";
import { Secret } from "#app/platform/secrets/secret.ts";

const good = { SHOPIFY_API_KEY: "3f6c", SHOPIFY_API_SECRET: "shpss_4242", SHOPIFY_APP_URL: "https://app.shop-vault.net/path", HOLDFAST_HOME: "/srv/holdfast" };
const problems = (env: Record<string, string>): readonly string[] => {
  try {
    readEnv(env);
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
};

describe("the environment", () => {
  test("needs little, and is careful where nothing is said", () => {
    const env = readEnv(good);
    expect(env).toMatchObject({
      mode: "production", role: "all", host: "127.0.0.1", port: 3000, home: "/srv/holdfast", databaseUrl: null, hostSecret: null, apiKey: "3f6c",
      appUrl: "https://app.shop-vault.net", fileStores: "/srv/holdfast/vaults", frameAncestor: null, appBridgeUrl: null, logLevel: "info",
    });
    expect(env.apiSecret.reveal()).toBe("shpss_4242");
  });

  test("has all its problems told at once, and no value repeated", () => {
    const found = problems({ SHOPIFY_API_SECRET: "", PORT: "99999", NODE_ENV: "prod", DATABASE_URL: "mysql://user:canary@host/db", HOLDFAST_SECRET: "canary", HOLDFAST_ROLE: "boss" });
    for (const name of ["SHOPIFY_API_KEY", "SHOPIFY_API_SECRET", "SHOPIFY_APP_URL", "PORT", "NODE_ENV", "DATABASE_URL", "HOLDFAST_SECRET", "HOLDFAST_ROLE"]) {
      expect(found.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1);
    }
    expect(found.join("\n")).not.toContain("canary");
  });

  test("sends mail and shows metrics only as told, and lets no other machine ask for metrics without a token", () => {
    expect(readEnv(good)).toMatchObject({ mail: null, metricsToken: null, metricsAt: null });
    const env = readEnv({ ...good, HOLDFAST_SMTP_URL: "smtp://user:canary@mail.example:587", HOLDFAST_MAIL_FROM: "Holdfast <alerts@clinic.example>", HOLDFAST_METRICS: "[::1]:9464" });
    expect(env).toMatchObject({ mail: { from: "Holdfast <alerts@clinic.example>" }, metricsAt: { host: "::1", port: 9464 } });
    expect(inspect(env)).not.toContain("canary");
    expect(problems({ ...good, HOLDFAST_SMTP_URL: "smtp://user:canary@mail.example" })).toEqual(["HOLDFAST_MAIL_FROM is missing: whom alerts by e-mail come from"]);
    expect(problems({ ...good, HOLDFAST_METRICS: "0.0.0.0:9464" })).toEqual(["HOLDFAST_METRICS_TOKEN is missing: metrics that other machines can ask for need one"]);
    expect(problems({ ...good, HOLDFAST_METRICS: "0.0.0.0:9464", HOLDFAST_METRICS_TOKEN: "of-one's-own-and-long-enough" })).toEqual([]);
    const wrong = problems({ ...good, HOLDFAST_SMTP_URL: "https://canary", HOLDFAST_MAIL_FROM: "canary", HOLDFAST_METRICS: "canary", HOLDFAST_METRICS_TOKEN: "canary" });
    expect(wrong).toHaveLength(4);
    expect(wrong.join()).not.toContain("canary");
  });

  test("refuses example values in production, unless the app is on this machine only", () => {
    const example = { ...good, SHOPIFY_API_KEY: "your-client-id", SHOPIFY_API_SECRET: "changeme" };
    expect(problems(example)).toHaveLength(2);
    expect(problems({ ...good, HOLDFAST_SECRET: "x".repeat(40) })).toHaveLength(1);
    expect(problems({ ...good, SHOPIFY_APP_URL: "http://app.shop-vault.net" })).toHaveLength(1);
    expect(problems({ ...example, SHOPIFY_APP_URL: "http://localhost:3000" })).toEqual([]);
    expect(problems({ ...example, NODE_ENV: "development" })).toEqual([]);
  });

  test("refuses what .env.example says, in production", () => {
    const lines = readFileSync(".env.example", "utf8").split("\n").filter((line) => /^\w+=/.test(line));
    const example = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    expect(problems(example).map((problem) => problem.split(" ")[0])).toEqual(["SHOPIFY_API_KEY", "SHOPIFY_API_SECRET"]);
    expect(problems({ ...example, ...good })).toEqual([]);
  });

  test("lets only this machine frame the app or stand in for App Bridge", () => {
    expect(problems({ ...good, HOLDFAST_FRAME_ANCESTOR: "https://evil.example.org", APP_BRIDGE_URL: "https://localhost.evil.org/x.js" })).toHaveLength(2);
    expect(readEnv({ ...good, HOLDFAST_FRAME_ANCESTOR: "http://localhost:4400/store" }).frameAncestor).toBe("http://localhost:4400");
  });
});

describe("a secret", () => {
  const secret = new Secret("canary");
  test("does not print, however it is asked", () => {
    const ways = [String(secret), `${secret as unknown as string}`, JSON.stringify({ secret }), inspect({ deep: { secret } }, { depth: 9, showHidden: true }), secret.toString(), "" + (secret as unknown as string), JSON.stringify(Object.entries(secret))];
    expect(ways.filter((text) => text.includes("canary"))).toEqual([]);
    expect(secret.reveal()).toBe("canary");
  });

  test("of the host is made once and readable by its owner only", () => {
    const home = mkdtempSync(join(tmpdir(), "holdfast-home-"));
    try {
      const made = hostSecret(undefined, join(home, "new")).reveal();
      expect(made.length).toBeGreaterThanOrEqual(43);
      expect(hostSecret(undefined, join(home, "new")).reveal()).toBe(made);
      expect(statSync(join(home, "new/secret")).mode & 0o777).toBe(0o600);
      expect(hostSecret(secret, join(home, "other"))).toBe(secret);
      expect(existsSync(join(home, "other"))).toBe(false);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
