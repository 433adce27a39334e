/** Which records a webhook is about: the catalogue's topics, and the place of the id in each payload. Nothing else of a payload is read. */
import { z } from "zod";
import { WHOLE_KIND, type CaptureCatalogue, type CaptureEvent, type CaptureKind } from "#app/workflows/ports.ts";
import { METAFIELD_CHILD, type Kind, type Topic } from "#app/sources/shopify/catalogue/kind.ts";
import { dateOf } from "./read-webhook.ts";

type Described = Pick<Kind, "kind" | "types" | "stream" | "topics" | "children" | "parts" | "read" | "one">;

interface Route extends Topic {
  readonly kind: string;
  /** Of the GIDs of its roots; the first is taken for a bare number. */
  readonly types: readonly string[];
  readonly fetch: CaptureKind["fetch"];
}

export interface TopicRoutes {
  /** In byte order. */
  readonly topics: readonly string[];
  has(topic: string): boolean;
  /** What the payload is about; empty when nothing in it names a record. Never throws: the payload is whatever came. */
  changesOf(topic: string, payload: unknown): readonly Pick<CaptureEvent, "kind" | "recordId" | "action" | "occurredAt">[];
}

const NumericId = z.union([z.number().int().positive().max(Number.MAX_SAFE_INTEGER).transform(String), z.string().regex(/^[1-9]\d{0,19}$/)]);
const Gid = z.string().max(200).regex(/^gid:\/\/shopify\/[A-Za-z]+\/[A-Za-z0-9_-]+$/);

export function topicRoutes(kinds: readonly Described[]): TopicRoutes {
  const routes = new Map<string, Route[]>();
  for (const one of kinds) {
    for (const topic of one.topics) routes.set(topic.topic, [...(routes.get(topic.topic) ?? []), { ...topic, kind: one.kind, types: one.types, fetch: fetchOf(one) }]);
  }
  return {
    topics: [...routes.keys()].sort(),
    has: (topic) => routes.has(topic),
    changesOf: (topic, payload) => {
      const occurredAt = occurredIn(payload);
      const found = new Map<string, Pick<CaptureEvent, "kind" | "recordId" | "action" | "occurredAt">>();
      for (const route of routes.get(topic) ?? []) {
        const recordId = recordOf(payload, route);
        found.set(`${route.kind} ${recordId}`, { kind: route.kind, recordId, action: route.action, occurredAt });
      }
      return [...found.values()];
    },
  };
}

/** A payload whose record cannot be told may be about any: the whole kind is looked at again, by the next snapshot. A kind of one object needs no id. */
function recordOf(payload: unknown, route: Route): string {
  if (route.fetch === "object") return route.kind;
  if (route.fetch === "none" || route.whole === true) return WHOLE_KIND;
  return recordIn(payload, route) ?? WHOLE_KIND;
}

function fetchOf({ read, one }: Pick<Described, "read" | "one">): CaptureKind["fetch"] {
  return read.how === "object" ? "object" : one === null ? "none" : "record";
}

function recordIn(payload: unknown, { id, types }: Route): string | null {
  for (const path of id === undefined ? ["admin_graphql_api_id", "id"] : [id, "admin_graphql_api_id"]) {
    const value = at(payload, path);
    const gid = Gid.safeParse(value);
    if (gid.success && types.includes(/^gid:\/\/shopify\/([A-Za-z]+)\//.exec(gid.data)?.[1] ?? "")) return gid.data;
    const number = NumericId.safeParse(value);
    // A bare number can only be made a GID where there is one type it can be of.
    if (number.success && types.length === 1) return `gid://shopify/${types[0]}/${number.data}`;
  }
  return null;
}

function at(payload: unknown, path: string): unknown {
  let value = payload;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function occurredIn(payload: unknown): Date | null {
  return dateOf(at(payload, "updated_at")) ?? dateOf(at(payload, "created_at"));
}

/** Topics that need a filter naming one type of entry, which no file can know: a shop's types are its own. They are subscribed to shop by shop, once its types are known. */
const NEEDS_FILTER = /^metaobjects\//;

export function isSubscribed(topic: string): boolean {
  return !NEEDS_FILTER.test(topic);
}

/** Those, with the members of their payloads that are asked for; `type` for the filter to look at. */
export function typedTopics(kinds: readonly Described[]): ReadonlyMap<string, readonly string[]> {
  return new Map(topicRoutes(kinds).topics.filter((topic) => !isSubscribed(topic)).map((topic) => [topic, [...fieldsOf(kinds, topic), "type"].sort()]));
}

/** Members a subscription needs to be sent (`include_fields`): ids and times. */
export function fieldsOf(kinds: readonly Described[], topic: string): string[] {
  const fields = new Set(["id", "admin_graphql_api_id", "updated_at"]);
  for (const { topics } of kinds) for (const one of topics) if (one.topic === topic && one.id !== undefined) fields.add(one.id);
  return [...fields].sort();
}

export function captureCatalogue(kinds: readonly Described[]): CaptureCatalogue {
  return {
    kinds: kinds.map(({ kind, types, stream, topics, children, parts, read, one }): CaptureKind => ({
      kind,
      stream,
      streams: [stream, ...parts.map((part) => part.stream)],
      types,
      kinds: [...new Set([...types, kind, ...children.map((child) => child.kind), ...parts.flatMap((part) => (part.how === "details" ? [part.kind] : []))])],
      hasTopics: topics.length > 0,
      ...(topics.length > 0 && !topics.some(({ topic }) => isSubscribed(topic)) ? { perShop: true as const } : {}),
      ...(topics.length > 0 && children.some((child) => child.kind === METAFIELD_CHILD.kind) ? { metafields: true as const } : {}),
      fetch: fetchOf({ read, one }),
    })),
    orderedKinds: new Set(kinds.flatMap((kind) => kind.children.filter((child) => child.ordered).map((child) => child.kind))),
  };
}
