/**
 * Puts a value of every type into a sandbox shop: into metafields of customers, orders and the shop itself, and into a metaobject; then one value for each definition that
 * a real shop has, so that a drill meets its namespaces, keys and types without a byte of its data. Through the same mutations as any app.
 */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { SandboxShop } from "../types.ts";
import { SandboxError } from "../types.ts";
import { EVERY_TYPE, sampleOf } from "./samples.ts";

/** A definition as a shop's configuration names it: no data. */
export interface DefinitionShape {
  /** As the platform spells it: "CUSTOMER", "ORDER". */
  readonly owner: string;
  readonly namespace: string;
  readonly key: string;
  readonly type: string;
}

const NAMESPACE = `${SYNTHETIC_MARK}_every_type`;
const AT_ONCE = 25;
/** A drill takes minutes, not hours: of a shop's definitions the first so many. */
const MOST_DEFINITIONS = 200;

const ONE_OF_EACH = `{
  shop { id }
  customers(first: 2) { nodes { id } } orders(first: 2) { nodes { id } } draftOrders(first: 1) { nodes { id } } companies(first: 1) { nodes { id } } companyLocations(first: 1) { nodes { id } }
  pages(first: 1) { nodes { id } } blogs(first: 1) { nodes { id } } articles(first: 1) { nodes { id } } products(first: 1) { nodes { id } } productVariants(first: 1) { nodes { id } } files(first: 1) { nodes { id } }
  metaobjects(type: "care_plan", first: 1) { nodes { id } }
}`;

/** The owner's type in a gid, by the platform's word for it. */
const OWNERS: Readonly<Record<string, string>> = {
  CUSTOMER: "Customer", ORDER: "Order", DRAFTORDER: "DraftOrder", COMPANY: "Company", COMPANY_LOCATION: "CompanyLocation", PAGE: "Page", BLOG: "Blog", ARTICLE: "Article", PRODUCT: "Product", PRODUCTVARIANT: "ProductVariant", SHOP: "Shop",
};

export interface Filled {
  /** Types that a value was set of. */
  readonly types: readonly string[];
}

export async function fillEveryType(shop: Pick<SandboxShop, "url" | "accessToken">, definitions: readonly DefinitionShape[], signal: AbortSignal): Promise<Filled> {
  const ask = async (query: string, variables: object = {}): Promise<Record<string, unknown>> => admin(shop, query, variables, signal);
  const ids = idsIn(await ask(ONE_OF_EACH));
  const types = EVERY_TYPE.filter((type) => sampleOf(type, ids) !== null);
  const set: { ownerId: string; namespace: string; key: string; type: string; value: string }[] = [];
  const add = (owner: string, { namespace, key, type }: Omit<DefinitionShape, "owner">): void => {
    const ownerId = ids[OWNERS[owner] ?? ""];
    const value = sampleOf(type, ids);
    if (ownerId !== undefined && value !== null) set.push({ ownerId, namespace, key, type, value });
  };

  for (const type of types) {
    const key = type.replace(".", "-");
    await ask(DEFINE, { definition: { ownerType: "CUSTOMER", namespace: NAMESPACE, key, name: `${SYNTHETIC_MARK} ${type}`, type } });
    for (const owner of ["CUSTOMER", "ORDER", "SHOP", "COMPANY", "PAGE"]) add(owner, { namespace: NAMESPACE, key, type });
  }
  await metaobjectOf(types, ids, ask);
  for (const { owner, namespace, key, type } of definitions.slice(0, MOST_DEFINITIONS)) {
    if (OWNERS[owner] === undefined || sampleOf(type, ids) === null || namespace.startsWith("app--") || namespace.startsWith("$app")) continue;
    // What the filled shop has already is defined there; the value is set all the same.
    await ask(DEFINE, { definition: { ownerType: owner, namespace, key, name: `${SYNTHETIC_MARK} ${namespace}.${key}`.slice(0, 200), type } });
    add(owner, { namespace, key, type });
  }
  for (let at = 0; at < set.length; at += AT_ONCE) await ask(SET, { metafields: set.slice(at, at + AT_ONCE) });
  return { types };
}

const DEFINE = "mutation Define($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) { createdDefinition { id } userErrors { code } } }";
const SET = "mutation Set($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) { userErrors { code } } }";
const METAOBJECT_TYPE = `${SYNTHETIC_MARK.toLowerCase()}_every_type`;

async function metaobjectOf(types: readonly string[], ids: Readonly<Record<string, string>>, ask: (query: string, variables?: object) => Promise<Record<string, unknown>>): Promise<void> {
  const fields = types.map((type) => ({ key: type.replace(".", "_"), type }));
  await ask("mutation Define($definition: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $definition) { metaobjectDefinition { id } userErrors { code } } }", {
    definition: { type: METAOBJECT_TYPE, name: `${SYNTHETIC_MARK} every type`, displayNameKey: "single_line_text_field", fieldDefinitions: fields.map(({ key, type }) => ({ key, name: `${SYNTHETIC_MARK} ${type}`, type })) },
  });
  await ask("mutation Make($metaobject: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $metaobject) { metaobject { id } userErrors { code } } }", {
    metaobject: { type: METAOBJECT_TYPE, handle: "synthetic-every-type", fields: fields.flatMap(({ key, type }) => ({ key, value: sampleOf(type, ids) ?? "" })) },
  });
}

function idsIn(answer: Record<string, unknown>): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const found of Object.values(answer)) {
    const nodes = (found as { nodes?: readonly { id: string }[]; id?: string } | null)?.nodes ?? [found as { id?: string }];
    for (const node of nodes) if (typeof node?.id === "string") ids[node.id.split("/")[3] ?? ""] ??= node.id;
  }
  return ids;
}

async function admin({ url, accessToken }: Pick<SandboxShop, "url" | "accessToken">, query: string, variables: object, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/admin/api/2026-10/graphql.json`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-shopify-access-token": accessToken },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const answer = (await response.json()) as { data?: Record<string, unknown> | null; errors?: readonly { message: string }[] };
  if (answer.errors !== undefined || answer.data == null) throw new SandboxError("sandbox.bad_option", `the sandbox shop did not take its own filling: ${answer.errors?.[0]?.message ?? "no data"}`);
  for (const payload of Object.values(answer.data)) {
    const errors = (payload as { userErrors?: readonly { code: string }[] } | null)?.userErrors ?? [];
    // A definition that the seeded shop has already is what was wanted.
    if (errors.some(({ code }) => code !== "TAKEN")) throw new SandboxError("sandbox.bad_option", `the sandbox shop refused its own filling: ${errors[0]!.code}`);
  }
  return answer.data;
}
