/** What a bulk query may look like: the documented limits on its shape. Each function answers with the sentence of the refusal. */
import { getNamedType, getNullableType, isInterfaceType, isListType, isObjectType, Kind, OperationTypeNode } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLObjectType, GraphQLSchema, SelectionSetNode } from "graphql";

/** https://shopify.dev/docs/api/usage/bulk-operations/queries: at most five connections, nested at most two levels below the first. */
export const MAX_CONNECTIONS = 5;
export const MAX_DEPTH = 2;

/** Null when the query may run in bulk. The query is valid on the schema already. */
export function refuseShape(schema: GraphQLSchema, document: DocumentNode): string | null {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const operation = operations[0];
  if (operation === undefined || operations.length > 1) return "Bulk queries must contain exactly one operation.";
  if (operation.operation !== OperationTypeNode.QUERY) return "Bulk operations can only run queries here. Use bulkOperationRunMutation for mutations.";
  if ((operation.variableDefinitions ?? []).length > 0) return "Bulk queries cannot contain variables.";
  const fragments = new Map(document.definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [])));
  const root = schema.getQueryType() as GraphQLObjectType;
  const top = fieldsOf(schema, root, operation.selectionSet, fragments);
  if (top.length !== 1 || top[0] === undefined) return "Bulk queries must contain exactly one top level field.";
  if (top[0].node.name.value === "node" || top[0].node.name.value === "nodes") return `Bulk queries cannot contain a top level '${top[0].node.name.value}' field.`;
  const tally = { connections: 0, refusal: null as string | null };
  walk(schema, root, operation.selectionSet, fragments, { depth: -1, inList: false }, tally);
  if (tally.refusal !== null) return tally.refusal;
  if (tally.connections === 0) return "Bulk queries must contain at least one connection.";
  if (tally.connections > MAX_CONNECTIONS) return `Bulk queries cannot contain more than ${MAX_CONNECTIONS} connections.`;
  return null;
}

interface At {
  /** Connections above this selection, less one. */
  readonly depth: number;
  readonly inList: boolean;
}

function walk(schema: GraphQLSchema, type: GraphQLCompositeType, set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, at: At, tally: { connections: number; refusal: string | null }): void {
  for (const { node, parent } of fieldsOf(schema, type, set, fragments)) {
    if (tally.refusal !== null) return;
    const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
    if (field === undefined || node.selectionSet === undefined) continue;
    const named = getNamedType(field.type) as GraphQLCompositeType;
    if (!named.name.endsWith("Connection") || !isObjectType(named)) {
      walk(schema, named, node.selectionSet, fragments, { ...at, inList: at.inList || isListType(getNullableType(field.type)) }, tally);
      continue;
    }
    tally.connections++;
    if (at.inList) tally.refusal = "Queries that contain a connection field within a list field are not currently supported.";
    else if (at.depth + 1 > MAX_DEPTH) tally.refusal = `Bulk queries cannot contain connections with a nesting depth greater than ${MAX_DEPTH}.`;
    const nodeType = getNamedType(named.getFields()["nodes"]?.type ?? named.getFields()["edges"]?.type) as GraphQLCompositeType;
    const isNode = (isObjectType(nodeType) || isInterfaceType(nodeType)) && nodeType.getInterfaces().some((one) => one.name === "Node");
    if (tally.refusal === null && !isNode) tally.refusal = `Bulk queries cannot use the connection '${node.name.value}': its nodes (${nodeType.name}) do not implement the Node interface.`;
    const inner = nodeSelections(schema, named, node.selectionSet, fragments);
    if (tally.refusal === null && inner.length === 0) tally.refusal = `The connection '${node.name.value}' must select 'edges { node { … } }' or 'nodes { … }'.`;
    for (const selection of inner) {
      if (tally.refusal !== null) return;
      const before = tally.connections;
      walk(schema, nodeType, selection, fragments, { depth: at.depth + 1, inList: false }, tally);
      const hasId = fieldsOf(schema, nodeType, selection, fragments).some((one) => one.node.name.value === "id" && one.node.alias === undefined);
      if (tally.refusal === null && tally.connections > before && !hasId) tally.refusal = `The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': ${node.name.value}.`;
    }
  }
}

/** What is selected of a connection's nodes, by edges { node } or by nodes; cursor and pageInfo are ignored. */
export function nodeSelections(schema: GraphQLSchema, connection: GraphQLObjectType, set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): SelectionSetNode[] {
  const found: SelectionSetNode[] = [];
  for (const { node } of fieldsOf(schema, connection, set, fragments)) {
    if (node.selectionSet === undefined) continue;
    if (node.name.value === "nodes") found.push(node.selectionSet);
    if (node.name.value === "edges") {
      const edge = getNamedType(connection.getFields()["edges"]?.type) as GraphQLObjectType;
      for (const inner of fieldsOf(schema, edge, node.selectionSet, fragments)) if (inner.node.name.value === "node" && inner.node.selectionSet !== undefined) found.push(inner.node.selectionSet);
    }
  }
  return found;
}

/** The fields of a selection with fragments opened, each with the type it is selected on. */
export function fieldsOf(schema: GraphQLSchema, type: GraphQLCompositeType, set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): { readonly node: FieldNode; readonly parent: GraphQLCompositeType }[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ node: selection, parent: type }];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (inner === undefined) return [];
    const on = inner.typeCondition === undefined ? type : (schema.getType(inner.typeCondition.name.value) as GraphQLCompositeType);
    return fieldsOf(schema, on, inner.selectionSet, fragments);
  });
}
