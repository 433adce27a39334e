/** Which fields of which types the catalogue's own queries select: what is read, told by the queries themselves. */
import { parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from "graphql";
import type { Kind } from "../catalogue/kind.ts";
import type { IntrospectedSchema } from "./carries.ts";

/** By type, by field: the kinds that read it. What is selected on an interface counts for every type behind it. */
export type Selected = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

export function selectedFields(catalogue: readonly Kind[], schema: GraphQLSchema, introspection: IntrospectedSchema): Selected {
  const selected = new Map<string, Map<string, Set<string>>>();
  const note = (type: string, field: string, kind: string): void => {
    const fields = selected.get(type) ?? new Map<string, Set<string>>();
    selected.set(type, fields.set(field, (fields.get(field) ?? new Set()).add(kind)));
  };
  const behind = new Map(introspection.types.map(({ name, possibleTypes }) => [name, (possibleTypes ?? []).map((one) => one.name)]));
  for (const kind of catalogue) {
    for (const query of [kind.read.query, ...kind.parts.flatMap((part) => (part.how === "content" ? [] : [part.query]))]) {
      const info = new TypeInfo(schema);
      visit(
        parse(query),
        visitWithTypeInfo(info, {
          Field(node) {
            const parent = info.getParentType()?.name;
            if (parent === undefined) return;
            for (const type of [parent, ...(behind.get(parent) ?? [])]) note(type, node.name.value, kind.kind);
          },
        }),
      );
    }
  }
  return selected;
}
