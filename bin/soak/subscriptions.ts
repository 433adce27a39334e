/**
 * The app's own subscriptions, from shopify.app.toml, as routes of a simulated shop; and those of the catalogue's topics that are not in it, because they need a
 * filter per shop (metaobjects) and are made through the API.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";

export interface Subscription {
  readonly topic: string;
  readonly address: string;
  readonly filter?: string;
}

const FILE = join(import.meta.dirname, "../../shopify.app.toml");

/** Reads nothing of TOML but `[[webhooks.subscriptions]]` tables of one-line strings and lists, which is how ours are written. */
/** Where changes of any topic are told. */
const CHANGES = "/webhooks/changes";

export function subscriptions(): Subscription[] {
  const own = inToml(readFileSync(FILE, "utf8"));
  const rest = new Set(CATALOGUE.flatMap(({ topics }) => topics.map(({ topic }) => topic)).filter((topic) => !own.some((one) => one.topic === topic)));
  return [...own, ...[...rest].map((topic) => ({ topic, address: CHANGES }))];
}

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
