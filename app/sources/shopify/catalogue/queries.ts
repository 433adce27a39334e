/**
 * Writes the queries of a kind from one description of what is read, so that the line of a bulk export, the node of a page and the answer of a
 * query by id have the same members in the same order. Records are compared byte by byte; two spellings would look like a change.
 */
import { METAFIELD_FIELDS, type BulkRead, type CountQuery, type Incremental, type PagedRead, type Part } from "./kind.ts";

export interface Connection {
  readonly name: string;
  /** Members of each node; `id` among them. */
  readonly fields: string;
  /** Arguments besides `first` and `after`: "showRevoked: true". */
  readonly args?: string;
  /** Nodes per page where pages are asked for. */
  readonly page?: number;
  /** Connections of each node, and the type of the nodes, by which one is asked for alone when it has more than a page of them. */
  readonly below?: { readonly type: string; readonly connections: readonly Connection[] };
}

export interface Shape {
  /** The type of the root: "Customer". */
  readonly type: string;
  readonly fields: string;
  readonly connections: readonly Connection[];
}

export const METAFIELDS: Connection = { name: "metafields", fields: METAFIELD_FIELDS };

/** Small enough that a root with five connections stays below 1,000 points, the most one query may cost. */
const CHILDREN_PER_PAGE = 25;

/** `root`: the field of the query root. `args`: its own arguments, such as includeClosed. */
export function bulkRead(root: string, shape: Shape, incremental: Incremental | null, args = ""): BulkRead {
  const text = (all: string): string => `#graphql
  {
    ${root}${all === "" ? "" : `(${all})`} {
      edges {
        node {
          ${shape.fields}
          ${shape.connections.map(edges).join("\n          ")}
        }
      }
    }
  }
`;
  return {
    how: "bulk",
    query: text(args),
    narrowed: incremental === null ? null : (search) => text([args, `query: ${JSON.stringify(search)}, sortKey: ${incremental.sortKey}`].filter((one) => one !== "").join(", ")),
  };
}

/** The root of `shape` by its id. `field`: of the query root, for a type that `node` does not find by all of its names. */
export function oneQuery(shape: Shape, field?: string): string {
  const members = `${shape.fields} ${connections(shape)}`;
  return `#graphql
  query One${shape.type}($id: ID!${cursors(shape)}) {
    ${field === undefined ? `node(id: $id) { ... on ${shape.type} { ${members} } }` : `node: ${field}(id: $id) { ${members} }`}
  }
`;
}

/** A second bulk query over the same roots: `root` and `incremental` are those of the kind. */
export function bulkPart(stream: string, root: string, shape: Shape, incremental: Incremental | null, scopes: readonly string[], args = ""): Part {
  const nested = shape.connections.flatMap(({ fields, below }) => (below === undefined ? [] : [[below.type, oneQuery({ type: below.type, fields, connections: below.connections })] as const]));
  return { ...bulkRead(root, shape, incremental, args), stream, scopes, one: oneQuery(shape), nested: Object.fromEntries(nested) };
}

export interface DetailOptions {
  readonly stream: string;
  readonly scopes: readonly string[];
  /** The type of the roots. */
  readonly type: string;
  /** What is read of each, without its id. Connections take `first: $size` and answer nodes and pageInfo { hasNextPage }. */
  readonly fields: string;
  readonly batch: number;
  readonly size: number;
  readonly most: number;
}

export function detailPart({ type, fields, ...rest }: DetailOptions): Part {
  return {
    ...rest,
    how: "details",
    kind: `${type}Detail`,
    query: `#graphql
  query ${type}Details($ids: [ID!]!, $size: Int!) {
    nodes(ids: $ids) { ... on ${type} { id ${fields} } }
  }
`,
  };
}

/** A connection of a detail query. */
export function sized(name: string, fields: string): string {
  return `${name}(first: $size) { nodes { ${fields} } pageInfo { hasNextPage } }`;
}

/** The object at a field of the query root, of which there is one. */
export function objectQuery(field: string, shape: Shape): string {
  const variables = cursors(shape).replace(/^, /, "");
  return `#graphql
  query The${shape.type}${variables === "" ? "" : `(${variables})`} {
    ${field} { ${shape.fields} ${connections(shape)} }
  }
`;
}

export interface PagesOptions {
  readonly first: number;
  /** Variables of the query besides `$after`: "$ownerType: MetafieldOwnerType!" and how they are handed on: "ownerType: $ownerType". */
  readonly variables?: { readonly declared: string; readonly passed: string; readonly sets: readonly Readonly<Record<string, unknown>>[] };
  /** The connection can be searched by id and sorted by it: its pages go beyond the platform's 25,000 objects. */
  readonly window?: { readonly base: string | null };
  readonly args?: string;
}

/** Pages of a connection of the query root. Children beyond the first page of a node are fetched by the kind's `one`. */
export function pagedRead(connection: string, shape: Shape, o: PagesOptions): PagedRead {
  const declared = [o.variables?.declared, o.window === undefined ? undefined : "$search: String", "$after: String"].filter((one) => one !== undefined).join(", ");
  const passed = [o.args, o.variables?.passed, o.window === undefined ? undefined : "query: $search, sortKey: ID", `first: ${o.first}, after: $after`].filter((one) => one !== undefined).join(", ");
  const children = shape.connections.map(firstPage).join(" ");
  return {
    how: "pages",
    query: `#graphql
  query ${shape.type}Pages(${declared}) {
    ${connection}(${passed}) {
      nodes { ${shape.fields} ${children} }
      pageInfo { hasNextPage endCursor }
    }
  }
`,
    connection,
    variables: o.variables?.sets ?? [{}],
    window: o.window === undefined ? null : { by: "id", base: o.window.base },
  };
}

/** The count of a kind that only its parents count: see CountQuery.summed. `field`: in each node of `connection`, with its arguments. */
export function summedCount(type: string, connection: string, field: string): CountQuery {
  const [name = field] = /^\w+/.exec(field) ?? [];
  return {
    query: `#graphql
  query ${type}CountByParent($search: String, $after: String) {
    ${connection}(first: 100, after: $after, query: $search, sortKey: ID) { nodes { id ${field} { count precision } } pageInfo { hasNextPage endCursor } }
  }
`,
    field: name,
    summed: { connection },
  };
}

/** The name of the cursor of a connection below the root. */
export function cursorOf(connection: string): string {
  return `${connection}After`;
}

function cursors(shape: Shape): string {
  return shape.connections.map(({ name }) => `, $${cursorOf(name)}: String`).join("");
}

function connections(shape: Shape): string {
  return shape.connections.map((one) => pageOf(one, `first: ${one.page ?? CHILDREN_PER_PAGE}, after: $${cursorOf(one.name)}`)).join(" ");
}

function firstPage(connection: Connection): string {
  return pageOf(connection, `first: ${connection.page ?? CHILDREN_PER_PAGE}`);
}

function pageOf(connection: Connection, paging: string): string {
  const below = (connection.below?.connections ?? []).map((one) => ` ${firstPage(one)}`).join("");
  return `${connection.name}(${connection.args === undefined ? "" : `${connection.args}, `}${paging}) { nodes { ${connection.fields}${below} } pageInfo { hasNextPage endCursor } }`;
}

function edges(connection: Connection): string {
  const below = (connection.below?.connections ?? []).map((one) => ` ${edges(one)}`).join("");
  return `${connection.name}${connection.args === undefined ? "" : `(${connection.args})`} { edges { node { ${connection.fields}${below} } } }`;
}
