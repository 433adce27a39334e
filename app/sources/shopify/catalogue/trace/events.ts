/**
 * The timelines of customers, orders, draft orders and companies: what happened, and what staff wrote about it. The platform keeps a year of them; a copy keeps
 * what it saw. Nothing creates an event but the thing itself.
 */
import type { Kind } from "../kind.ts";
import { oneQuery, pagedRead, type Shape } from "../queries.ts";

/** Subjects whose timelines are about people; those of products, pages and the like are about goods. */
const SUBJECTS = ["CUSTOMER", "ORDER", "DRAFT_ORDER", "COMPANY", "COMPANY_LOCATION", "COMMENT"] as const;

const SHAPE: Shape = {
  type: "Event",
  fields: `
    __typename
    id
    action
    appTitle
    attributeToApp
    attributeToUser
    createdAt
    message
    ... on BasicEvent { author subjectId subjectType secondaryMessage arguments additionalContent }
    ... on CommentEvent { rawMessage edited attachments { id name fileExtension size url } subject { id } }`,
  connections: [],
};

const countQuery = `#graphql
  query EventsCount { eventsCount(query: "${SUBJECTS.map((one) => `subject_type:${one}`).join(" OR ")}") { count precision } }
`;

export const events: Kind = {
  kind: "Event",
  types: ["BasicEvent", "CommentEvent"],
  titles: { one: "timeline event", many: "timeline events" },
  stream: "events",
  scopes: ["read_customers", "read_orders", "read_draft_orders"],
  read: pagedRead("events", SHAPE, { first: 100, window: { base: `(${SUBJECTS.map((one) => `subject_type:${one}`).join(" OR ")})` } }),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "eventsCount" },
  incremental: null,
  topics: [],
  children: [],
  losses: {},
  write: null,
  notRestored: "platform.history",
};
