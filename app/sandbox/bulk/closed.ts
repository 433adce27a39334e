/** Whether a bulk query reads anything that the app may not read. */
import { getNamedType, isCompositeType, Kind } from "graphql";
import type { DocumentNode, GraphQLCompositeType, GraphQLSchema, SelectionSetNode } from "graphql";
import type { Context } from "../graphql/context.ts";
import { deniedByName } from "../graphql/denied.ts";
import { fieldsOf } from "./limits.ts";

export function closedTo(context: Context, schema: GraphQLSchema, document: DocumentNode): boolean {
  const fragments = new Map(document.definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [])));
  const visit = (type: GraphQLCompositeType, set: SelectionSetNode): boolean =>
    fieldsOf(schema, type, set, fragments).some(({ node, parent }) => {
      if (deniedByName(context, parent.name, node.name.value) !== null) return true;
      const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
      const named = field === undefined ? undefined : getNamedType(field.type);
      return node.selectionSet !== undefined && named !== undefined && isCompositeType(named) && visit(named, node.selectionSet);
    });
  const root = schema.getQueryType();
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return root != null && operation !== undefined && visit(root, operation.selectionSet);
}
