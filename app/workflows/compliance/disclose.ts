/**
 * Answers "what do you have about me?" (customers/data_request) for the merchant: what the shop has now, and every version that the vault keeps, in
 * snapshots and in the journal. JSON lines: a first line that says what this is, then one line per version. Opens records, so it takes content keys.
 */
import { findRecords, type ContentKeys, type FoundVersion, type ObjectStore, type SourceRecord, type VaultDescription } from "#app/vault/index.ts";
import type { Clock, ComplianceRequest, CurrentRecords } from "../ports.ts";
import { kindOfId, recordsOfPerson } from "./person-records.ts";

export interface Disclose {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly contentKeys: ContentKeys;
  /** Null: the shop cannot be asked (the app is uninstalled, or this is a command line without one). */
  readonly current: CurrentRecords | null;
  readonly request: Pick<ComplianceRequest, "id" | "shop" | "customerId" | "orderIds">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface Disclosure {
  /** UTF-8 JSON lines. Somebody's health data in clear: to be sealed at once, or written where its reader said. */
  readonly lines: Buffer;
  /** Distinct records, versions of them in the vault, records in the shop. */
  readonly records: number;
  readonly versions: number;
  readonly fromShop: number;
  /** Packs that the keys at hand do not open. */
  readonly unopened: number;
}

export async function disclose(o: Disclose): Promise<Disclosure> {
  const { request, current, signal } = o;
  const { ids, references } = recordsOfPerson(request);
  const shopRecords: SourceRecord[] = [];
  if (current !== null) for (const id of ids) shopRecords.push(...((await current.fetch(request.shop, kindOfId(id), id, signal)) ?? []));
  const found =
    ids.length === 0
      ? { versions: [], unopened: 0 }
      : await findRecords({ store: o.store, description: o.description, indexKey: o.indexKey, contentKeys: o.contentKeys, ids, signal, ...(references === undefined ? {} : { references }), ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }) });
  const records = new Set([...found.versions.map(({ record }) => record), ...shopRecords].map(({ kind, id, parentId }) => `${kind} ${parentId ?? ""} ${id}`)).size;
  const head = {
    what: "Everything the store and its backups hold about one person",
    request: request.id,
    shop: request.shop,
    madeAt: o.clock.now().toISOString(),
    records,
    versionsInBackups: found.versions.length,
    recordsInStore: current === null ? null : shopRecords.length,
    note: "from: 'store' is the state when this was made; 'backup' is one version, with the backups that hold it (none: it was captured between two backups).",
  };
  const lines = [JSON.stringify(head), ...shopRecords.map(shopLine), ...found.versions.map(backupLine)];
  return { lines: Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8"), records, versions: found.versions.length, fromShop: shopRecords.length, unopened: found.unopened };
}

function shopLine(record: SourceRecord): string {
  return line({ from: "store" }, record);
}

function backupLine({ record, snapshots }: FoundVersion): string {
  return line({ from: "backup", backups: snapshots.map(({ snapshotId, takenAt }) => ({ id: snapshotId, takenAt })) }, record);
}

/** The record's own bytes go in as they are: they are JSON already, unless a source says otherwise. */
function line(about: object, { kind, id, parentId, bytes }: SourceRecord): string {
  const text = Buffer.from(bytes).toString("utf8");
  const head = JSON.stringify({ ...about, kind, id, ...(parentId === null ? {} : { parentId }) });
  return `${head.slice(0, -1)},"record":${isJson(text) ? text : JSON.stringify(text)}}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return !/[\n\r]/.test(text);
  } catch {
    return false;
  }
}
