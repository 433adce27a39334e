/** Every document that this program sends to a shop, with what it is needed for: what the API change guard holds against the live schema. */
import { createHash } from "node:crypto";
import { CATALOGUE } from "./catalogue/all.ts";
import type { Kind } from "./catalogue/kind.ts";
import { BULK_OPERATION, CANCEL, RUN_MUTATION, RUN_QUERY } from "./operation.ts";
import { METAOBJECT_TYPES_QUERY } from "./streams/metaobject-stream.ts";

export interface Need {
  readonly text: string;
  readonly use: "read" | "restore";
  /** The stream it belongs to; "every" where all depend on it. */
  readonly stream: string;
}

export function needsOf(catalogue: readonly Kind[] = CATALOGUE): readonly Need[] {
  const needs: Need[] = [
    ...[BULK_OPERATION, RUN_QUERY, CANCEL].map((text): Need => ({ text, use: "read", stream: "every" })),
    { text: RUN_MUTATION, use: "restore", stream: "every" },
    { text: METAOBJECT_TYPES_QUERY, use: "read", stream: "metaobjects" },
  ];
  for (const { stream, read, parts, one, count, write } of catalogue) {
    const texts = [read.query, ...(read.how === "by-type" ? [read.bulkQuery("type")] : []), ...(one === null ? [] : [one]), ...(count === null ? [] : [count.query, ...(count.windowed === undefined ? [] : [count.windowed.query])])];
    needs.push(...texts.map((text): Need => ({ text, use: "read", stream })));
    for (const part of parts) if (part.how !== "content") needs.push({ text: part.query, use: "read", stream: part.stream });
    if (write !== null) needs.push({ text: write.mutation, use: "restore", stream });
  }
  return needs;
}

/** Names the extractor: another catalogue, another name. */
export function extractorId(needs: readonly Need[] = needsOf()): string {
  const hash = createHash("sha256");
  for (const { text, use, stream } of needs) hash.update(JSON.stringify([use, stream, text]));
  return hash.digest("hex").slice(0, 16);
}
