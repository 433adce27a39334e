/** Helps tests to start shops and talk to them. */
import { afterEach } from "@jest/globals";
import { startSandbox } from "#app/sandbox/index.ts";
import type { SandboxOptions, SandboxShop } from "#app/sandbox/index.ts";

/** Answers are checked by what tests expect of them, not by types. */
export type Json = any;

export interface Answer {
  readonly data: Json;
  readonly errors?: Json[];
  readonly extensions: Json;
}

const open: SandboxShop[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((shop) => shop.close()));
});

/** A shop that is closed after the test. */
export async function startShop(options: SandboxOptions = {}): Promise<SandboxShop> {
  const shop = await startSandbox({ rateLimit: "off", ...options });
  open.push(shop);
  return shop;
}

export async function ask(shop: SandboxShop, query: string, variables: object = {}, token: string = shop.accessToken): Promise<Answer> {
  const response = await post(shop, query, variables, token);
  if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as Answer;
}

export function post(shop: SandboxShop, query: string, variables: object, token: string): Promise<Response> {
  return fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": token }, body: JSON.stringify({ query, variables }) });
}

/** The data of an answer that must hold no errors. */
export async function data(shop: SandboxShop, query: string, variables: object = {}): Promise<Json> {
  const answer = await ask(shop, query, variables);
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

export async function startBulk(shop: SandboxShop, query: string, groupObjects = false): Promise<{ readonly id: string | null; readonly status?: string; readonly userErrors: Json[] }> {
  const { bulkOperation, userErrors } = (await data(shop, "mutation ($query: String!, $group: Boolean!) { bulkOperationRunQuery(query: $query, groupObjects: $group) { bulkOperation { id status } userErrors { field message code } } }", { query, group: groupObjects })).bulkOperationRunQuery;
  return { id: bulkOperation?.id ?? null, status: bulkOperation?.status, userErrors };
}

export async function operation(shop: SandboxShop, id: string): Promise<Json> {
  return (await data(shop, "query ($id: ID!) { bulkOperation(id: $id) { id type status errorCode objectCount rootObjectCount fileSize url partialDataUrl createdAt completedAt } }", { id })).bulkOperation;
}

/** Polls until the operation is at rest. Each poll is a whole request, so the engine gets its turns without sleeping. */
export async function settled(shop: SandboxShop, id: string): Promise<Json> {
  for (;;) {
    const found = await operation(shop, id);
    if (!["CREATED", "RUNNING", "CANCELING"].includes(found.status)) return found;
  }
}

export async function bulkLines(shop: SandboxShop, query: string, groupObjects = false): Promise<Json[]> {
  const { id, userErrors } = await startBulk(shop, query, groupObjects);
  if (id === null) throw new Error(JSON.stringify(userErrors));
  const found = await settled(shop, id);
  if (found.status !== "COMPLETED") throw new Error(`${found.status} ${found.errorCode}`);
  return found.url === null ? [] : parseLines(await (await fetch(found.url)).text());
}

export function parseLines(text: string): Json[] {
  return text === "" ? [] : text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Every node of a root connection, page by page. */
export async function allPages(shop: SandboxShop, root: string, selection: string, args = "", first = 7): Promise<Json[]> {
  const nodes: Json[] = [];
  let after: string | null = null;
  do {
    const page: Json = (await data(shop, `query ($after: String) { ${root}(first: ${first}, after: $after${args}) { nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`, { after }))[root];
    nodes.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return nodes;
}
