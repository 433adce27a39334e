/** The part of shopify.app.toml that subscribes to changes, made from the catalogue. A test holds the file to it; `node app/platform/capture/subscriptions.ts` prints it. */
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import { isSubscribed, topicRoutes, fieldsOf } from "./topics.ts";

export const BEGIN = "  # --- changes: made by app/platform/capture/subscriptions.ts from the catalogue of kinds ---";
export const END = "  # --- end of changes ---";

/** Topics that ask for the same members stand together. Only ids and times are asked for: no value of a record comes this way. */
export function subscriptionsToml(): string {
  const groups = new Map<string, string[]>();
  for (const topic of topicRoutes(CATALOGUE).topics) {
    if (!isSubscribed(topic)) continue;
    const fields = fieldsOf(CATALOGUE, topic).map((field) => `"${field}"`).join(", ");
    groups.set(fields, [...(groups.get(fields) ?? []), topic]);
  }
  const blocks = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([fields, topics]) => ["  [[webhooks.subscriptions]]", `  topics = [${topics.map((topic) => `"${topic}"`).join(", ")}]`, `  include_fields = [${fields}]`, '  uri = "/webhooks/changes"'].join("\n"));
  return `${BEGIN}\n${blocks.join("\n\n")}\n${END}\n`;
}

if (import.meta.main) process.stdout.write(subscriptionsToml());
