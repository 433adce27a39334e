/**
 * The live schema of a shop's API, as far as somebody asks about it: types by name, by introspection (https://spec.graphql.org/October2021/#sec-Introspection),
 * some twenty at a time. Names of a schema are never data.
 */
import { z } from "zod";
import type { ShopifyClient } from "./client.ts";

/** A type as it is written in a schema: "[Metafield!]!". */
export type Signature = string;

export interface LiveMember {
  readonly name: string;
  readonly type: Signature;
  /** The type without lists and "!". */
  readonly named: string;
  /** SCALAR, OBJECT, INTERFACE, UNION, ENUM or INPUT_OBJECT. */
  readonly namedKind: string;
  readonly deprecated: boolean;
  readonly hasDefault: boolean;
  readonly args: ReadonlyMap<string, LiveMember>;
}

export interface LiveType {
  readonly name: string;
  readonly kind: string;
  readonly fields: ReadonlyMap<string, LiveMember>;
  readonly inputs: ReadonlyMap<string, LiveMember>;
  readonly values: ReadonlySet<string>;
}

const AT_ONCE = 20;

interface Ref {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType?: Ref | null | undefined;
}
const Ref: z.ZodType<Ref> = z.lazy(() => z.object({ kind: z.string(), name: z.string().nullable(), ofType: Ref.nullish() }));
const Input = z.object({ name: z.string(), defaultValue: z.string().nullish(), type: Ref });
const Type = z.object({
  name: z.string(),
  kind: z.string(),
  fields: z.array(z.object({ name: z.string(), isDeprecated: z.boolean(), type: Ref, args: z.array(Input) })).nullish(),
  inputFields: z.array(Input).nullish(),
  enumValues: z.array(z.object({ name: z.string() })).nullish(),
});

/** Lists and "!" nest at most seven deep in any schema there is. */
const REF = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } }";
const TYPE = `name kind
    fields(includeDeprecated: true) { name isDeprecated type { ${REF} } args(includeDeprecated: true) { name defaultValue type { ${REF} } } }
    inputFields(includeDeprecated: true) { name defaultValue type { ${REF} } }
    enumValues(includeDeprecated: true) { name }`;

const ROOTS = `#graphql
  query SchemaRoots { __schema { queryType { name } mutationType { name } } }
`;
const Roots = z.object({ __schema: z.object({ queryType: z.object({ name: z.string() }), mutationType: z.object({ name: z.string() }).nullable() }) });

export class LiveSchema {
  readonly #client: Pick<ShopifyClient, "query">;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, LiveType | null>();

  constructor(client: Pick<ShopifyClient, "query">, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async roots(): Promise<{ readonly query: string; readonly mutation: string }> {
    const { __schema: schema } = await this.#client.query(ROOTS, {}, Roots, this.#signal);
    return { query: schema.queryType.name, mutation: schema.mutationType?.name ?? "Mutation" };
  }

  /** Undefined: not fetched yet. Null: the schema has no such type. */
  get(name: string): LiveType | null | undefined {
    return this.#known.get(name);
  }

  async fetch(names: Iterable<string>): Promise<void> {
    const wanted = [...new Set(names)].filter((name) => !this.#known.has(name) && /^[A-Za-z_]\w*$/.test(name));
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const some = wanted.slice(at, at + AT_ONCE);
      const text = `#graphql\n  query SchemaTypes {\n${some.map((name, n) => `    t${n}: __type(name: "${name}") { ${TYPE} }`).join("\n")}\n  }\n`;
      const answer = await this.#client.query(text, {}, z.record(z.string(), Type.nullable()), this.#signal);
      for (const [n, name] of some.entries()) this.#known.set(name, live(answer[`t${n}`] ?? null));
    }
  }
}

function live(type: z.infer<typeof Type> | null): LiveType | null {
  if (type === null) return null;
  const member = (one: z.infer<typeof Input>, deprecated = false, args: readonly z.infer<typeof Input>[] = []): [string, LiveMember] => {
    const named = namedOf(one.type);
    return [
      one.name,
      { name: one.name, type: signatureOf(one.type), named: named.name ?? "", namedKind: named.kind, deprecated, hasDefault: (one.defaultValue ?? null) !== null, args: new Map(args.map((arg) => member(arg))) },
    ];
  };
  return {
    name: type.name,
    kind: type.kind,
    fields: new Map((type.fields ?? []).map((field) => member(field, field.isDeprecated, field.args))),
    inputs: new Map((type.inputFields ?? []).map((field) => member(field))),
    values: new Set((type.enumValues ?? []).map(({ name }) => name)),
  };
}

function signatureOf({ kind, name, ofType }: Ref): Signature {
  if (kind === "NON_NULL" && ofType) return `${signatureOf(ofType)}!`;
  if (kind === "LIST" && ofType) return `[${signatureOf(ofType)}]`;
  return name ?? "?";
}

function namedOf(ref: Ref): Ref {
  return ref.ofType ? namedOf(ref.ofType) : ref;
}
