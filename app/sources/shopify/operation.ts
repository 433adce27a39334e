/** Bulk operations as the Admin API shows them (https://shopify.dev/docs/api/usage/bulk-operations/queries), parsed. */
import { z } from "zod";

export const Status = z.enum(["CANCELED", "CANCELING", "COMPLETED", "CREATED", "EXPIRED", "FAILED", "RUNNING"]);

const count = z.union([z.string(), z.number()]).transform((value) => Number(value));

export const Operation = z.object({
  id: z.string(),
  status: Status,
  errorCode: z.string().nullable(),
  objectCount: count,
  rootObjectCount: count,
  fileSize: count.nullable(),
  url: z.string().nullable(),
  partialDataUrl: z.string().nullable(),
});
export type Operation = z.infer<typeof Operation>;

const FIELDS = "id status errorCode objectCount rootObjectCount fileSize url partialDataUrl";

export const BULK_OPERATION = `#graphql
  query BulkOperation($id: ID!) { bulkOperation(id: $id) { ${FIELDS} } }
`;
export const BulkOperationAnswer = z.object({ bulkOperation: Operation.nullable() });

export const RUN_QUERY = `#graphql
  mutation RunBulkQuery($query: String!) {
    bulkOperationRunQuery(query: $query, groupObjects: true) { bulkOperation { ${FIELDS} } userErrors { code field message } }
  }
`;

export const RUN_MUTATION = `#graphql
  mutation RunBulkMutation($mutation: String!, $stagedUploadPath: String!) {
    bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $stagedUploadPath) { bulkOperation { ${FIELDS} } userErrors { code field message } }
  }
`;

/** The newest of the app's bulk mutations, with their texts: one is known again by the name of its mutation. */
export const OWN_MUTATIONS = `#graphql
  query OwnBulkMutations($after: String) {
    bulkOperations(first: 50, after: $after, reverse: true, sortKey: CREATED_AT, query: "operation_type:mutation") { nodes { ${FIELDS} query } pageInfo { hasNextPage endCursor } }
  }
`;
export const OwnMutationsAnswer = z.object({
  bulkOperations: z.object({ nodes: z.array(Operation.extend({ query: z.string() })), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }) }),
});

export const CANCEL = `#graphql
  mutation CancelBulkOperation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id } userErrors { field message } } }
`;

export const CancelAnswer = z.object({ bulkOperationCancel: z.object({ userErrors: z.array(z.object({ message: z.string() })) }).nullable() });

const Started = z.object({
  bulkOperation: Operation.nullable(),
  userErrors: z.array(z.object({ code: z.string().nullable(), field: z.array(z.string()).nullable(), message: z.string() })),
});
export const RunQueryAnswer = z.object({ bulkOperationRunQuery: Started.nullable() });
export const RunMutationAnswer = z.object({ bulkOperationRunMutation: Started.nullable() });

/** It will not change any more. */
export function isOver(operation: Operation): boolean {
  return operation.status === "COMPLETED" || operation.status === "FAILED" || operation.status === "CANCELED" || operation.status === "EXPIRED";
}
