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

const ABOUT_PEOPLE = `(${SUBJECTS.map((one) => `subject_type:${one}`).join(" OR ")})`;

const countQuery = `#graphql
  query EventsCount { eventsCount(query: "${ABOUT_PEOPLE}") { count precision } }
`;
/** Unlike other counts this one takes no limit, and a shop of a year has more than ten thousand. */
const windowedCount = `#graphql
  query EventsCountInWindow($search: String!) { eventsCount(query: $search) { count precision } }
`;

export const events: Kind = {
  kind: "Event",
  types: ["BasicEvent", "CommentEvent"],
  titles: { one: "timeline event", many: "timeline events" },
  stream: "events",
  scopes: ["read_customers", "read_orders", "read_draft_orders"],
  read: pagedRead("events", SHAPE, { first: 100, window: { base: ABOUT_PEOPLE } }),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "eventsCount", windowed: { query: windowedCount, base: ABOUT_PEOPLE } },
  incremental: null,
  topics: [],
  children: [],
  losses: {},
  write: null,
  notRestored: "platform.history",
};
