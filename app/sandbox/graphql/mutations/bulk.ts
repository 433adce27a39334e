/** Mutations that start and stop bulk operations, and the uploads they read. */
import { Kind, OperationTypeNode } from "graphql";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { AT_ONCE } from "../../bulk/engine.ts";
import { refuseShape } from "../../bulk/limits.ts";
import { runBulkMutation } from "../../bulk/mutation.ts";
import { gid, parseGid } from "../../data/gid.ts";
import { checkOperation } from "../../schema/operation.ts";
import type { Context, Fields } from "../context.ts";
import { RefusedError } from "../refused.ts";

const RESOURCES: ReadonlySet<string> = new Set(["BULK_MUTATION_VARIABLES", "FILE", "IMAGE"]);

type BulkError = { readonly field: readonly string[] | null; readonly message: string; readonly code: string };

const refused = (code: string, message: string, field: readonly string[] | null): object => ({ bulkOperation: null, userErrors: [{ field, message, code } satisfies BulkError] });

export const bulkMutations: Fields<unknown> = {
  bulkOperationRunQuery: (_source, args, context) => {
    const text = String(args["query"]);
    const invalid = (message: string): object => refused("INVALID", message, ["query"]);
    const checked = checkOperation(context.schema, text);
    if (!checked.ok) return invalid(`Invalid bulk query: ${checked.errors[0]?.message ?? ""}`);
    const shape = refuseShape(context.schema, checked.document);
    if (shape !== null) return invalid(shape);
    const busy = full("QUERY", context);
    if (busy !== null) return busy;
    try {
      const id = context.bulk.startQuery(context.schema, checked.document, text, context, args["groupObjects"] === true);
      return { bulkOperation: context.bulk.get(id), userErrors: [] };
    } catch (error) {
      if (error instanceof RefusedError) return invalid(error.message);
      throw error;
    }
  },
  bulkOperationRunMutation: (_source, args, context) => {
    const text = String(args["mutation"]);
    const checked = checkOperation(context.schema, text);
    const operation = checked.ok ? firstOperation(checked.document) : null;
    if (!checked.ok || operation?.operation !== OperationTypeNode.MUTATION) return refused("INVALID_MUTATION", `Invalid mutation: ${checked.ok ? "it must be one mutation" : (checked.errors[0]?.message ?? "")}`, ["mutation"]);
    if (operation.selectionSet.selections.length !== 1 || /\bbulkOperationRun/.test(text)) return refused("INVALID_MUTATION", "A bulk mutation must hold exactly one mutation field that may run in bulk.", ["mutation"]);
    const busy = full("MUTATION", context);
    if (busy !== null) return busy;
    const file = context.uploads.take(String(args["stagedUploadPath"]));
    if (file === null) return refused("NO_SUCH_FILE", "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly for the stagedUploadPath mutation argument.", null);
    const id = context.bulk.start("MUTATION", text, runBulkMutation(text, file, context));
    return { bulkOperation: context.bulk.get(id), userErrors: [] };
  },
  bulkOperationCancel: (_source, args, context) => {
    const id = parseGid(String(args["id"]));
    const outcome = id?.type === "BulkOperation" ? context.bulk.cancel(id.id) : "unknown";
    if (id === null || outcome === "unknown") return { bulkOperation: null, userErrors: [{ field: ["id"], message: "Bulk operation does not exist" }] };
    return { bulkOperation: context.bulk.get(id.id), userErrors: outcome === "ended" ? [{ field: null, message: "A bulk operation cannot be canceled when it is completed" }] : [] };
  },
  stagedUploadsCreate: (_source, args, context) => {
    const inputs = args["input"] as readonly { filename: string; mimeType: string; resource: string; httpMethod?: string }[];
    const wrong = inputs.findIndex((input) => !RESOURCES.has(input.resource) || (input.httpMethod ?? "PUT") !== "POST");
    if (wrong >= 0) throw new RefusedError("NOT_SIMULATED", `The sandbox shop stages uploads for ${[...RESOURCES].join(", ")} by POST only.`);
    return {
      stagedTargets: inputs.map((input) => {
        const parameters = context.uploads.stage(input.filename, input.mimeType);
        // Where a file would be taken from afterwards; variables of a bulk mutation have no such address.
        const resourceUrl = input.resource === "BULK_MUTATION_VARIABLES" ? null : `${context.facts.url}/${parameters.find((one) => one.name === "key")?.value ?? ""}`;
        return { url: `${context.facts.url}/staged-uploads`, resourceUrl, parameters };
      }),
      userErrors: [],
    };
  },
};

function full(type: "QUERY" | "MUTATION", context: Context): object | null {
  const running = context.bulk.running(type);
  const last = running.at(-1);
  if (context.bulk.free(type) > 0) return null;
  return refused("LIMIT_REACHED", `A bulk ${type.toLowerCase()} operation for this app and shop is already in progress${last === undefined ? "" : `: ${gid("BulkOperation", last.id)}`}. At most ${AT_ONCE} may run at once.`, null);
}

function firstOperation(document: DocumentNode): OperationDefinitionNode | null {
  return document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION) ?? null;
}
