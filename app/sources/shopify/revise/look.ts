/** Looks at the shop before it is written to: what a record is now, whether it is as it was, and what was created lately. */
import { z } from "zod";
import type { SourceRecord } from "#app/vault/index.ts";
import { currentRecords, objectRecords } from "../catalogue/current.ts";
import { asList, asObject, type Family, type Kind, type Node } from "../catalogue/kind.ts";
import type { ShopifyClient } from "../client.ts";
import { canonical } from "../comparable.ts";
import type { Identities } from "./identities.ts";
import { comparableFamily, familyOf } from "./work.ts";

type Fields = Readonly<Record<string, unknown>>;
const Data = z.record(z.string(), z.unknown());

/** Kinds whose updatedAt says whether they were changed; the others are read whole. */
const STAMPED = ["Customer", "Order", "DraftOrder", "Company", "CompanyLocation", "GiftCard", "Page", "Blog", "Article", "Metaobject", "Product", "ProductVariant", "Collection"] as const;
const AT_ONCE = 250;
/** What one query may cost leaves room for so many whole records at once. */
const READ_AT_ONCE = 6;

export function stampsQuery(type: string): string {
  return `#graphql
  query StampsOf($ids: [ID!]!) {
    nodes(ids: $ids) { id ... on ${type} { updatedAt } }
  }
`;
}

export const STAMP_QUERIES: readonly string[] = STAMPED.map(stampsQuery);

export const DIGESTS = `#graphql
  query DigestsOf($ids: [ID!]!) {
    nodes(ids: $ids) { id ... on Metafield { value type compareDigest } }
  }
`;

/** The connections that list roots newest first. */
const CONNECTIONS: Readonly<Record<string, string>> = {
  Customer: "customers",
  Order: "orders",
  DraftOrder: "draftOrders",
  Company: "companies",
  CompanyLocation: "companyLocations",
  GiftCard: "giftCards",
  Page: "pages",
  Blog: "blogs",
  Article: "articles",
  Segment: "segments",
  File: "files",
};

export function newestQuery(connection: string): string {
  return `#graphql
  query Newest($first: Int!, $after: String) {
    ${connection}(first: $first, after: $after, reverse: true, sortKey: ID) { nodes { id } pageInfo { hasNextPage endCursor } }
  }
`;
}

export const NEWEST_QUERIES: readonly string[] = Object.values(CONNECTIONS).map(newestQuery);

/** What a metaobject is called among those of its type. */
export const BY_HANDLE = `#graphql
  query MetaobjectByHandle($handle: MetaobjectHandleInput!) { metaobjectByHandle(handle: $handle) { id } }
`;

export class Look {
  readonly #client: ShopifyClient;
  readonly #signal: AbortSignal;

