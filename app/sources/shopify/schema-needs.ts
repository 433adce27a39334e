/**
 * Every document that this program sends to a shop, with what it is needed for: what the API change guard holds against the live schema. Taken from where the documents are written: the catalogue
 * for what is said of a kind, the revisions for what is changed of one, and the constants of whatever sends one of its own. Only the guard's own introspection is not here.
 */
import { createHash } from "node:crypto";
import { CATALOGUE } from "./catalogue/all.ts";
import type { Kind, Part, Read } from "./catalogue/kind.ts";
import { REVISIONS } from "./catalogue/revise/index.ts";
import { BULK_OPERATION, CANCEL, OWN_MUTATIONS, RUN_MUTATION, RUN_QUERY } from "./operation.ts";
import { LOCATION_DELETE, LOCATIONS_OF_COMPANIES } from "./restore/extra-locations.ts";
import { STAGED_UPLOAD } from "./restore/staged-upload.ts";
import { METAFIELDS_SET } from "./restore/write-metafields.ts";
import { BY_HANDLE, DIGESTS, METAFIELD_DEFINITION, METAFIELDS_DELETE, METAOBJECT_DEFINITION, NEWEST_QUERIES, STAMP_QUERIES } from "./revise/index.ts";
import { RATE_QUERY } from "./restore/target.ts";
import { GIVE_BACK } from "./rights.ts";
import { METAOBJECT_TYPES_QUERY } from "./streams/metaobject-stream.ts";
import { APPS_QUERY, DEFINED_QUERY, SCOPES_QUERY, TYPES_QUERY, VERSIONS_QUERY } from "./surroundings.ts";
import { SUBSCRIBE, SUBSCRIPTIONS_QUERY, UNSUBSCRIBE } from "./webhook-subscriptions.ts";

/**
 * "read": without it records are missing from a snapshot. "restore": without it records do not come back. "watch": without it nobody is told of what is installed, defined or changed; nothing that is
 * kept depends on it.
 */
export type Use = "read" | "restore" | "watch";

export interface Need {
  readonly text: string;
  readonly use: Use;
  /** The stream it belongs to; "every" where all depend on it. */
  readonly stream: string;
}

/** Any search will do: what a query is narrowed by is data. */
const SEARCH = "updated_at:>='2026-01-01T00:00:00Z'";
const EVERY = "every";

export function needsOf(catalogue: readonly Kind[] = CATALOGUE): readonly Need[] {
  return [
    ...all("read", EVERY, [BULK_OPERATION, RUN_QUERY, CANCEL]),
    ...all("read", "metaobjects", [METAOBJECT_TYPES_QUERY]),
    ...catalogue.flatMap(readingOf),
    ...all("restore", EVERY, [RUN_MUTATION, OWN_MUTATIONS, STAGED_UPLOAD, METAFIELDS_SET, METAFIELDS_DELETE, DIGESTS, SCOPES_QUERY, GIVE_BACK, METAFIELD_DEFINITION, METAOBJECT_DEFINITION, RATE_QUERY, ...STAMP_QUERIES, ...NEWEST_QUERIES]),
    ...all("restore", "metaobjects", [BY_HANDLE]),
    ...all("restore", "companies", [LOCATIONS_OF_COMPANIES, LOCATION_DELETE]),
    ...catalogue.flatMap(writingOf),
    ...all("watch", EVERY, [SCOPES_QUERY, APPS_QUERY, DEFINED_QUERY, TYPES_QUERY, VERSIONS_QUERY]),
    ...all("watch", "metaobjects", [SUBSCRIPTIONS_QUERY, SUBSCRIBE, UNSUBSCRIBE]),
  ];
}

function all(use: Use, stream: string, texts: readonly string[]): Need[] {
  return texts.map((text) => ({ text, use, stream }));
}

function readingOf({ stream, read, parts, one, count }: Kind): Need[] {
  const counted = count === null ? [] : [count.query, ...(count.windowed === undefined ? [] : [count.windowed.query])];
  return [...all("read", stream, [...textsOf(read), ...(one === null ? [] : [one]), ...counted]), ...parts.flatMap((part) => all("read", part.stream, textsOf(part)))];
}

/** Full and, where it can be narrowed, narrowed; of parts also what asks for one root and for one of its children. */
function textsOf(read: Read | Part): readonly string[] {
  switch (read.how) {
    case "bulk":
      return [read.query, ...(read.narrowed === null ? [] : [read.narrowed(SEARCH)]), ...("one" in read ? [read.one, ...Object.values(read.nested)] : [])];
    case "by-type":
      return [read.query, read.bulkQuery("type"), read.bulkQuery("type", SEARCH)];
    case "content":
      return [];
    default:
      return [read.query];
  }
}

function writingOf({ kind, stream, write, adopted }: Kind): Need[] {
  const { steps, remove } = REVISIONS[kind] ?? { steps: [], remove: null };
  const revised = [...steps, ...(remove === null ? [] : [remove])];
  const texts = [...(write === null ? [] : [write, ...(write.after ?? [])]), ...revised].map(({ mutation }) => mutation);
  return all("restore", stream, [...texts, ...(adopted === undefined ? [] : [adopted.query])]);
}

/** Names the extractor: another catalogue, another name. What only watches makes no record another. */
export function extractorId(needs: readonly Need[] = needsOf()): string {
  const hash = createHash("sha256");
  for (const { text, use, stream } of needs) if (use !== "watch") hash.update(JSON.stringify([use, stream, text]));
  return hash.digest("hex").slice(0, 16);
}
