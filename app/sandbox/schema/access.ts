/** Who may read what: the access scopes that the schema file names for types and fields, as sentences for people. Read here as rules. */
import { getNamedType, isObjectType } from "graphql";
import type { GraphQLField, GraphQLSchema, IntrospectionQuery } from "graphql";

/** Every group must be met by one of its scopes. */
interface Rule {
  readonly groups: readonly (readonly string[])[];
  readonly sentence: string;
}

const tables = new WeakMap<GraphQLSchema, ReadonlyMap<string, Rule>>();
const rules = new WeakMap<object, Rule | null>();

interface Described {
  readonly name: string;
  readonly requiredAccess?: string | null;
}

/** Notes the rules of a schema. `json`: its introspection with Shopify's additions. */
export function noteAccess(schema: GraphQLSchema, json: IntrospectionQuery): void {
  const table = new Map<string, Rule>();
  for (const type of json.__schema.types as readonly (Described & { readonly fields?: readonly Described[] | null })[]) {
    const own = ruleFrom(type.requiredAccess);
    if (own !== null) table.set(type.name, own);
    for (const field of type.fields ?? []) {
      const rule = ruleFrom(field.requiredAccess);
      if (rule !== null) table.set(`${type.name}.${field.name}`, rule);
    }
  }
  tables.set(schema, table);
}

/** "`read_a` access scope or `read_b` access scope. Also: Requires `read_c` scope." is two groups: a or b, and c. */
function ruleFrom(text: string | null | undefined): Rule | null {
  if (text == null) return null;
  const groups = text.split("Also:").flatMap((part) => {
    // "… access scope to assign events to another staff member": needed for that argument only, which is nobody's here.
    if (/access scope to /.test(part)) return [];
    const scopes = [...part.matchAll(/`((?:read|write|unauthenticated)_\w+)`/g)].map((match) => match[1] as string);
    return scopes.length === 0 ? [] : [scopes];
  });
  return groups.length === 0 ? null : { groups, sentence: text.trim() };
}

/** The sentence of what is missing, or null: the field may be read with these scopes. */
export function deniedField(schema: GraphQLSchema, typeName: string, field: GraphQLField<unknown, unknown>, granted: ReadonlySet<string>): string | null {
  let rule = rules.get(field);
  if (rule === undefined) rules.set(field, (rule = ruleOf(schema, typeName, field)));
  return rule === null || rule.groups.every((group) => group.some((scope) => holds(granted, scope))) ? null : rule.sentence;
}

/** Of the field itself, else of what it leads to. A payload's type has no rule; what stands in it has. */
function ruleOf(schema: GraphQLSchema, typeName: string, field: GraphQLField<unknown, unknown>): Rule | null {
  const table = tables.get(schema);
  const named = getNamedType(field.type);
  const node = isObjectType(named) && named.name.endsWith("Connection") ? getNamedType(named.getFields()["nodes"]?.type) : undefined;
  return table?.get(`${typeName}.${field.name}`) ?? table?.get(node?.name ?? named.name) ?? null;
}

/** Who may write may read. */
function holds(granted: ReadonlySet<string>, scope: string): boolean {
  return granted.has(scope) || (scope.startsWith("read_") && granted.has(`write_${scope.slice("read_".length)}`));
}

/** Every scope that the schema names anywhere. */
export function scopesNamed(schema: GraphQLSchema): string[] {
  return [...new Set([...(tables.get(schema)?.values() ?? [])].flatMap((rule) => rule.groups.flat()))].sort();
}
