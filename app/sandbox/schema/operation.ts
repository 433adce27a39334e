/** Parses and validates operations on the real schema, and refuses them in the words and shape of Shopify's API. */
import { getNamedType, GraphQLError, Kind, parse, specifiedRules, TypeInfo, validate, visit, visitWithTypeInfo } from "graphql";
import type { ASTNode, DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";

export interface ShopifyError {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export type Checked = { readonly ok: true; readonly document: DocumentNode } | { readonly ok: false; readonly errors: readonly ShopifyError[] };

const KEPT = 500;
const checked = new WeakMap<GraphQLSchema, Map<string, Checked>>();

/** The result is kept by text: clients send the same few operations over and over. */
export function checkOperation(schema: GraphQLSchema, text: string): Checked {
  let cache = checked.get(schema);
  if (cache === undefined) checked.set(schema, (cache = new Map<string, Checked>()));
  const known = cache.get(text);
  if (known !== undefined) return known;
  const result = check(schema, text);
  if (cache.size >= KEPT) cache.delete(cache.keys().next().value as string);
  cache.set(text, result);
  return result;
}

export function operationNamed(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode | ShopifyError {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (name != null && name !== "") return operations.find((operation) => operation.name?.value === name) ?? { message: `No operation named "${name}"` };
  if (operations.length === 1 && operations[0] !== undefined) return operations[0];
  return { message: "An operation name is required" };
}

function check(schema: GraphQLSchema, text: string): Checked {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const at = error.locations?.[0];
    return { ok: false, errors: [{ message: `${error.message.replace(/^Syntax Error: /, "syntax error, ").replace(/\.$/, "")}${at === undefined ? "" : ` at [${at.line}, ${at.column}]`}`, locations: error.locations ?? [] }] };
  }
  const errors = validate(schema, document, specifiedRules, { maxErrors: 20 });
  return errors.length === 0 ? { ok: true, document } : { ok: false, errors: errors.map((error) => inShopifysWords(schema, document, error)) };
}

function inShopifysWords(schema: GraphQLSchema, document: DocumentNode, error: GraphQLError): ShopifyError {
  // A variable of the wrong type is at fault where it is used, which comes last.
  const node = /^Variable "\$\w+" of type/.test(error.message) ? error.nodes?.at(-1) : error.nodes?.[0];
  const place: Place = node === undefined ? { path: [], fieldName: "" } : placeOf(schema, document, node);
  const shape = (message: string, extensions: Record<string, unknown>): ShopifyError => ({ message, locations: (error.locations ?? []).slice(0, 1), path: place.path, extensions });
  const first = (pattern: RegExp): RegExpExecArray | null => pattern.exec(error.message);
  let found = first(/^Cannot query field "(\w+)" on type "(\w+)"/);
  if (found !== null) return shape(`Field '${found[1]}' doesn't exist on type '${found[2]}'`, { code: "undefinedField", typeName: found[2], fieldName: found[1] });
  found = first(/^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"/);
  if (found !== null) return shape(`Field '${found[3]}' doesn't accept argument '${found[1]}'`, { code: "argumentNotAccepted", name: found[3], typeName: "Field", argumentName: found[1] });
  found = first(/^Field "(\w+)" argument "(\w+)" of type "(.+)" is required/);
  if (found !== null) return shape(`Field '${found[1]}' is missing required arguments: ${found[2]}`, { code: "missingRequiredArguments", className: "Field", name: found[1], arguments: found[2] });
  found = first(/^Field "(\w+)" of type "(.+)" must have a selection of subfields/);
  if (found !== null) return shape(`Field must have selections (field '${found[1]}' returns ${(found[2] ?? "").replace(/[[\]!]/g, "")} but has no selections. Did you mean '${found[1]} { ... }'?)`, { code: "selectionMismatch", nodeName: `field '${found[1]}'`, typeName: (found[2] ?? "").replace(/[[\]!]/g, "") });
  found = first(/^Field "(\w+)" must not have a selection since type "(.+)" has no subfields/);
  if (found !== null) return shape(`Selections can't be made on scalars (field '${found[1]}' returns ${(found[2] ?? "").replace(/[[\]!]/g, "")} but has selections)`, { code: "selectionMismatch", nodeName: `field '${found[1]}'`, typeName: (found[2] ?? "").replace(/[[\]!]/g, "") });
  found = first(/^Field "(\w+)" is not defined by type "(\w+)"/);
  if (found !== null) return shape(`InputObject '${found[2]}' doesn't accept argument '${found[1]}'`, { code: "argumentNotAccepted", name: found[2], typeName: "InputObject", argumentName: found[1] });
  found = first(/^Field "(\w+)\.(\w+)" of required type "(.+)" was not provided/);
  if (found !== null) return shape(`Argument '${found[2]}' on InputObject '${found[1]}' is required. Expected type ${found[3]}`, { code: "missingRequiredInputObjectAttribute", argumentName: found[2], argumentType: found[3], inputObjectType: found[1] });
  found = first(/^Unknown type "(\w+)"/);
  if (found !== null) return shape(`No such type ${found[1]}, so it can't be a fragment condition`, { code: "undefinedType", typeName: found[1] });
  found = first(/^Variable "\$(\w+)" is not defined/);
  if (found !== null) return shape(`Variable $${found[1]} is used by ${operationName(document)} but not declared`, { code: "variableNotDefined", variableName: found[1] });
  found = first(/^Variable "\$(\w+)" is never used/);
  if (found !== null) return shape(`Variable $${found[1]} is declared by ${operationName(document)} but not used`, { code: "variableNotUsed", variableName: found[1] });
  found = first(/^Variable "\$(\w+)" of type "(.+)" used in position expecting type "(.+)"/);
  if (found !== null) return shape(`Type mismatch on variable $${found[1]} and argument ${place.argument ?? ""} (${found[2]} / ${found[3]})`, { code: "variableMismatch", variableName: found[1], typeName: found[2], argumentName: place.argument ?? "", errorMessage: "Type mismatch" });
  found = first(/^Unknown fragment "(\w+)"/);
  if (found !== null) return shape(`Fragment ${found[1]} was used, but not defined`, { code: "useAndDefineFragment", fragmentName: found[1] });
  if (place.argument !== undefined) return shape(`Argument '${place.argument}' on Field '${place.fieldName}' has an invalid value (${place.literal ?? ""}). Expected type '${place.argumentType ?? ""}'.`, { code: "argumentLiteralsIncompatible", typeName: "Field", argumentName: place.argument });
  return shape(error.message, { code: "invalidOperation" });
}

interface Place {
  readonly path: readonly string[];
  readonly fieldName: string;
  readonly argument?: string | undefined;
  readonly argumentType?: string | undefined;
  readonly literal?: string | undefined;
}

/** Where in the text a node stands, as the path that Shopify reports: ["query Name", "customers", "nodes", "foo"]. */
function placeOf(schema: GraphQLSchema, document: DocumentNode, wanted: ASTNode): Place {
  const info = new TypeInfo(schema);
  const path: string[] = [];
  let fieldName = "";
  let argument: string | undefined;
  let argumentType: string | undefined;
  let place: Place = { path: [], fieldName: "" };
  const names = (node: ASTNode): string | null => {
    if (node.kind === Kind.OPERATION_DEFINITION) return node.name === undefined ? node.operation : `${node.operation} ${node.name.value}`;
    if (node.kind === Kind.FRAGMENT_DEFINITION) return `fragment ${node.name.value}`;
    if (node.kind === Kind.FIELD) return node.alias?.value ?? node.name.value;
    if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) return node.name.value;
    return node.kind === Kind.INLINE_FRAGMENT ? `... on ${node.typeCondition?.name.value ?? ""}` : null;
  };
  visit(
    document,
    visitWithTypeInfo(info, {
      enter(node) {
        const name = names(node);
        if (name !== null) path.push(name);
        if (node.kind === Kind.FIELD) fieldName = node.name.value;
        if (node.kind === Kind.ARGUMENT) {
          argument = node.name.value;
          argumentType = String(info.getArgument()?.type ?? "");
        }
        if (node === wanted) place = { path: [...path], fieldName, argument, argumentType, literal: node.loc?.source.body.slice(node.loc.start, node.loc.end) };
      },
      leave(node) {
        if (names(node) !== null) path.pop();
        if (node.kind === Kind.ARGUMENT) argument = argumentType = undefined;
      },
    }),
  );
  return place;
}

function operationName(document: DocumentNode): string {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return operation?.name?.value ?? `anonymous ${operation?.operation ?? "query"}`;
}

/** True when the named type of a field is an object, an interface or a union. */
export function isComposite(type: Parameters<typeof getNamedType>[0]): boolean {
  return type != null && ("getFields" in getNamedType(type) || "getTypes" in getNamedType(type));
}
