/**
 * Reads a simulated shop without the app's own reading: a bulk query's text from the catalogue, then nothing but fetch, readline and JSON.parse. What no bulk
 * query reaches (kinds and parts that are paged or asked for in detail) is read with the app's source in a calm shop; `independent` says which was which.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { realSleep, ShopifySource } from "#app/sources/shopify/index.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import type { Kind } from "#app/sources/shopify/catalogue/kind.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import type { ShopProcess } from "./processes.ts";

const VERSION = "2026-10";
const BATCH = 1000;

export interface ShopReading {
  records(): AsyncIterable<readonly SourceRecord[]>;
  /** Streams that were read apart from the app's code, and those that were not. Filled while reading. */
  readonly independent: ReadonlySet<string>;
  readonly shared: ReadonlySet<string>;
}

export function readShop(shop: ShopProcess, kinds: readonly Kind[] = CATALOGUE): ShopReading {
  const independent = new Set<string>();
  const shared = new Set<string>();

  async function* records(): AsyncGenerator<readonly SourceRecord[]> {
    for (const kind of kinds) {
      const { read } = kind;
      if (read.how === "bulk") {
        independent.add(kind.stream);
        yield* lines(await bulk(shop, read.query), false);
        for (const part of kind.parts) {
          if (part.how !== "bulk") continue;
          independent.add(part.stream);
          yield* lines(await bulk(shop, part.query), true);
        }
      } else if (read.how === "by-type") {
        independent.add(kind.stream);
        for (const type of await metaobjectTypes(shop)) yield* lines(await bulk(shop, read.bulkQuery(type)), false);
      }
      const rest = restOf(kind);
      if (rest === null) continue;
      for (const stream of rest.streams) shared.add(stream);
      yield* throughSource(shop, rest.kind, rest.only);
    }
  }
  return { records, independent, shared };
}

/** What of a kind is left to the app's source. */
function restOf(kind: Kind): { readonly kind: Kind; readonly streams: readonly string[]; readonly only: ((stream: string) => boolean) | null } | null {
  const byHand = kind.read.how === "bulk" || kind.read.how === "by-type";
  if (!byHand) return { kind, streams: [kind.stream, ...kind.parts.map(({ stream }) => stream)], only: null };
  const parts = new Set(kind.parts.filter(({ how }) => how !== "bulk").map(({ stream }) => stream));
  return parts.size === 0 ? null : { kind: { ...kind, parts: kind.parts.filter(({ stream }) => parts.has(stream)) }, streams: [...parts], only: (stream) => parts.has(stream) };
}

async function* throughSource(shop: ShopProcess, kind: Kind, only: ((stream: string) => boolean) | null): AsyncGenerator<readonly SourceRecord[]> {
  const source = new ShopifySource({
    shop: shop.shop, baseUrl: shop.url, accessToken: () => Promise.resolve(shop.accessToken), clock: { now: () => new Date() }, sleep: realSleep, catalogue: [kind],
  });
  for await (const stream of source.streams({ signal: new AbortController().signal })) {
    for await (const batch of stream.records()) if (only === null || only(stream.name)) yield batch;
    const { gaps } = await stream.finish();
    if (gaps.length > 0) throw new Error(`the calm shop could not be read: ${gaps[0]?.code ?? ""} in ${stream.name}`);
  }
}

async function ask<T>(shop: ShopProcess, query: string, variables: object = {}): Promise<T> {
  for (;;) {
    const answer = await fetch(`${shop.url}/admin/api/${VERSION}/graphql.json`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": shop.accessToken },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await answer.json()) as { data?: T; errors?: readonly { extensions?: { code?: string } }[] };
    if (body.errors === undefined && body.data !== undefined) return body.data;
    if (body.errors?.[0]?.extensions?.code !== "THROTTLED") throw new Error(`the shop refused to be read: ${JSON.stringify(body.errors).slice(0, 500)}`);
    await realSleep(1000);
  }
}

async function metaobjectTypes(shop: ShopProcess): Promise<readonly string[]> {
  const types: string[] = [];
  for (let after: string | null = null; ; ) {
    const query = "query ($after: String) { metaobjectDefinitions(first: 100, after: $after) { nodes { type } pageInfo { hasNextPage endCursor } } }";
    const { metaobjectDefinitions: page }: { metaobjectDefinitions: { nodes: { type: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await ask(shop, query, { after });
    types.push(...page.nodes.map(({ type }) => type));
    if (!page.pageInfo.hasNextPage) return types;
    after = page.pageInfo.endCursor;
  }
}

interface Operation {
  readonly id: string;
  readonly status: string;
  readonly objectCount: string;
  readonly url: string | null;
}

/** The address of the result and how many lines it must have. */
async function bulk(shop: ShopProcess, query: string): Promise<{ readonly url: string | null; readonly objects: number }> {
  const started: { bulkOperationRunQuery: { bulkOperation: Operation | null; userErrors: readonly { message: string }[] } } = await ask(
    shop,
    "mutation ($query: String!) { bulkOperationRunQuery(query: $query) { bulkOperation { id status objectCount url } userErrors { message } } }",
    { query },
  );
  let operation = started.bulkOperationRunQuery.bulkOperation;
  if (operation === null) throw new Error(`the shop refused a bulk query: ${started.bulkOperationRunQuery.userErrors[0]?.message ?? ""}`);
  while (operation.status === "CREATED" || operation.status === "RUNNING") {
    await realSleep(250);
    const now: { bulkOperation: Operation } = await ask(shop, "query ($id: ID!) { bulkOperation(id: $id) { id status objectCount url } }", { id: operation.id });
    operation = now.bulkOperation;
  }
  if (operation.status !== "COMPLETED") throw new Error(`a bulk query of the calm shop ended ${operation.status}`);
  return { url: operation.url, objects: Number(operation.objectCount) };
}

async function* lines({ url, objects }: { readonly url: string | null; readonly objects: number }, childrenOnly: boolean): AsyncGenerator<readonly SourceRecord[]> {
  let read = 0;
  if (url !== null) {
    const answer = await fetch(url);
    if (!answer.ok || answer.body === null) throw new Error(`a result of the calm shop could not be read: ${String(answer.status)}`);
    let batch: SourceRecord[] = [];
    for await (const line of createInterface({ input: Readable.fromWeb(answer.body as ReadableStream), crlfDelay: Infinity })) {
      read++;
      const { id, __parentId: parentId = null } = JSON.parse(line) as { id: string; __parentId?: string };
      if (childrenOnly && parentId === null) continue;
      batch.push({ kind: kindOf(id), id, parentId, bytes: Buffer.from(line) });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  if (read !== objects) throw new Error(`a result of the calm shop has ${String(read)} lines, not ${String(objects)}`);
}

/** gid://shopify/Customer/1 is a Customer. */
export function kindOf(id: string): string {
  return /^gid:\/\/shopify\/([A-Za-z]+)\//.exec(id)?.[1] ?? "?";
}
