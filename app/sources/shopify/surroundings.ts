/**
 * What around the records decides which of them there are and can be read: granted scopes, other apps, and what merchant and apps have defined. Names of a
 * shop's configuration, never contents. What the shop refuses to tell (another app's installations need a scope of their own) is null, not empty.
 */
import { z } from "zod";
import { SourceError } from "../port.ts";
import { CATALOGUE, SCOPES } from "./catalogue/all.ts";
import type { ShopifyClient } from "./client.ts";
import { privateData } from "./coverage/private-data.ts";

export interface SurroundingApp {
  /** "gid://shopify/App/1" */
  readonly id: string;
  readonly handle: string | null;
  readonly title: string;
  readonly scopes: readonly string[];
}

export interface Definition {
  /** CUSTOMER, ORDER …; METAOBJECT_DEFINITION for a type of metaobject, whose name is then the key. */
  readonly owner: string;
  readonly namespace: string;
  readonly key: string;
  readonly type: string;
  /** Its values can be read by this app. */
  readonly readable: boolean;
}

export interface Surroundings {
  /** Granted to this app, and needed by the catalogue. */
  readonly scopes: readonly string[];
  readonly needed: readonly string[];
  /** Other apps than this one. Null: the shop does not say. */
  readonly apps: readonly SurroundingApp[] | null;
  readonly definitions: readonly Definition[];
}

export interface ApiVersion {
  readonly handle: string;
  readonly supported: boolean;
}

export const SCOPES_QUERY = `#graphql
  query GrantedScopes { currentAppInstallation { app { id } accessScopes { handle } } }
`;
export const APPS_QUERY = `#graphql
  query InstalledApps($after: String) {
    appInstallations(first: 50, after: $after) { nodes { id accessScopes { handle } app { id handle title } } pageInfo { hasNextPage endCursor } }
  }
`;
export const DEFINED_QUERY = `#graphql
  query DefinedMetafields($ownerType: MetafieldOwnerType!, $after: String) {
    metafieldDefinitions(ownerType: $ownerType, first: 100, after: $after) { nodes { namespace key type { name } access { admin } } pageInfo { hasNextPage endCursor } }
  }
`;
export const TYPES_QUERY = `#graphql
  query DefinedMetaobjects($after: String) { metaobjectDefinitions(first: 100, after: $after) { nodes { type access { admin } } pageInfo { hasNextPage endCursor } } }
`;
export const VERSIONS_QUERY = `#graphql
  query ApiVersions { publicApiVersions { handle supported } }
`;

const Scopes = z.array(z.object({ handle: z.string() })).transform((all) => all.map(({ handle }) => handle).sort());
const PageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });

export async function surroundingsOf(client: ShopifyClient, signal: AbortSignal): Promise<Surroundings> {
  const granted = await client.query(SCOPES_QUERY, {}, z.object({ currentAppInstallation: z.object({ app: z.object({ id: z.string() }), accessScopes: Scopes }) }), signal);
  const { app: self, accessScopes: scopes } = granted.currentAppInstallation;
  const others = (await apps(client, signal))?.filter(({ id }) => id !== self.id) ?? null;
  return { scopes, needed: SCOPES, apps: others, definitions: [...(await metafields(client, self.id, signal)), ...(await metaobjects(client, self.id, signal))] };
}

/** Newest last. Null: the shop does not say. */
export async function apiVersions(client: ShopifyClient, signal: AbortSignal): Promise<readonly ApiVersion[] | null> {
  const answer = await refusable(() => client.query(VERSIONS_QUERY, {}, z.object({ publicApiVersions: z.array(z.object({ handle: z.string(), supported: z.boolean() })) }), signal));
  return answer === null ? null : [...answer.publicApiVersions].sort((a, b) => (a.handle < b.handle ? -1 : 1));
}

async function apps(client: ShopifyClient, signal: AbortSignal): Promise<readonly SurroundingApp[] | null> {
  const Page = z.object({ appInstallations: z.object({ nodes: z.array(z.object({ id: z.string(), accessScopes: Scopes, app: z.object({ id: z.string(), handle: z.string().nullable(), title: z.string() }) })), pageInfo: PageInfo }) });
  return refusable(async () => {
    const all: SurroundingApp[] = [];
    for await (const { appInstallations: page } of pagesOf(client, APPS_QUERY, {}, Page, signal, ({ appInstallations }) => appInstallations.pageInfo)) {
      for (const { accessScopes, app } of page.nodes) all.push({ ...app, scopes: accessScopes });
    }
    return all;
  });
}

async function metafields(client: ShopifyClient, self: string, signal: AbortSignal): Promise<Definition[]> {
  const Page = z.object({
    metafieldDefinitions: z.object({ nodes: z.array(z.object({ namespace: z.string(), key: z.string(), type: z.object({ name: z.string() }), access: z.object({ admin: z.string().nullable() }) })), pageInfo: PageInfo }),
  });
  const all: Definition[] = [];
  for (const owner of ownerTypes()) {
    for await (const { metafieldDefinitions: page } of pagesOf(client, DEFINED_QUERY, { ownerType: owner }, Page, signal, ({ metafieldDefinitions }) => metafieldDefinitions.pageInfo)) {
      for (const { namespace, key, type, access } of page.nodes) all.push({ owner, namespace, key, type: type.name, readable: privateData({ ownerType: owner, namespace, access }, numberOf(self)) === null });
    }
  }
  return all;
}

async function metaobjects(client: ShopifyClient, self: string, signal: AbortSignal): Promise<Definition[]> {
  const Page = z.object({ metaobjectDefinitions: z.object({ nodes: z.array(z.object({ type: z.string(), access: z.object({ admin: z.string().nullable() }) })), pageInfo: PageInfo }) });
  const all: Definition[] = [];
  for await (const { metaobjectDefinitions: page } of pagesOf(client, TYPES_QUERY, {}, Page, signal, ({ metaobjectDefinitions }) => metaobjectDefinitions.pageInfo)) {
    for (const { type, access } of page.nodes) all.push({ owner: "METAOBJECT_DEFINITION", namespace: "", key: type, type: "metaobject", readable: privateData({ type, access }, numberOf(self)) === null });
  }
  return all;
}

/** Owner types whose metafields the catalogue reads. */
function ownerTypes(): readonly string[] {
  const definitions = CATALOGUE.find(({ kind }) => kind === "MetafieldDefinition");
  return definitions?.read.how === "pages" ? definitions.read.variables.map(({ ownerType }) => String(ownerType)) : [];
}

function numberOf(id: string): string | null {
  return /(\d+)$/.exec(id)?.[1] ?? null;
}

async function* pagesOf<T>(client: ShopifyClient, query: string, variables: Readonly<Record<string, unknown>>, page: z.ZodType<T>, signal: AbortSignal, infoOf: (page: T) => z.infer<typeof PageInfo>): AsyncGenerator<T> {
  let after: string | null = null;
  for (;;) {
    const found: T = await client.query(query, { ...variables, after }, page, signal);
    yield found;
    const info = infoOf(found);
    if (!info.hasNextPage || info.endCursor === null) return;
    after = info.endCursor;
  }
}

/** Null where the shop refuses the question itself; whatever concerns the whole shop is thrown on. */
async function refusable<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SourceError && (error.reason !== null || error.code === "source.schema_mismatch")) return null;
    throw error;
  }
}
