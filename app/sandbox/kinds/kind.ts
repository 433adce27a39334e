/** What the sandbox knows about one kind of record that is kept as documents. One file per kind; all.ts lists them. */
import { createdAtOf, updatedAtOf } from "../data/shape.ts";
import type { Shape } from "../data/shape.ts";
import { childId, ID_STEP, metafieldIds } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { MetafieldRecord } from "../data/records.ts";
import type { Doc, StoredKind } from "../data/doc-store.ts";
import type { Context, Fields } from "../graphql/context.ts";
import type { SearchField } from "../graphql/search.ts";

export interface DocKind extends StoredKind {
  /** Other types whose gids name records of this kind (files are GenericFile or MediaImage). */
  readonly alsoNamed?: readonly string[];
  /** Fields of QueryRoot: one by id, the connection, the count. */
  readonly root: { readonly one?: string; readonly list?: string; readonly count?: string };
  /** What the default shapes (graphql/shapes.ts) cannot answer, by type: the kind's own and its children's. */
  readonly fields: Readonly<Record<string, Fields<never>>>;
  /** Search fields beside id, created_at and updated_at. Those three only when `dates` says so. */
  readonly search?: Readonly<Record<string, SearchField<Doc>>>;
  /** False: `updated_at` cannot be searched by, as on the platform (segments, gift cards). Default true. */
  readonly updatedFilter?: boolean;
  /** Webhook topics, in their TOML spelling. */
  readonly topics?: { readonly create?: string; readonly update?: string; readonly delete?: string };
  /** The type that admin_graphql_api_id is spelt with in webhooks, where it is another one. */
  readonly payloadName?: string;
  /** What the webhook's body holds beside id, admin_graphql_api_id, created_at and updated_at. */
  readonly payload?: (doc: Doc) => object;
  /** The webhook of a deletion says what the record was, not its id alone. */
  readonly wholeOnDelete?: boolean;
  /** A scripted edit, or null where nobody edits such records. */
  readonly edit?: (doc: Doc, draw: Draw) => Doc;
  /** Gives a generated record new ids for its children, to stand as a newly made one. Null: scripts make none. */
  readonly renew?: (doc: Doc, newId: () => number) => Doc;
  readonly mutations?: Fields<unknown>;
}

/** What every maker starts with: the draw at record i, its id and its times. */
export function start(shape: Shape, draw: Draw, i: number): { readonly id: number; readonly createdAt: number; readonly updatedAt: number } {
  draw.at(i);
  const createdAt = createdAtOf(i, draw.next());
  return { id: shape.firstId + i * ID_STEP, createdAt, updatedAt: updatedAtOf(createdAt) };
}

/** Ids of children of record i: unique within the children's type. */
export function childOf(i: number, slot: number): number {
  return childId({ from: 1_000_000_000_000, room: 8, step: ID_STEP }, i, slot);
}

/** Where each kind's metafields lie among the ids. The order is fixed: ids would change with it. */
export const METAFIELD_OWNERS = ["DraftOrder", "Product", "ProductVariant", "Company", "CompanyLocation", "Page", "Blog", "Article", "DiscountNode", null, null, null, null, null, null, null] as const;

/** Generated metafields of record i, from [key, type, value]. */
export function metafieldsOf(kind: (typeof METAFIELD_OWNERS)[number], i: number, at: { readonly createdAt: number; readonly updatedAt: number }, namespace: string, values: readonly (readonly [key: string, type: string, value: string])[]): MetafieldRecord[] {
  const ids = metafieldIds(METAFIELD_OWNERS.indexOf(kind));
  return values.map(([key, type, value], slot) => ({ id: childId(ids, i, slot), createdAt: at.createdAt, updatedAt: at.updatedAt, namespace, key, type, value }));
}

/** Members of a document by name, as text. */
export function text(doc: Doc, name: string): string | null {
  const value = doc[name];
  return typeof value === "string" ? value : null;
}

export function texts(doc: Doc, name: string): readonly (string | null)[] {
  const value = doc[name];
  return Array.isArray(value) ? (value as readonly string[]) : [text(doc, name)];
}

export const textField = (name: string): SearchField<Doc> => ({ kind: "text", of: (doc) => texts(doc, name) });

/** A document's record of another kind. */
export function docOf(context: Context, type: string, id: unknown): Doc | null {
  return typeof id === "number" ? context.data.store(type).get(id) : null;
}

export function customerOf(doc: Doc, _args: unknown, context: Context): object | null {
  return typeof doc["customerId"] === "number" ? context.data.customers.get(doc["customerId"]) : null;
}

/** HTML without its tags. */
export function plain(html: string): string {
  return html.replace(/<[^>]*>/g, "");
}

/** The handle a record gets: the one asked for (null when another has it), else its own, else one from its title. For kinds of few records. */
export function handleFrom(context: Context, type: string, before: Doc | null, asked: string | null | undefined, title: string): string | null {
  const taken = (handle: string): boolean => [...context.data.store(type).records.scan({ sort: "id" })].some((other) => other["handle"] === handle && other.id !== before?.id);
  if (asked != null && asked !== "") return taken(asked) ? null : asked;
  if (before !== null) return text(before, "handle");
  const stem = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || type.toLowerCase();
  let handle = stem;
  for (let n = 1; taken(handle); n++) handle = `${stem}-${n}`;
  return handle;
}
