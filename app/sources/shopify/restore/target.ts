/**
 * A Shopify shop as the target of a restore. Everything is created anew (the platform lets nobody choose an id); references are rewritten
 * through the map of old to new ids, and what refers to something that comes later is written at the end.
 */
import { z } from "zod";
import type { Clock, SourceRecord } from "#app/vault/index.ts";
import type { Assessment, ChangesOf, Extras, FamilyChange, RecordsOf, RestoreOutcome, RestoreRun, RestoreTarget, ReviseOutcome, ReviseRun, SourceDescription } from "../../port.ts";
import { ORDERED_KINDS } from "../catalogue/all.ts";
import type { Family, Kind, WrittenKind } from "../catalogue/kind.ts";
import { metafieldDefinitions } from "../catalogue/content/metafield-definitions.ts";
import { metaobjectDefinitions } from "../catalogue/content/metaobject-definitions.ts";
import { metaobjects } from "../catalogue/content/metaobjects.ts";
import { API_VERSION, ShopifyClient, throwIfCancelled, type ShopifyClientOptions } from "../client.ts";
import { Operations, type Stalled } from "../operations.ts";
import { References } from "../references.ts";
import { ShopifyRights } from "../rights.ts";
import { History, Identities, Look, Requests, assess, kindOf, revise } from "../revise/index.ts";
import type { BulkMutationOptions } from "./bulk-mutation.ts";
import { runBulkMutation } from "./bulk-mutation.ts";
import { families } from "./families.ts";
import { RESTORE_ORDER } from "./order.ts";
import { RestoreProgress } from "./progress.ts";
import type { UploadOptions } from "./staged-upload.ts";
import { removeExtraLocations } from "./extra-locations.ts";
import { writeDefinitions } from "./write-definitions.ts";
import { writeFiles } from "./write-files.ts";
import { writeMany } from "./write-many.ts";
import { writeMetafields } from "./write-metafields.ts";

/** Any answer says what the rate limit restores; this is the smallest. */
export const RATE_QUERY = `#graphql
  query RateOfThisShop { shop { id } }
`;

/** Whole records held at once while they are read again. */
const READ_AT_ONCE = 100;

export interface ShopifyRestoreTargetOptions extends ShopifyClientOptions {
  readonly clock: Clock;
  /** From how many changes by one mutation on a bulk operation is used. */
  readonly bulkFrom?: number;
  /** When a bulk operation counts as stalled, and is cancelled. */
  readonly stalled?: Stalled;
}

