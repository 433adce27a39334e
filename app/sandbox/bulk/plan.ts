/**
 * Compiles a bulk query once into functions that turn a record into the object of its line, and name the connections below it.
 * graphql-js is not run for each node: that would be a hundred times slower.
 */
import { getArgumentValues, getDirectiveValues, getNamedType, getNullableType, GraphQLIncludeDirective, GraphQLSkipDirective, isAbstractType, isEnumType, isLeafType, isListType, isObjectType, Kind } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLEnumType, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, SelectionSetNode } from "graphql";
import type { Context } from "../graphql/context.ts";
import { List } from "../graphql/list.ts";
import { resolverOf } from "../graphql/resolve.ts";
import { nodeSelections } from "./limits.ts";

export type Row = Record<string, unknown>;

/** What one node of a connection becomes. */
export interface NodePlan {
  project(source: unknown, context: Context): Row;
  readonly connections: readonly ConnectionPlan[];
}

export interface ConnectionPlan {
  /** The name it was asked for by, for people. */
  readonly name: string;
  /** The connection's content for one parent, however deep in the parent's plain objects it stands. */
  list(source: unknown, context: Context): List;
  readonly node: NodePlan;
}

export interface BulkPlan {
  /** The one top-level field. Where it is no connection itself, its object is the only root. */
  readonly root: ConnectionPlan | { readonly object: (context: Context) => unknown; readonly node: NodePlan };
}

interface Compiler {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

type Follow = (source: unknown, context: Context) => unknown;

export function compileBulkQuery(schema: GraphQLSchema, document: DocumentNode): BulkPlan {
  const fragments = new Map(document.definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [])));
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const query = schema.getQueryType();
  if (operation === undefined || query == null) throw new Error("a bulk plan needs a query");
  const compiler = { schema, fragments };
  const [field] = collect(compiler, query, [operation.selectionSet]).values();
  const first = field?.[0];
  if (field === undefined || first === undefined) throw new Error("a bulk plan needs a field");
  const connection = connectionPlan(compiler, query, first.name.value, field, (source) => source);
  if (connection !== null) return { root: connection };
  const definition = query.getFields()[first.name.value];
  if (definition === undefined) throw new Error("a bulk plan needs a known field");
  const resolve = resolverOf(query.name, definition);
  const args = getArgumentValues(definition, first);
  return { root: { object: (context) => resolve(null, args, context), node: nodePlan(compiler, getNamedType(definition.type) as GraphQLCompositeType, selections(field)) } };
}

function nodePlan(compiler: Compiler, type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): NodePlan {
  const connections: ConnectionPlan[] = [];
  const project = objectOf(compiler, type, sets, connections, (source) => source);
  return { connections, project: project as (source: unknown, context: Context) => Row };
}

/** Reads an object's selected fields. Connections met on the way, also inside plain objects, are put aside with the path to them. */
function objectOf(compiler: Compiler, type: GraphQLCompositeType, sets: readonly SelectionSetNode[], aside: ConnectionPlan[], path: Follow): Follow {
  if (isAbstractType(type)) {
    const byType = new Map<string, Follow>();
    return (source, context) => {
      const name = (source as { readonly __typename?: string }).__typename ?? "";
      let project = byType.get(name);
      if (project === undefined) {
        const concrete = compiler.schema.getType(name);
        project = isObjectType(concrete) ? objectOf(compiler, concrete, sets, [], path) : () => ({});
        byType.set(name, project);
      }
      return project(source, context);
    };
  }
  const readers: { readonly key: string; readonly read: Follow }[] = [];
  for (const [key, nodes] of collect(compiler, type, sets)) {
    const first = nodes[0] as FieldNode;
    const name = first.name.value;
    if (name === "__typename") {
      readers.push({ key, read: () => type.name });
      continue;
    }
    const connection = connectionPlan(compiler, type as GraphQLObjectType, name, nodes, path);
    if (connection !== null) {
      aside.push(connection);
      continue;
    }
    const definition = (type as GraphQLObjectType).getFields()[name];
    if (definition === undefined) continue;
    const resolve = resolverOf(type.name, definition);
    const args = getArgumentValues(definition, first);
    const value: Follow = (source, context) => resolve(source, args, context);
    const named = getNamedType(definition.type);
    // graphql-js would refuse a word that the enum does not have; so must the lines.
    if (isEnumType(named)) readers.push({ key, read: (source, context) => enumerated(named, value(source, context) ?? null) });
    else if (isLeafType(named)) readers.push({ key, read: (source, context) => value(source, context) ?? null });
    else readers.push({ key, read: shaped(definition.type, objectOf(compiler, named, selections(nodes), aside, (source, context) => follow(value, path(source, context), context)), value) });
  }
  return (source, context) => {
    const row: Row = {};
    for (const { key, read } of readers) row[key] = read(source, context);
    return row;
  };
}

function enumerated(type: GraphQLEnumType, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => enumerated(type, one));
  if (value !== null && (typeof value !== "string" || type.getValue(value) == null)) throw new Error(`${type.name} has no such value`);
  return value;
}

function follow(value: Follow, source: unknown, context: Context): unknown {
  return source == null ? null : value(source, context);
}

function shaped(type: GraphQLOutputType, inner: Follow, value: Follow): Follow {
  if (isListType(getNullableType(type))) {
    return (source, context) => {
      const found = value(source, context) as readonly unknown[] | null | undefined;
      return found == null ? null : found.map((one) => (one == null ? null : inner(one, context)));
    };
  }
  return (source, context) => {
    const found = value(source, context);
    return found == null ? null : inner(found, context);
  };
}

function connectionPlan(compiler: Compiler, parent: GraphQLObjectType, name: string, nodes: readonly FieldNode[], path: Follow): ConnectionPlan | null {
  const definition = parent.getFields()[name];
  const connection = definition === undefined ? undefined : getNamedType(definition.type);
  if (definition === undefined || !isObjectType(connection) || !connection.name.endsWith("Connection")) return null;
  const resolve = resolverOf(parent.name, definition);
  const args = getArgumentValues(definition, nodes[0] as FieldNode);
  const nodeType = getNamedType(connection.getFields()["nodes"]?.type) as GraphQLCompositeType;
  const inner = selections(nodes).flatMap((set) => nodeSelections(compiler.schema, connection, set, compiler.fragments));
  return {
    name,
    node: nodePlan(compiler, nodeType, inner),
    list: (source, context) => {
      const at = path(source, context);
      const found = at == null && parent.name !== "QueryRoot" ? null : resolve(at, args, context);
      return found instanceof List ? found : List.empty;
    },
  };
}

function selections(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap((node) => node.selectionSet ?? []);
}

/** Fields by response name; the same name asked for twice is one field with both selections. */
function collect(compiler: Compiler, type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
  const found = new Map<string, FieldNode[]>();
  const visit = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (getDirectiveValues(GraphQLSkipDirective, selection)?.["if"] === true || getDirectiveValues(GraphQLIncludeDirective, selection)?.["if"] === false) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        found.set(key, [...(found.get(key) ?? []), selection]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : compiler.fragments.get(selection.name.value);
      if (fragment === undefined) continue;
      const on = fragment.typeCondition === undefined ? type : compiler.schema.getType(fragment.typeCondition.name.value);
      if (on === type || (isAbstractType(on) && isObjectType(type) && compiler.schema.isSubType(on, type))) visit(fragment.selectionSet);
    }
  };
  sets.forEach(visit);
  return found;
}
