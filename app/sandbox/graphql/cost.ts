/**
 * The points an operation costs: scalars and enums 0, an object 1, a connection 2 and its size times what each node costs, a mutation 10,
 * an interface or union its dearest selection (https://shopify.dev/docs/api/usage/limits). Asked for: by first and last. Actual: by what came.
 */
import { getArgumentValues, getNamedType, isAbstractType, isLeafType, isObjectType, Kind, OperationTypeNode } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { fieldsOf } from "../bulk/limits.ts";

export const MUTATION_COST = 10;
/** The most one operation may ask for, on every plan. */
export const MAX_COST = 1000;

interface Costing {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** `data`: the answer, to say what it really cost; without it, what was asked for. */
export function costOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>, data?: unknown): number {
  const fragments = new Map(document.definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [])));
  const costing = { schema, fragments, variables };
  const root = operation.operation === OperationTypeNode.MUTATION ? schema.getMutationType() : schema.getQueryType();
  if (root == null) return 0;
  if (operation.operation === OperationTypeNode.MUTATION) return MUTATION_COST * fieldsOf(schema, root, operation.selectionSet, fragments).length;
  return selection(costing, root, [operation.selectionSet], data === undefined ? undefined : (data ?? {}));
}

/** The cost of what is below an object, without the object itself. `data` undefined: asked for. */
function selection(c: Costing, type: GraphQLCompositeType, sets: readonly SelectionSetNode[], data: unknown): number {
  if (isAbstractType(type)) {
    const groups = new Map<string, number>();
    for (const { node, parent } of sets.flatMap((set) => fieldsOf(c.schema, type, set, c.fragments))) {
      const cost = fieldCost(c, parent, [node], data);
      groups.set(parent.name, (groups.get(parent.name) ?? 0) + cost);
    }
    const shared = groups.get(type.name) ?? 0;
    groups.delete(type.name);
    return shared + Math.max(0, ...groups.values());
  }
  const byKey = new Map<string, FieldNode[]>();
  for (const { node } of sets.flatMap((set) => fieldsOf(c.schema, type, set, c.fragments))) {
    const key = node.alias?.value ?? node.name.value;
    byKey.set(key, [...(byKey.get(key) ?? []), node]);
  }
  let sum = 0;
  for (const nodes of byKey.values()) sum += fieldCost(c, type, nodes, data);
  return sum;
}

function fieldCost(c: Costing, parent: GraphQLCompositeType, nodes: readonly FieldNode[], data: unknown): number {
  const first = nodes[0] as FieldNode;
  const field = "getFields" in parent ? parent.getFields()[first.name.value] : undefined;
  if (field === undefined) return 0;
  const named = getNamedType(field.type);
  if (isLeafType(named)) return 0;
  const sets = nodes.flatMap((node) => node.selectionSet ?? []);
  const value = data === undefined ? undefined : (data as Record<string, unknown> | null)?.[first.alias?.value ?? first.name.value];
  if (data !== undefined && value == null) return 0;
  if (isObjectType(named) && named.name.endsWith("Connection")) return connection(c, named, sets, sizeOf(c, parent, first), value);
  const type = named as GraphQLCompositeType;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + (one == null ? 0 : 1 + selection(c, type, sets, one)), 0);
  return 1 + selection(c, type, sets, value);
}

function connection(c: Costing, type: GraphQLObjectType, sets: readonly SelectionSetNode[], asked: number, value: unknown): number {
  let sum = 2;
  for (const { node } of sets.flatMap((set) => fieldsOf(c.schema, type, set, c.fragments))) {
    if (node.selectionSet === undefined || (node.name.value !== "nodes" && node.name.value !== "edges")) continue;
    const set = node.selectionSet;
    const of = getNamedType(type.getFields()[node.name.value]?.type) as GraphQLCompositeType;
    const rows = value === undefined ? undefined : ((value as Record<string, unknown>)[node.alias?.value ?? node.name.value] as readonly unknown[] | undefined);
    // An edge is no object of its own: what counts is its node.
    const each = (one: unknown): number => (node.name.value === "edges" ? Math.max(1, selection(c, of, [set], one)) : 1 + selection(c, of, [set], one));
    sum += rows === undefined ? asked * each(undefined) : rows.reduce((total: number, one) => total + each(one), 0);
  }
  return sum;
}

function sizeOf(c: Costing, parent: GraphQLCompositeType, node: FieldNode): number {
  const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
  if (field === undefined) return 0;
  const args = getArgumentValues(field, node, c.variables);
  const size = args["first"] ?? args["last"];
  return typeof size === "number" ? size : 0;
}
