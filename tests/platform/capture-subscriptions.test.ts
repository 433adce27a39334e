/** shopify.app.toml asks for exactly the messages that the catalogue of kinds can use, and for nothing of a record in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BEGIN, END, subscriptionsToml } from "#app/platform/capture/subscriptions.ts";
import { captureCatalogue, isSubscribed, topicRoutes, typedTopics } from "#app/platform/capture/topics.ts";
import { UNTOLD_BEGIN, UNTOLD_END, untoldTable } from "#app/platform/capture/untold.ts";
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
  test("are each shop's own for kinds whose topics take a filter, and those are counted apart", () => {
    expect(captureCatalogue(CATALOGUE).kinds.find(({ kind }) => kind === "Metaobject")).toMatchObject({ hasTopics: true, perShop: true });
    expect(captureCatalogue(CATALOGUE).kinds.filter(({ perShop }) => perShop === true).map(({ kind }) => kind)).toEqual(["Metaobject"]);
    expect([...typedTopics(CATALOGUE)].map(([topic, fields]) => `${topic} ${fields.join(" ")}`)).toEqual(["create", "delete", "update"].map((event) => `metaobjects/${event} admin_graphql_api_id id type updated_at`));
    expect(captureCatalogue(CATALOGUE).kinds.find(({ kind }) => kind === "Customer")).toMatchObject({ hasTopics: true, fetch: "record" });
  });
});

describe("docs/capture.md", () => {
  test("names every kind of which less than every change is told, as the catalogue has them", () => {
    const page = readFileSync(join(__dirname, "../../docs/capture.md"), "utf8");
    expect(page.slice(page.indexOf(UNTOLD_BEGIN), page.indexOf(UNTOLD_END) + UNTOLD_END.length + 1)).toBe(untoldTable());
    for (const { topics, titles } of CATALOGUE) if (topics.length === 0) expect(untoldTable()).toContain(`| ${titles.many} | no topic`);
  });
});
