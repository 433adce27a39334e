/** Customer segments: a name and a query. Who is in one is computed from the customers, so it comes back with them. */
import { pick, type WrittenKind } from "../kind.ts";
import { bulkRead, oneQuery, type Shape } from "../queries.ts";

const SHAPE: Shape = { type: "Segment", fields: "id name query creationDate lastEditDate", connections: [] };

const countQuery = `#graphql
  query SegmentsCount { segmentsCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreSegment($name: String!, $query: String!) {
    segmentCreate(name: $name, query: $query) { segment { id } userErrors { field message } }
  }
`;

export const segments: WrittenKind = {
  kind: "Segment",
  types: ["Segment"],
  titles: { one: "customer segment", many: "customer segments" },
  stream: "segments",
  scopes: ["read_customers"],
  read: bulkRead("segments", SHAPE, null),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "segmentsCount" },
  incremental: null,
  topics: [
    { topic: "segments/create", action: "create" },
    { topic: "segments/update", action: "update" },
    { topic: "segments/delete", action: "delete" },
  ],
  children: [],
  losses: { id: "platform.assigns", creationDate: "platform.assigns", lastEditDate: "platform.assigns" },
  notRestored: null,
  write: { mutation, payload: "segmentCreate", node: "segment", how: "bulk", variables: ({ root }) => pick(root.fields, ["name", "query"]) },
};
