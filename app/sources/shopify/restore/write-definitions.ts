/** Writes definitions one by one, those first on which others depend. They are few (256 per owner type at most). */
import { z } from "zod";
import type { ShopifyClient } from "../client.ts";
import type { Family, WrittenKind } from "../catalogue/kind.ts";
import { References } from "../references.ts";
import { readPayload } from "./bulk-mutation.ts";
import type { RestoreProgress } from "./progress.ts";

export async function writeDefinitions(kind: WrittenKind, definitions: readonly Family[], progress: RestoreProgress, client: ShopifyClient, signal: AbortSignal): Promise<void> {
  let waiting = definitions;
  for (;;) {
    const blocked: Family[] = [];
    for (const family of waiting) {
      const references = new References(progress.ids);
      const variables = kind.write.variables(family, references);
      if (references.incomplete) blocked.push(family);
      else await writeOne(kind, family, variables, progress, client, signal);
    }
    if (blocked.length === 0) return;
    if (blocked.length === waiting.length) {
      // They refer to each other in a circle, or to something that is not in the snapshot: written without those validations.
      for (const family of blocked) await writeOne(kind, family, kind.write.variables(family, new References(progress.ids)), progress, client, signal);
      return;
    }
    waiting = blocked;
  }
}

async function writeOne(kind: WrittenKind, family: Family, variables: Readonly<Record<string, unknown>>, progress: RestoreProgress, client: ShopifyClient, signal: AbortSignal): Promise<void> {
  const data = await client.query(kind.write.mutation, variables, z.record(z.string(), z.unknown()), signal);
  progress.charge(1);
  const result = readPayload({ data }, kind.write);
  if (result.done && result.id !== null) progress.created(family, result.id, 0);
  else progress.refuse(family.root, result.done ? "no_result" : result.code);
}
