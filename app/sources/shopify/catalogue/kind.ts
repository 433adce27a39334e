/**
 * What the catalogue says about one kind: how it is read, what its children are, what a restore writes, and what the platform never gives back.
 * One file per kind; all.ts lists them. Everything here is data and small pure functions.
 */
import type { References } from "../references.ts";

/** One record, parsed. */
export interface Node {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A root record with its direct children, in their order. */
export interface Family {
  readonly root: Node;
  readonly children: readonly Node[];
}

/**
 * Why a field of a restored record cannot be what it was.
 * - "platform.assigns": the platform gives it on creation (ids, timestamps, confirmation numbers) and no input takes it.
 * - "platform.computes": worked out by the platform from other records (totals, counters).
 * - "platform.history": the outcome of things that happened (fulfilment, cancellation, account activation), not settable as a state.
 * - "kind.not_restored": refers to a kind that this version does not restore (products, files).
 */
export type LossReason = "platform.assigns" | "platform.computes" | "platform.history" | "kind.not_restored";

export type Losses = Readonly<Record<string, LossReason>>;

export interface ChildKind {
  readonly kind: string;
  /** Their order means something and is kept. */
  readonly ordered: boolean;
  readonly losses: Losses;
}

export type Read =
  /** One bulk query for the whole kind: at most 5 connections, 2 deep, none inside a list. */
  | { readonly how: "bulk"; readonly query: string }
  /** Pages of a connection at `connection`, once for each set of variables. */
  | { readonly how: "pages"; readonly query: string; readonly connection: string; readonly variables: readonly Readonly<Record<string, unknown>>[] }
  /** Once per metaobject type: pages when there are few, a bulk query when there are many. */
  | { readonly how: "by-type"; readonly query: string; readonly connection: string; readonly bulkQuery: (type: string) => string };

/** The shop's own count of a kind. `query` answers one field of type Count. */
export interface CountQuery {
  readonly query: string;
  readonly field: string;
}

/** How one family is written. */
export interface Write {
  readonly mutation: string;
  /** The mutation's field in the answer: data.<payload>. */
  readonly payload: string;
  /** The member of the payload that holds the new node. */
  readonly node: string;
  /** "bulk": many by one staged upload; "single": one request each (definitions, which are few and depend on each other). */
  readonly how: "bulk" | "single";
  readonly variables: (family: Family, references: References) => Readonly<Record<string, unknown>>;
}

export interface Kind {
  /** The type in the record's GID. */
  readonly kind: string;
  readonly stream: string;
  /** Access scopes it needs to be read. */
  readonly scopes: readonly string[];
  readonly read: Read;
  readonly count: CountQuery | null;
  readonly children: readonly ChildKind[];
  readonly losses: Losses;
  readonly write: Write;
}

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

/** An address as MailingAddressInput takes it. `countryCodeV2` is read, `countryCode` is written. */
export function addressInput(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const input = pick(fields, ["address1", "address2", "city", "company", "firstName", "lastName", "phone", "provinceCode", "zip"]);
  return typeof fields["countryCodeV2"] === "string" ? { ...input, countryCode: fields["countryCodeV2"] } : input;
}

export const ADDRESS_FIELDS = "firstName lastName company address1 address2 city province provinceCode country countryCodeV2 zip phone";
export const METAFIELD_FIELDS = "id namespace key type value createdAt updatedAt";
