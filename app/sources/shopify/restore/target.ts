/**
 * A Shopify shop as the target of a restore. Everything is created anew (the platform lets nobody choose an id); references are rewritten
 * through the map of old to new ids, and what refers to something that comes later is written at the end.
 */
import type { Clock } from "#app/vault/index.ts";
import type { RecordsOf, RestoreOutcome, RestoreRun, RestoreTarget, SourceDescription } from "../../port.ts";
import type { Family, WrittenKind } from "../catalogue/kind.ts";
import { customers } from "../catalogue/customers.ts";
import { metafieldDefinitions } from "../catalogue/metafield-definitions.ts";
import { metaobjectDefinitions } from "../catalogue/metaobject-definitions.ts";
import { metaobjects } from "../catalogue/metaobjects.ts";
import { orders } from "../catalogue/orders.ts";
import { API_VERSION, ShopifyClient, throwIfCancelled, type ShopifyClientOptions } from "../client.ts";
import { Operations } from "../operations.ts";
import { References } from "../references.ts";
import type { BulkMutationOptions } from "./bulk-mutation.ts";
import { runBulkMutation } from "./bulk-mutation.ts";
import { families } from "./families.ts";
import { RestoreProgress } from "./progress.ts";
import { writeDefinitions } from "./write-definitions.ts";
import { writeMany } from "./write-many.ts";
import { writeMetafields } from "./write-metafields.ts";

export interface ShopifyRestoreTargetOptions extends ShopifyClientOptions {
  readonly clock: Clock;
}

export class ShopifyRestoreTarget implements RestoreTarget {
  readonly description: SourceDescription;
  readonly #options: ShopifyRestoreTargetOptions;

  constructor(options: ShopifyRestoreTargetOptions) {
    this.#options = options;
    this.description = { type: "shopify", name: options.shop, apiVersion: API_VERSION };
  }

  async apply(records: RecordsOf, run: RestoreRun): Promise<RestoreOutcome> {
    const { signal } = run;
    const client = new ShopifyClient(this.#options);
    const operations = new Operations({ client, clock: this.#options.clock, sleep: this.#options.sleep });
    const bulk: BulkMutationOptions = { operations, fetch: this.#options.fetch ?? fetch, signal };
    const progress = new RestoreProgress(run);

    const definitions = await collect(families(records(new Set([metaobjectDefinitions.kind, metafieldDefinitions.kind]))));
    for (const kind of [metaobjectDefinitions, metafieldDefinitions]) {
      await writeDefinitions(kind, definitions.filter(({ root }) => root.kind === kind.kind), progress, client, signal);
    }
    const unfinished: Family[] = [];
    for (const kind of [metaobjects, customers, orders]) {
      throwIfCancelled(signal);
      await writeMany(kind, families(records(new Set([kind.kind]))), progress, bulk, (family) => unfinished.push(family));
    }
    await writeAgain(metaobjects, unfinished, progress, bulk);
    await writeMetafields(progress.later, progress, bulk);
    return progress.outcome();
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