export class ShopifyRestoreTarget implements RestoreTarget {
  readonly description: SourceDescription;
  readonly orderedKinds = ORDERED_KINDS;
  readonly rights = new ShopifyRights(() => this.#reading());
  readonly #options: ShopifyRestoreTargetOptions;
  #client: ShopifyClient | null = null;
  #assessed: { readonly known: ReadonlyMap<string, string>; readonly same: boolean; readonly gone: ReadonlySet<string> | undefined; readonly base: Identities } | null = null;

  constructor(options: ShopifyRestoreTargetOptions) {
    this.#options = options;
    this.description = { type: "shopify", name: options.shop, apiVersion: API_VERSION };
  }

  assess(change: FamilyChange, { extras, ids = { known: new Map(), same: true }, gone }: { readonly extras: Extras; readonly ids?: ReviseRun["ids"]; readonly gone?: ReadonlySet<string> }): Assessment {
    return assess(change, extras, this.#identities(ids, gone));
  }

  /** The same two objects for every family of a plan: what they say of thousands of ids is put together once. */
  #identities(ids: ReviseRun["ids"], gone: ReadonlySet<string> | undefined): Identities {
    if (this.#assessed === null || this.#assessed.known !== ids.known || this.#assessed.same !== ids.same || this.#assessed.gone !== gone) {
      this.#assessed = { known: ids.known, same: ids.same, gone, base: Identities.planned({ known: ids.known, home: ids.same }, gone) };
    }
    return this.#assessed.base.apart();
  }

  async *read(roots: readonly { readonly kind: string; readonly id: string }[], signal: AbortSignal): AsyncGenerator<{ readonly id: string; readonly records: readonly SourceRecord[] | null }> {
    const look = new Look(this.#reading(), signal);
    for (const [type, ids] of Map.groupBy(roots, ({ kind }) => kind)) {
      const kind = kindOf(type);
      if (kind === null) continue;
      for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
        for (const [id, records] of await look.records(kind, ids.slice(at, at + READ_AT_ONCE).map((one) => one.id))) yield { id, records };
      }
    }
  }

  async revise(changes: ChangesOf, run: ReviseRun): Promise<ReviseOutcome> {
    const { signal } = run;
    const client = this.#reading();
    const operations = new Operations({ client, clock: this.#options.clock, sleep: this.#options.sleep });
    const http = this.#options.fetch ?? fetch;
    return revise(changes, run, {
      client,
      operations,
      requests: new Requests({ client, operations, fetch: http, signal, ...(this.#options.bulkFrom === undefined ? {} : { bulkFrom: this.#options.bulkFrom }), ...(this.#options.stalled === undefined ? {} : { stalled: this.#options.stalled }) }),
      history: await History.read(run.log, this.#options.clock),
      identities: new Identities({ known: run.ids.known, home: run.ids.same }),
      look: new Look(client, signal),
      uploads: { client, fetch: http, sleep: this.#options.sleep, signal },
    });
  }

  /** Points a second that the shop's rate limit restores; null: it did not say. Throws SourceError. */
  async restoreRate(signal: AbortSignal): Promise<number | null> {
    await this.#reading().query(RATE_QUERY, {}, z.object({ shop: z.object({ id: z.string() }) }), signal);
    return this.#reading().restoreRate;
  }

  /** One client for a life of the target: what it knows of the rate limit is about all of it. */
  #reading(): ShopifyClient {
    this.#client ??= new ShopifyClient(this.#options);
    return this.#client;
  }

  async apply(records: RecordsOf, run: RestoreRun): Promise<RestoreOutcome> {
    const { signal } = run;
    const client = new ShopifyClient(this.#options);
    const operations = new Operations({ client, clock: this.#options.clock, sleep: this.#options.sleep });
    const bulk: BulkMutationOptions = { operations, fetch: this.#options.fetch ?? fetch, signal };
    const uploads: UploadOptions = { client, fetch: this.#options.fetch ?? fetch, sleep: this.#options.sleep, signal };
    const progress = new RestoreProgress(run);

    const definitions = await collect(families(records(new Set([metaobjectDefinitions.kind, metafieldDefinitions.kind]))));
    for (const kind of [metaobjectDefinitions, metafieldDefinitions]) {
      await writeDefinitions(kind, definitions.filter(({ root }) => root.kind === kind.kind), progress, client, signal);
    }
    const unfinished: Family[] = [];
    for (const kind of RESTORE_ORDER) {
      throwIfCancelled(signal);
      if (kind.adopted !== undefined) await adopt(kind, families(records(new Set(kind.types))), progress, client, signal);
      if (isWritten(kind) && kind.write.how === "files") await writeFiles(kind, records(new Set(kind.types)), progress, uploads);
      if (isWritten(kind) && kind.write.how === "bulk") await writeMany(kind, families(records(new Set(kind.types))), progress, bulk, (family) => unfinished.push(family));
    }
    await removeExtraLocations(progress, client, signal);
    await writeAgain(metaobjects, unfinished, progress, bulk);
    await writeMetafields(progress.later, progress, bulk);
    return progress.outcome();
  }
}

function isWritten(kind: Kind): kind is WrittenKind {
  return kind.write !== null;
}

/** What every shop has: it is found, not created, and its metafields are put onto it at the end. */
async function adopt(kind: Kind, all: AsyncIterable<Family>, progress: RestoreProgress, client: ShopifyClient, signal: AbortSignal): Promise<void> {
  const { adopted } = kind;
  if (adopted === undefined) return;
  for await (const family of all) {
    const answer = await client.query(adopted.query, {}, z.object({ [adopted.field]: z.object({ id: z.string() }) }), signal);
    const id = answer[adopted.field]?.id;
    if (id === undefined) continue;
    const references = new References(progress.ids);
    references.laterMetafields(family);
    progress.ids.set(family.root.id, id);
    progress.later.push(...references.later);
    progress.seen(1);
  }
}

/** Metaobjects that refer to what was created after them: the same upsert once more, now that it exists. */
async function writeAgain(kind: WrittenKind, unfinished: readonly Family[], progress: RestoreProgress, bulk: BulkMutationOptions): Promise<void> {
  if (unfinished.length === 0) return;
  const prepared = unfinished.map((family) => {
    const references = new References(progress.ids);
    return { family, variables: kind.write.variables(family, references), incomplete: references };
  });
  const results = await runBulkMutation(
    kind.write,
    prepared.map(({ variables }) => variables),
    bulk,
  );
  progress.charge(prepared.length);
  for (const [n, { family, incomplete }] of prepared.entries()) {
    const result = results[n]!;
    if (!result.done) progress.refuse(family.root, result.code);
    else if (incomplete.incomplete) progress.refuse(family.root, "reference_not_restored");
  }
}

async function collect(all: AsyncIterable<Family>): Promise<Family[]> {
  const list: Family[] = [];
  for await (const family of all) list.push(family);
  return list;
}
