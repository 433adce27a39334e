/** The timeline: what happened to customers, and what staff wrote there. The platform keeps a year of it; here it does not run out. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { NOTES } from "../data/wording.ts";
import { typed } from "../graphql/context.ts";
import type { Context } from "../graphql/context.ts";
import { start, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

/** Of ten customers each has an event, and the first a comment too: eleven events. */
const TEN = 10;
const ELEVEN = 11;

export const events: DocKind = {
  type: "Event",
  alsoNamed: ["BasicEvent", "CommentEvent"],
  size: (shape) => Math.floor(shape.customers / TEN) * ELEVEN + (shape.customers % TEN),
  owner: { member: "customerId", of: (ownerIndex, size) => [Math.floor(ownerIndex / TEN) * ELEVEN + (ownerIndex % TEN), ...(ownerIndex % TEN === 0 ? [Math.floor(ownerIndex / TEN) * ELEVEN + TEN] : [])].filter((index) => index < size) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "event");
    return (i) => {
      const at = start(shape, draw, i);
      const isComment = i % ELEVEN === TEN;
      const customerId = shape.firstId + (Math.floor(i / ELEVEN) * TEN + (isComment ? 0 : i % ELEVEN)) * ID_STEP;
      const words = isComment ? `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}` : `${SYNTHETIC_MARK} customer was created`;
      return { ...at, __typename: isComment ? "CommentEvent" : "BasicEvent", customerId, subjectType: "CUSTOMER", action: isComment ? "comment_create" : "create", message: words, rawMessage: words, appTitle: null, attributeToApp: false, attributeToUser: isComment, criticalAlert: false, edited: false, canDelete: false, canEdit: false, hasAdditionalContent: false };
    };
  },
  root: { one: "event", list: "events", count: "eventsCount" },
  updatedFilter: false,
  search: { subject_type: textField("subjectType"), action: textField("action"), comments: { kind: "text", of: (event) => [String(event["__typename"] === "CommentEvent")] } },
  fields: {
    BasicEvent: {
      author: () => null,
      subjectId: (event: Doc) => gid("Customer", event["customerId"] as number),
      subject: (event: Doc, _args: unknown, { data }: Context) => typed("Customer", data.customers.get(event["customerId"] as number)),
    },
    CommentEvent: {
      author: () => ({ id: 1, name: "Synthetic Staff", firstName: "Synthetic", lastName: "Staff", email: "staff@example.com", active: true, exists: true, isShopOwner: false, locale: "en" }),
      attachments: () => [],
      subject: (event: Doc, _args: unknown, { data }: Context) => typed("Customer", data.customers.get(event["customerId"] as number)),
    },
  },
};
