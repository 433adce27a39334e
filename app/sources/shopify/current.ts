/** One record of a shop as it is now, with its children: the same records, byte for byte, that a snapshot would hold. For continuous capture. */
import { z } from "zod";
import type { SourceRecord } from "#app/vault/index.ts";
import { CATALOGUE } from "./catalogue/all.ts";
import { currentRecords, objectRecords } from "./catalogue/current.ts";
import { ShopifyClient, type ShopifyClientOptions } from "./client.ts";

const Answer = z.record(z.string(), z.unknown());

/** Whether a kind, by the name its records have, can be asked for record by record. */
export function canFetch(kind: string): boolean {
  return CATALOGUE.some((one) => one.kind === kind && (one.read.how === "object" || one.one !== null));
}

/** Null: the shop has none of this kind with this id (it is gone), or it is of no kind that can be asked for so. `id`: a GID. Throws SourceError. A client that is handed in keeps what it knows of the shop's rate limit. */
export async function fetchCurrent(from: ShopifyClient | ShopifyClientOptions, kind: string, id: string, signal: AbortSignal): Promise<readonly SourceRecord[] | null> {
  const known = CATALOGUE.find((one) => one.kind === kind || one.types.includes(kind));
  if (known === undefined) return null;
  const client = from instanceof ShopifyClient ? from : new ShopifyClient(from);
  const ask = (query: string, variables: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> => client.query(query, variables, Answer, signal);
  if (known.read.how === "object") return objectRecords(known, ask);
  return known.one === null ? null : currentRecords(known, id, ask);
}
