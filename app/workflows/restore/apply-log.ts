/**
 * The log of a restore in the vault: `restores/<planId>/log-<number>`, one object for each entry, sealed. It names ids, codes and instants, never a value. What
 * earlier restores created is read from their logs, so that a later restore into the same shop knows which record stands for which.
 */
import { z } from "zod";
import type { RestoreLog, RestoreStep } from "#app/sources/port.ts";
import { putRestoreObject, readRestoreObject, restoreObjectNames, VaultError, type RestoreKeeper, type RestoreReader } from "#app/vault/index.ts";
import { RunFailed } from "../shared/failure.ts";

const Id = z.string().min(1).max(4096);
const Code = z.string().max(200);
const Outcome = z.enum(["restored", "restored-with-losses", "refused", "skipped"]);
const Step = z.discriminatedUnion("step", [
  z.object({ step: z.literal("asked"), batch: Code, at: z.string(), what: z.enum(["create", "change", "remove"]), kind: Code, ids: z.array(Id), after: Id.nullish() }),
  z.object({ step: z.literal("started"), batch: Code, operation: Id }),
  z.object({ step: z.literal("created"), id: Id, newId: Id }),
  z.object({ step: z.literal("done"), kind: Code, id: Id, newId: Id.optional(), outcome: Outcome, code: Code.optional() }),
]);
const Entry = z.object({ format: z.literal(1), /** The shop that was written to. */ target: z.string(), steps: z.array(Step) });

/** Steps of one object: with ids of a hundred bytes well below the 16 MiB that an object may have. */
const STEPS_AT_ONCE = 5_000;

export class VaultRestoreLog implements RestoreLog {
  readonly name: string;
  readonly #keeper: RestoreKeeper;
  readonly #planId: string;
  readonly #target: string;
  #next: number;
  #appending: Promise<void> = Promise.resolve();

  private constructor(keeper: RestoreKeeper, planId: string, target: string, next: number) {
    this.#keeper = keeper;
    this.#planId = planId;
    this.#target = target;
    this.#next = next;
    this.name = `holdfast_${planId.replace(/[^A-Za-z0-9]/g, "").slice(-24)}`;
  }

  static async open(keeper: RestoreKeeper, planId: string, target: string): Promise<VaultRestoreLog> {
    const names = await restoreObjectNames(keeper.store, planId, "log-");
    return new VaultRestoreLog(keeper, planId, target, names.length === 0 ? 0 : Number(names.at(-1)!.slice("log-".length)) + 1);
  }

  async *entries(): AsyncGenerator<RestoreStep> {
    for (let n = 0; n < this.#next; n++) {
      const entry = await readEntry(this.#keeper, this.#planId, nameOf(n));
      if (entry === null) throw new VaultError("vault.missing_object", "a part of a restore's log is missing", { object: `restores/${this.#planId}/${nameOf(n)}` });
      // Another target than this life writes to would make its ids mean something else.
      if (entry.target !== this.#target) throw new RunFailed("restore.digest_mismatch", "the log is of a restore into another shop");
      yield* entry.steps as readonly RestoreStep[];
    }
  }

  append(steps: readonly RestoreStep[]): Promise<void> {
    const mine = this.#appending.then(() => this.#write(steps));
    this.#appending = mine.catch(() => undefined);
    return mine;
  }

  async #write(steps: readonly RestoreStep[]): Promise<void> {
    for (let at = 0; at < steps.length; at += STEPS_AT_ONCE) {
      const content = Buffer.from(JSON.stringify({ format: 1, target: this.#target, steps: steps.slice(at, at + STEPS_AT_ONCE) }), "utf8");
      // Two lives at once: the one whose number is taken is not the one that has the lease.
      if (!(await putRestoreObject(this.#keeper, this.#planId, nameOf(this.#next), content))) throw new RunFailed("restore.contended", "another process carries out this plan");
      this.#next++;
    }
  }
}

/** Old id to new id, of everything that restores into this shop created, over as many restores as there were. */
export async function knownIds(reader: RestoreReader, target: string): Promise<ReadonlyMap<string, string>> {
  const direct = new Map<string, string>();
  for (const planId of await restoresIn(reader)) {
    for (const name of await restoreObjectNames(reader.store, planId, "log-")) {
      const entry = await readEntry(reader, planId, name);
      if (entry?.target !== target) continue;
      for (const step of entry.steps) if (step.step === "created") direct.set(step.id, step.newId);
    }
  }
  const known = new Map<string, string>();
  for (const old of direct.keys()) {
    let now = old;
    for (let steps = 0; steps < direct.size; steps++) {
      const next = direct.get(now);
      if (next === undefined || next === now) break;
      now = next;
    }
    known.set(old, now);
  }
  return known;
}

/** What a restore's log says so far, in order; of every target it was begun into. */
export async function* loggedSteps(reader: RestoreReader, planId: string): AsyncGenerator<RestoreStep> {
  for (const name of await restoreObjectNames(reader.store, planId, "log-")) yield* ((await readEntry(reader, planId, name))?.steps ?? []) as readonly RestoreStep[];
}

async function restoresIn({ store }: RestoreReader): Promise<readonly string[]> {
  const ids = new Set<string>();
  for await (const { key } of store.list("restores/")) {
    const id = key.split("/")[1];
    if (id !== undefined && id !== "") ids.add(id);
  }
  return [...ids].sort();
}

async function readEntry(reader: RestoreReader, planId: string, name: string): Promise<z.infer<typeof Entry> | null> {
  const bytes = await readRestoreObject(reader, planId, name);
  if (bytes === null) return null;
  const parsed = Entry.safeParse(JSON.parse(bytes.toString("utf8")));
  if (!parsed.success) throw new VaultError("vault.damaged_object", "it is no part of a restore's log", { object: `restores/${planId}/${name}` });
  return parsed.data;
}

function nameOf(n: number): string {
  return `log-${String(n).padStart(10, "0")}`;
}
