/** The app's own subscriptions, from shopify.app.toml, as routes of a simulated shop. Those that need a filter per shop (metaobjects) the app makes itself, as in any shop. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Subscription {
  readonly topic: string;
  readonly address: string;
  readonly filter?: string;
}

const FILE = join(import.meta.dirname, "../../shopify.app.toml");

export function subscriptions(): Subscription[] {
  return inToml(readFileSync(FILE, "utf8"));
}

/** Reads nothing of TOML but `[[webhooks.subscriptions]]` tables of one-line strings and lists, which is how ours are written. */
function inToml(text: string): Subscription[] {
  return text
    .split("[[webhooks.subscriptions]]")
    .slice(1)
    .flatMap((table) => {
      const uri = /^\s*uri\s*=\s*"([^"]+)"/m.exec(table)?.[1];
      const filter = /^\s*filter\s*=\s*"([^"]+)"/m.exec(table)?.[1];
      const topics = [...table.matchAll(/^\s*(?:compliance_)?topics\s*=\s*\[([^\]]*)\]/gm)].flatMap(([, list]) => [...(list ?? "").matchAll(/"([^"]+)"/g)].map(([, topic]) => topic ?? ""));
      return uri === undefined ? [] : topics.map((topic) => ({ topic, address: uri, ...(filter === undefined ? {} : { filter }) }));
    });
}
