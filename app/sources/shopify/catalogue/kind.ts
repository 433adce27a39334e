/**
 * What the catalogue says about one kind: how it is read, how one of it is fetched, what its children are, which webhooks tell of it, what a
 * restore writes, and what the platform never gives back. One file per kind; all.ts lists them. Everything here is data and small pure functions.
 */
import type { References } from "../references.ts";

/** One record, parsed. */
export interface Node {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A root record with its descendants, in their order. */
export interface Family {
  readonly root: Node;
  readonly children: readonly Node[];
}

/**
 * Why a field of a restored record cannot be what it was.
 * - "platform.assigns": the platform gives it on creation (ids, timestamps, confirmation numbers) and no input takes it.
 * - "platform.computes": worked out by the platform from other records (totals, counters).
 * - "platform.history": the outcome of things that happened (fulfilment, cancellation, account activation), not settable as a state.
 * - "platform.secret": the platform shows a masked form only (gift card codes), so the original cannot be given back.
 * - "kind.not_restored": refers to a kind that this version does not restore.
 */
export type LossReason = "platform.assigns" | "platform.computes" | "platform.history" | "platform.secret" | "kind.not_restored";

export type Losses = Readonly<Record<string, LossReason>>;

/** Why a whole kind (or child kind) is kept but not written back. */
export type NotRestored =
  /** Nothing in the API creates one: it is the trace of what happened. */
  | "platform.history"
  /** The platform makes it anew by itself from what is restored. */
  | "platform.computes"
  /** The shop's own catalogue and settings: kept because text of theirs can hold customer data, put back from the record by hand. */
  | "merchant.catalogue";

/** The original's id of something that a record of this side refers to; undefined when it has none. */
export type OldId = (id: string) => string | undefined;

/**
 * What of a record's fields (its losses already left out) must be equal in a restored copy, where leaving members out is not enough: references as the
 * original's ids, lists without what the platform adds. Null: this record is not written back, so there is nothing to compare it with.
 */
export type Compared = (fields: Readonly<Record<string, unknown>>, oldId: OldId) => Readonly<Record<string, unknown>> | null;

export interface ChildKind {
  readonly kind: string;
  /** Their order means something and is kept. */
  readonly ordered: boolean;
  readonly losses: Losses;
  /** Absent: written with the root. */
  readonly notRestored?: NotRestored;
  readonly compared?: Compared;
  /** What one is called among its siblings in both shops. Absent: its place where they are ordered, its content elsewhere. */
  readonly name?: (fields: Readonly<Record<string, unknown>>) => string;
}

/** One bulk query: at most 5 connections, 2 deep, none inside a list, nodes that implement Node. */
export interface BulkRead {
  readonly how: "bulk";
  readonly query: string;
  /** The same for the part of the kind that a search finds ("updated_at:>='2026-01-01T00:00:00Z'"), sorted so that the search is quick. Null: cannot be narrowed. */
  readonly narrowed: ((search: string) => string) | null;
}

/** Pages of a connection at `connection`, once for each set of variables; `$after` is the cursor. */
export interface PagedRead {
  readonly how: "pages";
  readonly query: string;
  readonly connection: string;
  readonly variables: readonly Readonly<Record<string, unknown>>[];
  /**
   * How to go on beyond the platform's 25,000 objects: the query takes `$search: String` and is sorted by id, ascending, so that the next window is
   * `id:>N`, N the number of the last id seen, in addition to `base` where there is one. Null: the platform allows fewer than that, or no search.
   */
  readonly window: { readonly by: "id"; readonly base: string | null } | null;
}

/** Once per metaobject type: pages when there are few, a bulk query when there are many. */
export interface ByTypeRead {
  readonly how: "by-type";
  readonly query: string;
  readonly connection: string;
  readonly bulkQuery: (type: string, search?: string) => string;
}

/** The one object of its kind at a field of the query root; its children are paged as `one` pages them. */
export interface ObjectRead {
  readonly how: "object";
  readonly query: string;
  readonly field: string;
}

export type Read = BulkRead | PagedRead | ByTypeRead | ObjectRead;

/**
 * More of the same roots, where one query cannot hold it all. `stream` names it in progress and gaps; its records belong to the kind. A shop that does not grant
 * `scopes` loses this part only.
 * - "bulk": a second bulk query over the same roots. Its root lines (those without __parentId) only carry ids and are dropped.
 *   `one` asks for the same of one root, as Kind.one does; `nested`, by type, for one child with all of its own children.
 * - "details": what no bulk query reaches (connections inside lists, nodes without an id). `query` takes `$ids: [ID!]!` and `$size: Int!`: `batch` roots are
 *   asked for with `size`, and a root with more alone with `most`; both stay below 1,000 points. See details.ts for what becomes of the answer.
 * - "content": the bytes a record points to, downloaded and kept in pieces; see content.ts.
 */
export type Part =
  | (BulkRead & { readonly stream: string; readonly scopes: readonly string[]; readonly one: string; readonly nested: Readonly<Record<string, string>> })
  | { readonly how: "details"; readonly stream: string; readonly scopes: readonly string[]; readonly kind: string; readonly query: string; readonly batch: number; readonly size: number; readonly most: number }
  | { readonly how: "content"; readonly stream: string; readonly scopes: readonly string[]; readonly kind: string; readonly address: (fields: Readonly<Record<string, unknown>>) => string | null };

/** The shop's own count of a kind. `query` answers one field of type Count. */
export interface CountQuery {
  readonly query: string;
  readonly field: string;
  /**
   * Where the platform counts no further than 10,000 and takes no other limit: the same with `$search: String!`, to be asked for windows of ids one by one.
   * `base`: the search that stands in `query`.
   */
  readonly windowed?: { readonly query: string; readonly base: string };
  /**
   * No field of the query root counts the kind, but each of its parents counts its own: `field` stands in the nodes of `connection`, which is paged with `$after: String` and, beyond the platform's
   * 25,000 objects, with `$search: String`. The sum is the count.
   */
  readonly summed?: { readonly connection: string };
  /** Whether it counts all that can be read (hidden and rejected ones, too) is not documented: fewer than it says are missing, and more prove nothing. */
  readonly atLeast?: true;
}

export interface Incremental {
  /** The search term: `updated_at:>='…'`. */
  readonly filter: "updated_at";
  /** Searching by a field other than the sort key can time out (https://shopify.dev/docs/api/usage/pagination-graphql#search-performance-considerations). */
  readonly sortKey: string;
}

export interface Topic {
  /** As webhooks spell it in their header: "customers/update". */
  readonly topic: string;
  /** What it means for a record of this kind. */
  readonly action: "create" | "update" | "delete";
  /** The payload's member with this kind's id, where it is not `admin_graphql_api_id`: a number or a GID. Dots lead into objects. */
  readonly id?: string;
  /** The payload carries no id of this kind that can be used: read the whole kind again. */
  readonly whole?: boolean;
}

/** How one family is written. */
export interface Write {
  readonly mutation: string;
  /** The mutation's field in the answer: data.<payload>. */
  readonly payload: string;
  /** The member of the payload that holds the new node. */
  readonly node: string;
  /**
   * "bulk": many by one staged upload; "single": one request each (definitions, which are few and depend on each other); "files": the bytes are uploaded
   * first, and `variables` gets what goes with them in `files[0]`.
   */
  readonly how: "bulk" | "single" | "files";
  readonly variables: (family: Family, references: References) => Readonly<Record<string, unknown>>;
  /** True: this one is not written (a completed draft is an order already). `compared` says the same. */
  readonly skips?: (root: Node) => boolean;
  /** What can only be written once the root exists. */
  readonly after?: readonly FollowUp[];
}

/** A mutation about something below a root that was created before. Many of them run as one bulk mutation. */
export interface FollowUp {
  readonly mutation: string;
  readonly payload: string;
  /** The member of the payload with the new node's id; null: nothing gets an id that anything refers to. */
  readonly node: string | null;
  /** `newId`: the id of the root in the restored shop. */
  readonly each: (family: Family, newId: string, references: References) => readonly { readonly of: Node; readonly variables: Readonly<Record<string, unknown>> }[];
}

export interface Kind {
  /** Its name; the type in the GID of its records, where all are of one type. */
  readonly kind: string;
  /** The types in the GIDs of its root records: a connection of an interface holds several. */
  readonly types: readonly string[];
  /** For people: "gift card", "gift cards". */
  readonly titles: { readonly one: string; readonly many: string };
  readonly stream: string;
  /** Access scopes it needs to be read. */
  readonly scopes: readonly string[];
  readonly read: Read;
  readonly parts: readonly Part[];
  /**
   * One root by its id with its children: a query with `$id: ID!` and a cursor for each connection below it (named `$<connection>After`), answering `node`.
   * current.ts turns it into the records a snapshot would hold. Null: cannot be asked for by id.
   */
  readonly one: string | null;
  readonly count: CountQuery | null;
  /** Null: every run reads all of it. */
  readonly incremental: Incremental | null;
  readonly topics: readonly Topic[];
  readonly children: readonly ChildKind[];
  readonly losses: Losses;
  readonly compared?: Compared;
  /** Every shop has one already: it is not created, but what hangs on it is put back onto the new shop's. Asks for that one's id at `field`. */
  readonly adopted?: { readonly query: string; readonly field: string };
  /** Null: kept, not written back; `notRestored` says why. */
  readonly write: Write | null;
  readonly notRestored: NotRestored | null;
}

/** A kind that a restore creates anew. */
export type WrittenKind = Kind & { readonly write: Write };

/** Shopify's price for any mutation in points of the rate limit (https://shopify.dev/docs/api/usage/limits: "mutation 10"). */
export const MUTATION_COST = 10;

export const METAFIELD_CHILD: ChildKind = {
  kind: "Metafield",
  ordered: false,
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns" },
};

/** Members of an object, by name, that are neither null nor absent. */
export function pick(fields: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (fields[name] !== null && fields[name] !== undefined) picked[name] = fields[name];
  return picked;
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function childrenOf(family: Family, kind: string): readonly Node[] {
  return family.children.filter((child) => child.kind === kind && child.parentId === family.root.id);
}

/** The members of an address that can be written, as they are read; what else is read of it follows from them. */
export const WRITTEN_ADDRESS: readonly string[] = ["address1", "address2", "city", "company", "countryCodeV2", "firstName", "lastName", "phone", "provinceCode", "zip"];
/** Those that are written under the same name. */
export const PLAIN_ADDRESS: readonly string[] = WRITTEN_ADDRESS.filter((name) => name !== "countryCodeV2");

/** An address as MailingAddressInput takes it. `countryCodeV2` is read, `countryCode` is written. */
export function addressInput(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const input = pick(fields, PLAIN_ADDRESS);
  return typeof fields["countryCodeV2"] === "string" ? { ...input, countryCode: fields["countryCodeV2"] } : input;
}

export const ADDRESS_FIELDS = "firstName lastName company address1 address2 city province provinceCode country countryCodeV2 zip phone";
export const METAFIELD_FIELDS = "id namespace key type value createdAt updatedAt";
