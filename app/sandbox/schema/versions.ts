/** API versions that one shop speaks: the real one, and ones made up from it in which a field went, changed its name or its type. */
import { buildClientSchema, isInterfaceType, isObjectType } from "graphql";
import type { GraphQLSchema, IntrospectionQuery } from "graphql";
import type { SchemaChanges } from "../types.ts";
import { noteAccess } from "./access.ts";

interface Member {
  name: string;
  type?: TypeRef;
  isDeprecated?: boolean;
  deprecationReason?: string | null;
}
type TypeRef = { kind: string; name: string | null; ofType?: TypeRef | null };
interface Type {
  readonly name: string;
  readonly kind: string;
  fields?: Member[] | null;
  inputFields?: Member[] | null;
  enumValues?: Member[] | null;
}

export interface ApiVersion {
  readonly handle: string;
  readonly schema: GraphQLSchema;
  readonly supported: boolean;
}

export class SchemaChangeError extends Error {
  override readonly name = "SchemaChangeError";
}

export class Versions {
  readonly #introspection: () => Promise<IntrospectionQuery>;
  readonly #first: ApiVersion;
  #all: readonly ApiVersion[];

  constructor(first: { readonly handle: string; readonly schema: GraphQLSchema }, introspection: () => Promise<IntrospectionQuery>) {
    this.#first = { ...first, supported: true };
    this.#all = [this.#first];
    this.#introspection = introspection;
  }

  get all(): readonly ApiVersion[] {
    return this.#all;
  }

  get current(): ApiVersion {
    return this.#all[0] ?? this.#first;
  }

  /** The version that answers a request for this one: itself, or, when it is retired, the oldest that is still supported. Null: nobody knows it. */
  serving(handle: string): ApiVersion | null {
    const asked = this.#all.find((one) => one.handle === handle);
    if (asked === undefined) return null;
    return asked.supported ? asked : ([...this.#all].filter((one) => one.supported).sort((a, b) => a.handle.localeCompare(b.handle))[0] ?? null);
  }

  /** A new version, or other changes for one that is there: always counted from the real schema. No changes bring the real one back. */
  async release(handle: string, changes: SchemaChanges): Promise<void> {
    const schema = await this.#changed(changes);
    const made: ApiVersion = { handle, schema, supported: true };
    this.#all = this.#all.some((one) => one.handle === handle) ? this.#all.map((one) => (one.handle === handle ? made : one)) : [...this.#all, made];
  }

  retire(handle: string): void {
    this.#all = this.#all.map((one) => (one.handle === handle ? { ...one, supported: false } : one));
  }

  async #changed(changes: SchemaChanges): Promise<GraphQLSchema> {
    if (Object.values(changes).every((one) => one === undefined || Object.keys(one as object).length === 0)) return this.#first.schema;
    const json = await this.#introspection();
    const types = new Map((json.__schema.types as unknown as readonly Type[]).map((type) => [type.name, type]));
    for (const name of changes.drop ?? []) remove(find(types, name), name);
    for (const name of changes.deprecate ?? []) Object.assign(member(types, name), { isDeprecated: true, deprecationReason: "Removed in the next version." });
    for (const [name, to] of Object.entries(changes.retype ?? {})) member(types, name).type = reference(types, to);
    for (const [name, to] of Object.entries(changes.rename ?? {})) member(types, name).name = to;
    for (const [name, of] of Object.entries(changes.add ?? {})) add(find(types, name), name, reference(types, of));
    const schema = buildClientSchema(json, { assumeValid: true });
    noteAccess(schema, json);
    for (const [name, to] of Object.entries(changes.rename ?? {})) {
      const [typeName = "", was] = name.split(".");
      const type = schema.getType(typeName);
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[to] : undefined;
      // Resolvers know the field by its old name.
      if (field !== undefined) field.extensions = { was };
    }
    return schema;
  }
}

function find(types: ReadonlyMap<string, Type>, name: string): Type {
  const type = types.get(name.split(".")[0] ?? "");
  if (type === undefined) throw new SchemaChangeError(`The schema has no type for "${name}". Name a member as Type.member.`);
  return type;
}

function lists(type: Type): Member[][] {
  return [type.fields, type.inputFields, type.enumValues].filter((list): list is Member[] => list != null);
}

function member(types: ReadonlyMap<string, Type>, name: string): Member {
  const wanted = name.split(".")[1];
  const found = lists(find(types, name)).flat().find((one) => one.name === wanted);
  if (found === undefined) throw new SchemaChangeError(`The schema has no member "${name}".`);
  return found;
}

function remove(type: Type, name: string): void {
  const wanted = name.split(".")[1];
  const list = lists(type).find((one) => one.some(({ name: own }) => own === wanted));
  if (list === undefined) throw new SchemaChangeError(`The schema has no member "${name}".`);
  list.splice(list.findIndex((one) => one.name === wanted), 1);
}

function add(type: Type, name: string, of: TypeRef): void {
  const list = type.fields ?? type.inputFields;
  if (list == null) throw new SchemaChangeError(`${type.name} has no fields to add "${name}" to.`);
  list.push({ name: name.split(".")[1] ?? "", type: of, isDeprecated: false, deprecationReason: null, ...(type.fields == null ? { defaultValue: null } : { args: [] }) } as Member);
}

/** "String", "String!" or "[String!]!" of a type that is there. */
function reference(types: ReadonlyMap<string, Type>, text: string): TypeRef {
  if (text.endsWith("!")) return { kind: "NON_NULL", name: null, ofType: reference(types, text.slice(0, -1)) };
  if (text.startsWith("[") && text.endsWith("]")) return { kind: "LIST", name: null, ofType: reference(types, text.slice(1, -1)) };
  const type = types.get(text);
  if (type === undefined) throw new SchemaChangeError(`The schema has no type "${text}".`);
  return { kind: type.kind, name: type.name, ofType: null };
}