  constructor(client: ShopifyClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** The record with all that belongs to it; null: there is none of this id. */
  async at(kind: Kind, id: string): Promise<Family | null> {
    const records = await this.recordsAt(kind, id);
    return records === null ? null : familyOf(records);
  }

  async recordsAt(kind: Kind, id: string): Promise<readonly SourceRecord[] | null> {
    const ask = (query: string, variables: Fields): Promise<Fields> => this.#client.query(query, variables, Data, this.#signal);
    let records: readonly SourceRecord[] | null = null;
    if (kind.read.how === "object") records = await objectRecords(kind, ask);
    else if (kind.one !== null) records = await currentRecords(kind, id, ask);
    return records === null || records.length === 0 ? null : records;
  }

  async all(kind: Kind, ids: readonly string[]): Promise<Map<string, Family | null>> {
    const families = new Map<string, Family | null>();
    for (const [id, records] of await this.records(kind, ids)) families.set(id, records === null ? null : familyOf(records));
    return families;
  }

  async records(kind: Kind, ids: readonly string[]): Promise<Map<string, readonly SourceRecord[] | null>> {
    const found = new Map<string, readonly SourceRecord[] | null>();
    await someAtOnce(ids, async (id) => void found.set(id, await this.recordsAt(kind, id)));
    return found;
  }

  /** Ids of those of these metaobjects whose handle the shop has already. */
  async handles(roots: readonly Node[]): Promise<ReadonlySet<string>> {
    const taken = new Set<string>();
    await someAtOnce(roots, async ({ id, fields: { type, handle } }) => {
      if (asObject((await this.#client.query(BY_HANDLE, { handle: { type, handle } }, Data, this.#signal))["metaobjectByHandle"]) !== null) taken.add(id);
    });
    return taken;
  }

  /** Those of these records that are surely as they were read: their updatedAt is the same. */
  async unchanged(kind: Kind, roots: readonly Node[]): Promise<ReadonlySet<string>> {
    const same = new Set<string>();
    const type = STAMPED.find((one) => kind.types.includes(one));
    if (type === undefined) return same;
    for (let at = 0; at < roots.length; at += AT_ONCE) {
      const part = roots.slice(at, at + AT_ONCE);
      const data = await this.#client.query(stampsQuery(type), { ids: part.map(({ id }) => id) }, Data, this.#signal);
      const stamps = new Map(asList(data["nodes"]).map((node) => [asObject(node)?.["id"], asObject(node)?.["updatedAt"]]));
      for (const { id, fields } of part) if (typeof fields["updatedAt"] === "string" && stamps.get(id) === fields["updatedAt"]) same.add(id);
    }
    return same;
  }

  /** By id: what the platform compares before it overwrites. A metafield that is gone is not in the answer. */
  async digests(ids: readonly string[]): Promise<ReadonlyMap<string, { readonly value: unknown; readonly type: unknown; readonly digest: string }>> {
    const found = new Map<string, { value: unknown; type: unknown; digest: string }>();
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const data = await this.#client.query(DIGESTS, { ids: ids.slice(at, at + AT_ONCE) }, Data, this.#signal);
      for (const item of asList(data["nodes"])) {
        const node = asObject(item);
        if (typeof node?.["id"] === "string" && typeof node["compareDigest"] === "string") found.set(node["id"], { value: node["value"], type: node["type"], digest: node["compareDigest"] });
      }
    }
    return found;
  }

  /** The newest id of its kind; null: there is none, or the kind is not listed so. */
  async newest(kind: Kind): Promise<string | null> {
    for await (const id of this.#newestFirst(kind, 1)) return id;
    return null;
  }

  /** Ids of roots that were created after `after`, which was the newest then. */
  async createdAfter(kind: Kind, after: string | null): Promise<readonly string[]> {
    const limit = after === null ? 0 : numberOf(after);
    const ids: string[] = [];
    for await (const id of this.#newestFirst(kind, 100)) {
      if (numberOf(id) <= limit) break;
      ids.push(id);
    }
    return ids;
  }

  async *#newestFirst(kind: Kind, first: number): AsyncGenerator<string> {
    const connection = CONNECTIONS[kind.kind];
    if (connection === undefined) return;
    for (let after: unknown = null; ; ) {
      const page = asObject((await this.#client.query(newestQuery(connection), { first, after }, Data, this.#signal))[connection]);
      for (const node of asList(page?.["nodes"])) {
        const id = asObject(node)?.["id"];
        if (typeof id === "string") yield id;
      }
      const info = asObject(page?.["pageInfo"]);
      if (info?.["hasNextPage"] !== true) return;
      after = info["endCursor"];
    }
  }
}

async function someAtOnce<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < all.length; n = next++) await work(all[n]!);
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(READ_AT_ONCE, all.length) }, worker));
  const failed = ended.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function numberOf(id: string): number {
  return Number(/\/(\d+)$/.exec(id)?.[1] ?? 0);
}

/** Equal in the comparable form, as far as the shop has it: what is written after a record was created may be missing from it. */
export function isCopyOf(original: Family, candidate: Family, identities: Identities): boolean {
  const oldId = (id: string): string | undefined => (id === candidate.root.id ? original.root.id : identities.oldId(id));
  const then = comparableFamily(original, (id) => id);
  for (const [id, record] of comparableFamily(candidate, oldId)) {
    const was = then.get(id);
    if (was === undefined || Buffer.compare(was.bytes, record.bytes) !== 0) return false;
  }
  return true;
}

/** Whether two readings of a family are of the same state. */
export function isSameState(a: Family, b: Family): boolean {
  const text = (family: Family): string => [family.root, ...family.children].map(({ kind, fields }) => `${kind} ${canonical(withoutNoise(fields))}`).sort().join("\n");
  return text(a) === text(b);
}

/** Without what moves by itself. */
function withoutNoise(fields: Fields): Fields {
  const { updatedAt: _, __parentId: __, ...rest } = fields;
  return rest;
}
