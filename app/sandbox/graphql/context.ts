/** What resolvers may reach: one shop's data and the machinery around it. */
import type { DocumentNode, GraphQLSchema } from "graphql";
import type { Grants } from "../auth/grants.ts";
import type { FileBytes } from "../data/file-bytes.ts";
import type { InstalledApps } from "../apps.ts";
import type { ShopData } from "../data/shop-data.ts";
import type { SandboxClock } from "../types.ts";
import type { BulkRun } from "../bulk/run.ts";
import type { StagedUploads } from "../bulk/uploads.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { FlowDesk } from "../flow/desk.ts";
import type { List } from "./list.ts";
import type { SearchWarning } from "./search.ts";

export interface ShopFacts {
  /** "cedar-synthetic.myshopify.com" */
  readonly domain: string;
  readonly name: string;
  /** Where this sandbox answers. */
  readonly url: string;
  readonly appName: string;
  readonly appHandle: string;
  readonly apiKey: string;
  readonly grants: Grants;
}

export interface Context {
  readonly schema: GraphQLSchema;
  readonly versions: readonly { readonly handle: string; readonly supported: boolean }[];
  /** The app's access scopes, and fields that are closed to it all the same. */
  readonly granted: ReadonlySet<string>;
  readonly denyFields: readonly string[];
  readonly apps: InstalledApps;
  readonly data: ShopData;
  readonly facts: ShopFacts;
  readonly clock: SandboxClock;
  readonly bulk: BulkDoor;
  readonly uploads: StagedUploads;
  /** What lies on the CDN. */
  readonly files: FileBytes;
  readonly webhooks: Webhooks;
  readonly flow: Pick<FlowDesk, "receive">;
  /** Who asks: bulk operations and webhook subscriptions belong to the app; an offline token has no user. */
  readonly staffId: number | null;
  readonly warnings: SearchWarning[];
  /** Runs one operation as if it were sent by itself, without its cost: for bulk mutations. */
  readonly run: (text: string, variables: Readonly<Record<string, unknown>>) => Promise<object>;
}

/** Bulk operations, as resolvers need them (bulk/engine.ts). Operations are answered as GraphQL's BulkOperation. */
export interface BulkDoor {
  running(type: string): readonly { readonly id: number }[];
  free(type: string): number;
  startQuery(schema: GraphQLSchema, document: DocumentNode, query: string, context: Context, grouped: boolean): number;
  start(type: "QUERY" | "MUTATION", query: string, run: BulkRun): number;
  cancel(id: number): "canceling" | "ended" | "unknown";
  get(id: number): (Record<string, unknown> & { readonly id: string }) | null;
  newest(type: string): object | null;
  list(query: string, sort: "CREATED_AT" | "COMPLETED_AT"): List;
}

/** Reads one field of one object. Sources are the records of data/records.ts, or plain objects with GraphQL's own field names. */
export type Resolve<S = never> = (source: S, args: Readonly<Record<string, unknown>>, context: Context) => unknown;
export type Fields<S> = Readonly<Record<string, Resolve<S>>>;

/** An object in a place where its type is not clear from the schema (Node, HasMetafields, unions). */
export function typed<T extends object>(typeName: string, record: T | null): (T & { readonly __typename: string }) | null {
  return record === null ? null : { ...record, __typename: typeName };
}

/** "2024-01-01T00:00:04Z" */
export function iso(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

export function isoOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : iso(milliseconds);
}

export function money(hundredths: number, currencyCode: string): { readonly amount: string; readonly currencyCode: string } {
  return { amount: (hundredths / 100).toFixed(hundredths % 10 === 0 ? 1 : 2), currencyCode };
}

export function moneyBag(hundredths: number, currencyCode: string): object {
  const amount = money(hundredths, currencyCode);
  return { shopMoney: amount, presentmentMoney: amount };
}
