/** Segments: a name for a question about customers. Who is in one is computed, never stored. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, saveDoc } from "../graphql/mutations/docs.ts";
import { start, text } from "./kind.ts";
import type { DocKind } from "./kind.ts";

const SEGMENTS: readonly (readonly [name: string, query: string])[] = [
  ["Refill due", "customer_tags CONTAINS 'refill-due'"],
  ["Prior authorization", "customer_tags CONTAINS 'prior-auth'"],
  ["Caregivers", "customer_tags CONTAINS 'caregiver'"],
  ["CPAP users", "products_purchased(tag: 'cpap') = true"],
  ["Consented to e-mail", "email_subscription_status = 'SUBSCRIBED'"],
  ["Quiet for a year", "last_order_date < -365d"],
];

export const segments: DocKind = {
  type: "Segment",
  size: (shape) => (shape.customers > 0 ? SEGMENTS.length : 0),
  make: (shape) => {
    const draw = new Draw(shape.seed, "segment");
    return (i) => {
      const [name, query] = SEGMENTS[i] as (typeof SEGMENTS)[number];
      return { ...start(shape, draw, i), name: `${SYNTHETIC_MARK} ${name}`, query };
    };
  },
  root: { one: "segment", list: "segments", count: "segmentsCount" },
  updatedFilter: false,
  search: { name: { kind: "text", of: (segment) => [text(segment, "name")] } },
  topics: { create: "segments/create", update: "segments/update", delete: "segments/delete" },
  payload: (segment) => ({ name: segment["name"], query: segment["query"] }),
  edit: (segment, draw) => ({ ...segment, query: `${(text(segment, "query") ?? "").split(" AND ")[0] ?? ""} AND number_of_orders > ${draw.below(9)}` }),
  renew: (segment) => ({ ...segment, name: `${(text(segment, "name") ?? "").split(" no. ")[0] ?? ""} no. ${segment.id.toString(36)}` }),
  fields: { Segment: { creationDate: (segment: Doc) => segment.createdAt, lastEditDate: (segment: Doc) => segment.updatedAt } },
  mutations: {
    segmentCreate: (_source, args, context) => save(null, args as Input, context),
    segmentUpdate: (_source, args, context) => {
      const before = segmentById(args["id"], context);
      return before === null ? { segment: null, userErrors: [{ field: ["id"], message: "Segment does not exist" }] } : save(before, args as Input, context);
    },
    segmentDelete: (_source, args, context) => {
      const before = segmentById(args["id"], context);
      if (before === null) return { deletedSegmentId: null, userErrors: [{ field: ["id"], message: "Segment does not exist" }] };
      deleteDoc(context, segments, before);
      return { deletedSegmentId: gid("Segment", before.id), userErrors: [] };
    },
  },
};

interface Input {
  readonly name?: string | null;
  readonly query?: string | null;
}

function segmentById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Segment" ? data.store("Segment").get(parsed.id) : null;
}

function save(before: Doc | null, input: Input, context: Context): object {
  const failed = (field: string, message: string): object => ({ segment: null, userErrors: [{ field: [field], message }] });
  const name = input.name ?? text(before ?? ({} as Doc), "name") ?? "";
  const query = input.query ?? text(before ?? ({} as Doc), "query") ?? "";
  if (name.trim() === "") return failed("name", "Name can't be blank");
  if (query.trim() === "") return failed("query", "Query can't be blank");
  for (const other of context.data.store("Segment").records.scan({ sort: "id" })) if (other["name"] === name && other.id !== before?.id) return failed("name", "Name has already been taken");
  return { segment: saveDoc(context, segments, before, { ...before, id: before?.id ?? context.data.newId(), name, query }), userErrors: [] };
}
