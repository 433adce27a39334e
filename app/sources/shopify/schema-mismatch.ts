/**
 * Recognizes "your query does not fit my schema" among GraphQL errors, so that an API change is told apart from a failure and the field is named.
 * Shapes: Shopify's static validation (`extensions.code` "undefinedField" with typeName and fieldName, "argumentNotAccepted", …) and
 * graphql-js ("Cannot query field …"). Only names of the schema are quoted, which are never data.
 */
import { SourceError } from "../port.ts";

interface GraphqlError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

const STATIC_CODES = new Set([
  "undefinedField",
  "undefinedType",
  "undefinedArgument",
  "argumentNotAccepted",
  "argumentLiteralsIncompatible",
  "missingRequiredArguments",
  "missingRequiredInputObjectAttribute",
  "selectionMismatch",
  "variableMismatch",
  "fieldConflict",
  "INVALID_VARIABLE",
  "GRAPHQL_VALIDATION_FAILED",
]);

const MESSAGES = [
  /Cannot query field "(\w+)" on type "(\w+)"/,
  /Field '(\w+)' doesn't exist on type '(\w+)'/,
  /Unknown argument "(\w+)" on field "([\w.]+)"/,
  /Field '(\w+)' doesn't accept argument '(\w+)'/,
  /Unknown type "(\w+)"/,
];

export function schemaMismatch(errors: readonly GraphqlError[]): SourceError | null {
  for (const error of errors) {
    const code = error.extensions?.["code"];
    const known = typeof code === "string" && STATIC_CODES.has(code);
    const quoted = MESSAGES.map((pattern) => pattern.exec(error.message)).find((match) => match !== null);
    if (!known && quoted === undefined) continue;
    const fieldName = error.extensions?.["fieldName"];
    const typeName = error.extensions?.["typeName"];
    const field =
      typeof fieldName === "string" && typeof typeName === "string" && /^\w+$/.test(fieldName + typeName)
        ? `${typeName}.${fieldName}`
        : quoted === undefined
          ? "a field"
          : quoted[2] === undefined
            ? quoted[1]!
            : `${quoted[2]}.${quoted[1]!}`;
    return new SourceError("source.schema_mismatch", `the shop's API no longer accepts ${field}`);
  }
  return null;
}
