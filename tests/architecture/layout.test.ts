import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { API_VERSION, SCOPES, WRITE_SCOPES } from "#app/sources/shopify/index.ts";
import { WEBHOOK_TOPICS } from "#app/platform/webhooks.server.ts";
import remixConfig from "../../remix.config.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;

describe("remix.config.js", () => {
  test("holds only what the vite plugin reads, so that no setting is dropped in silence", () => {
    const read = ["appDirectory", "future", "ignoredRouteFiles", "routes", "serverModuleFormat", "basename", "buildDirectory", "buildEnd", "manifest", "presets", "serverBuildFile", "serverBundles", "ssr"];
    expect(Object.keys(remixConfig).filter((key) => !read.includes(key))).toEqual([]);
  });

  test("is what vite.config.ts hands to the plugin", () => {
    expect(read("vite.config.ts")).toMatch(/import remixConfig from "\.\/remix\.config\.js"/);
    expect(read("vite.config.ts")).toMatch(/remix\(remixConfig\)/);
  });

  test("says where the server finds the build", () => {
    expect(read("app/platform/http/web-server.ts")).toContain(`${remixConfig.buildDirectory}/server/${remixConfig.serverBuildFile}`);
  });

  test("is never read by the classic compiler, which would write a second build", () => {
    expect(Object.values(scripts).filter((script) => /remix (?:build|dev|watch)\b/.test(script))).toEqual([]);
  });
});

describe("shopify.app.toml", () => {
  const toml = read("shopify.app.toml");
  const listsOf = (text: string, key: string): string[] => [...text.matchAll(new RegExp(`^\\s*${key} = \\[(.*)\\]$`, "gm"))].flatMap(([, list = ""]) => [...list.matchAll(/"([^"]+)"/g)].map(([, item = ""]) => item));
  const lists = (key: string): string[] => listsOf(toml, key);
  const subscriptions = toml.split("[[webhooks.subscriptions]]").slice(1);
  /** The one door for changes of records: which topics lead to it is the catalogue's to say (tests/platform/capture-subscriptions.test.ts). */
  const CHANGES = "/webhooks/changes";

  test("has a route for each topic and a topic for each route", () => {
    const topics = subscriptions.filter((text) => !text.includes(`uri = "${CHANGES}"`)).flatMap((text) => [...listsOf(text, "topics"), ...listsOf(text, "compliance_topics")]);
    expect([...topics].sort()).toEqual([...WEBHOOK_TOPICS].sort());
    const routes = globSync("app/routes/webhooks.*.ts", { cwd: root }).filter((file) => file !== "app/routes/webhooks.changes.ts");
    const served = routes.map((file) => /webhookRoute\("([^"]+)"\)/.exec(read(file))?.[1] ?? file);
    expect(served.sort()).toEqual([...topics].sort());
    for (const file of routes) {
      const path = `/${file.replace(/^app\/routes\//, "").replace(/\.ts$/, "").replaceAll(".", "/")}`;
      expect(toml).toContain(`uri = "${path}"`);
      expect(path).toBe(`/webhooks/${/webhookRoute\("([^"]+)"\)/.exec(read(file))?.[1] ?? ""}`);
    }
  });

  test("sends every other topic through the one door for changes", () => {
    expect(existsSync(join(root, "app/routes/webhooks.changes.ts"))).toBe(true);
    const others = subscriptions.filter((text) => text.includes(`uri = "${CHANGES}"`)).flatMap((text) => listsOf(text, "topics"));
    expect(others.length).toBeGreaterThan(20);
    expect(others.filter((topic) => WEBHOOK_TOPICS.some((own) => own === topic))).toEqual([]);
  });

  test("names the three privacy topics as such", () => {
    expect(lists("compliance_topics").sort()).toEqual(["customers/data_request", "customers/redact", "shop/redact"]);
  });

  test("asks for the scopes the source reads with, and for no right to write", () => {
    const scopes = (/^scopes = "(.*)"$/m.exec(toml)?.[1] ?? "").split(",");
    expect([...scopes].sort()).toEqual([...SCOPES].sort());
    expect(scopes.filter((scope) => !scope.startsWith("read_"))).toEqual([]);
  });

  test("declares what a restore may ask for as optional: none of it comes with the installation", () => {
    const optional = JSON.parse(/^optional_scopes = (\[.*\])$/m.exec(toml)?.[1] ?? "[]") as string[];
    expect(optional).toEqual([...WRITE_SCOPES]);
  });

  test("speaks the version the source's queries are written for, in the frame, through the server only", () => {
    expect(toml).toContain(`api_version = "${API_VERSION}"`);
    expect(toml).toMatch(/^embedded = true$/m);
    expect(toml).toMatch(/^embedded_app_direct_api_access = false$/m);
  });
});

describe("the repository", () => {
  test("has every script's file", () => {
    const files = Object.values(scripts).flatMap((script) => script.match(/\b(?:bin|app)\/[\w./-]+\.(?:ts|mjs)\b/g) ?? []);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test("is run by CI exactly as by anybody", () => {
    expect(read(".ci/run").split("\n").filter((line) => line !== "" && !/^(?:#|set |cd )/.test(line))).toEqual(["exec npm test"]);
  });

  test("reads the environment in no other place of the app", () => {
    const readers = globSync("app/**/*.{ts,tsx}", { cwd: root }).filter((file) => /process\.env/.test(read(file)));
    expect(readers.filter((file) => file !== "app/platform/env.server.ts" && file !== "app/recover/main.ts" && !file.startsWith("app/cli/"))).toEqual([]);
  });
});
