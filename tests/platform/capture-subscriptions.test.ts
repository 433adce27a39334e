/** shopify.app.toml asks for exactly the messages that the catalogue of kinds can use, and for nothing of a record in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BEGIN, END, subscriptionsToml } from "#app/platform/capture/subscriptions.ts";
import { captureCatalogue, isSubscribed, topicRoutes } from "#app/platform/capture/topics.ts";
import { CATALOGUE } from "#app/sources/shopify/index.ts";

const toml = readFileSync(join(__dirname, "../../shopify.app.toml"), "utf8");

describe("the subscriptions to changes", () => {
  test("are those the catalogue makes", () => {
    const part = toml.slice(toml.indexOf(BEGIN), toml.indexOf(END) + END.length + 1);
    expect(part).toBe(subscriptionsToml());
  });
  test("cover every topic of every kind, except those that take a filter by type", () => {
    for (const topic of topicRoutes(CATALOGUE).topics) expect({ topic, there: toml.includes(`"${topic}"`) }).toEqual({ topic, there: isSubscribed(topic) });
  });
  test("ask for ids and times only", () => {
    for (const [, fields] of toml.matchAll(/include_fields = \[([^\]]*)\]/g)) {
      for (const field of (fields ?? "").split(",").map((text) => text.trim().replaceAll('"', ""))) expect(field).toMatch(/(?:^|[._])(?:id|updated_at)$|^admin_graphql_api_[a-z_]*id$|^customerId$/);
    }
  });
  test("do not count a kind as captured whose messages nobody can subscribe to", () => {
    expect(captureCatalogue(CATALOGUE).kinds.find(({ kind }) => kind === "Metaobject")).toMatchObject({ hasTopics: false });
    expect(captureCatalogue(CATALOGUE).kinds.find(({ kind }) => kind === "Customer")).toMatchObject({ hasTopics: true, fetch: "record" });
  });
});
