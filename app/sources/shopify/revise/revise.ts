/**
 * Puts changed families back into a living shop: kind by kind in the order in which they depend on each other, in batches. Each batch is looked at first (is it
 * still what the plan says?), entered into the log, asked for, and entered as done. A life that starts from a log looks at everything that was asked for
 * and is not done: a record is compared as it is and only what still differs is asked for.
 */
import type { ChangesOf, FamilyChange, ReviseOutcome, ReviseResult, ReviseRun } from "../../port.ts";
import type { Family, Kind, WrittenKind } from "../catalogue/kind.ts";
import { throwIfCancelled, type ShopifyClient } from "../client.ts";
import type { Operations } from "../operations.ts";
import { References } from "../references.ts";
import type { UploadOptions } from "../restore/staged-upload.ts";
import { CHANGED, amendAll, asCreated, readAgain, type Job } from "./amend.ts";
import { createAll, type Created } from "./creations.ts";
import type { History } from "./history.ts";
import type { Identities } from "./identities.ts";
import { isSameState, type Look } from "./look.ts";
import { REVISE_ORDER } from "./order.ts";
import { removeAll } from "./removals.ts";
import { recover } from "./recover.ts";
import type { Requests } from "./requests.ts";
import { deltaOf, familyOf, workFor } from "./work.ts";

/** Families held at once. */
const BATCH = 500;

export interface ReviseTools {
  readonly client: ShopifyClient;
  readonly requests: Requests;
  readonly history: History;
  readonly identities: Identities;
  readonly look: Look;
  readonly uploads: UploadOptions;
  readonly operations: Operations;
}

export async function revise(changes: ChangesOf, run: ReviseRun, tools: ReviseTools): Promise<ReviseOutcome> {
  return new Revising(changes, run, tools).all();
}

class Revising {
  readonly #changes: ChangesOf;
  readonly #run: ReviseRun;
  readonly #tools: ReviseTools;
  readonly #counts: Record<ReviseResult["outcome"], number> = { restored: 0, "restored-with-losses": 0, refused: 0, skipped: 0 };
  /** Roots that wait for something that is created later. */
  readonly #waiting = new Set<string>();
  readonly #told = new Set<string>();
  /** What there is to do at all: each pass opens records anew. */
  readonly #kinds = new Set<string>();
  #records = 0;

  constructor(changes: ChangesOf, run: ReviseRun, tools: ReviseTools) {
    this.#changes = changes;
    this.#run = run;
    this.#tools = tools;
  }

  async all(): Promise<ReviseOutcome> {
    const { client, history } = this.#tools;
    await recover(this.#tools, this.#run.signal);
    await this.#survey();
    for (const kind of REVISE_ORDER) await this.#pass(kind, false);
    // Now everything there will be is there.
    if (this.#waiting.size > 0) for (const kind of REVISE_ORDER) await this.#pass(kind, true);
    if (this.#run.extras === "remove") for (const kind of [...REVISE_ORDER].reverse()) await this.#removals(kind);
    return { ids: new Map(history.created), counts: this.#counts, costPoints: client.spent };
  }

  /** Which roots are gone: what refers to them has to wait until they are there again. */
  async #survey(): Promise<void> {
    const { identities, history } = this.#tools;
    for await (const { kind, id, then, now } of this.#changes(new Set(REVISE_ORDER.flatMap(({ types }) => types)))) {
      this.#kinds.add(kind);
      if (then !== null && now === null && !history.created.has(id)) identities.lost(id);
      if (then !== null && now !== null && now[0] !== undefined && now[0].id !== id) identities.pair(id, now[0].id);
    }
  }

  async #pass(kind: Kind, last: boolean): Promise<void> {
    if (!kind.types.some((type) => this.#kinds.has(type))) return;
    let batch: FamilyChange[] = [];
    for await (const change of this.#changes(new Set(kind.types))) {
      if (change.then === null) continue;
      if (last && !this.#waiting.has(change.id)) continue;
      const done = this.#tools.history.done.get(change.id);
      if (done !== undefined) {
        await this.#tell(done);
        continue;
      }
      batch.push(change);
      if (batch.length < BATCH) continue;
      await this.#batch(kind, batch, last);
      batch = [];
    }
    if (batch.length > 0) await this.#batch(kind, batch, last);
  }

  async #batch(kind: Kind, batch: readonly FamilyChange[], last: boolean): Promise<void> {
    throwIfCancelled(this.#run.signal);
    await this.#run.paused?.();
    throwIfCancelled(this.#run.signal);
    const { history, look } = this.#tools;
    const touched = history.unfinished("change");
    const jobs: Job[] = [];
    const fresh: Job[] = [];
    const doubtful: { readonly change: FamilyChange; readonly then: Family; readonly newId: string }[] = [];
    const toCreate: Family[] = [];
    for (const change of batch) {
      const then = familyOf(change.then!);
      // Created by an earlier life, or by an earlier restore into a shop that is not the one the snapshot is of.
      const newId = history.created.get(change.id) ?? (change.now === null ? this.#run.ids.known.get(change.id) : undefined);
      if (newId !== undefined || (change.now !== null && (touched.has(change.id) || last))) doubtful.push({ change, then, newId: newId ?? change.now![0]!.id });
      else if (change.now === null) toCreate.push(then);
      else fresh.push(this.#job(kind, change, deltaOf({ ...change, then: change.then!, now: change.now }, this.#run.extras).now, then, false));
    }
    const nothing = fresh.filter(({ work }) => isNothing(work) && !work.waits);
    for (const job of nothing) await this.#tell({ kind: job.work.delta.then.root.kind, id: job.id, ...(job.work.losses.length === 0 ? { outcome: "skipped" as const } : { outcome: "refused" as const, code: job.work.losses[0]!.reason }) });
    jobs.push(...(await this.#stillAsPlanned(kind, fresh.filter((job) => !nothing.includes(job)), toCreate)));

    for (const [id, family] of await look.all(kind, doubtful.map(({ newId }) => newId))) {
      const { change, then } = doubtful.find(({ newId }) => newId === id)!;
      if (family === null) toCreate.push(then);
      else jobs.push(this.#job(kind, change, family, then, true));
    }
    jobs.push(...(await this.#create(kind, toCreate)));
    if (jobs.length === 0) return;
    await history.ask(history.newBatch(), "change", kind.kind, jobs.map(({ id }) => id), null);
    await amendAll(kind, jobs, { ...this.#tools, ifChanged: this.#run.ifChanged });
    await this.#finish(jobs, last);
  }

  #job(kind: Kind, change: Pick<FamilyChange, "id">, now: Family, then: Family, ours: boolean): Job {
    return { id: change.id, kind, work: workFor(kind, { then, now, extras: this.#run.extras }, this.#tools.identities), ours, wrote: 0, code: null, stopped: false };
  }

  /** Records that were changed after the plan was made are left alone or overwritten, as the rule says; those that were deleted are created. */
  async #stillAsPlanned(kind: Kind, jobs: readonly Job[], toCreate: Family[]): Promise<Job[]> {
    if (jobs.length === 0) return [];
    const { look, identities } = this.#tools;
    const same = await look.unchanged(kind, jobs.map(({ work }) => work.delta.now.root));
    const unsure = jobs.filter(({ work }) => !same.has(work.delta.now.root.id));
    const found = await look.all(kind, unsure.map(({ work }) => work.delta.now.root.id));
    const kept = jobs.filter(({ work }) => same.has(work.delta.now.root.id));
    for (const job of unsure) {
      const { delta } = job.work;
      const now = found.get(delta.now.root.id) ?? null;
      if (now !== null && isSameState(now, delta.now)) kept.push(job);
      else if (this.#run.ifChanged({ kind: delta.then.root.kind, id: job.id }) === "skip") await this.#done([{ kind: delta.then.root.kind, id: job.id, outcome: "skipped", code: CHANGED }]);
      else if (now === null) {
        identities.lost(job.id);
        toCreate.push(delta.then);
      } else {
        job.work = workFor(kind, { ...delta, now }, identities);
        job.ours = true;
        kept.push(job);
      }
    }
    return kept;
  }

  async #create(kind: Kind, families: readonly Family[]): Promise<Job[]> {
    if (families.length === 0) return [];
    const results: ReviseResult[] = [];
    const wanted: Family[] = [];
    for (const family of families) {
      const { root } = family;
      if (kind.write === null) results.push({ kind: root.kind, id: root.id, outcome: "refused", code: kind.notRestored ?? "platform.history" });
      else if (kind.write.skips?.(root) === true) results.push({ kind: root.kind, id: root.id, outcome: "refused", code: "platform.history" });
      else wanted.push(family);
    }
    const outcome = wanted.length === 0 ? new Map<string, Created>() : await createAll(kind as WrittenKind, this.#inOrder(kind, wanted), this.#tools);
    const jobs: Job[] = [];
    const bare: Job[] = [];
    for (const family of wanted) {
      const one = outcome.get(family.root.id);
      if (one === undefined || "code" in one) results.push({ kind: family.root.kind, id: family.root.id, outcome: "refused", code: one?.code ?? "no_result" });
      else {
        const job = this.#job(kind, { id: family.root.id }, asCreated(kind, family, one.newId, this.#tools.identities), family, true);
        job.wrote = 1;
        jobs.push(job);
        // More metafields than a creation takes, or one that was refused, or something that is only written afterwards: what is there has to be looked at.
        if (one.bare === true || needsLook(kind, family, this.#tools.identities)) bare.push(job);
      }
    }
    await readAgain(kind, bare, this.#tools);
    await this.#done(results);
    return jobs;
  }

  /** Definitions whose validations name others come after them. */
  #inOrder(kind: Kind, families: readonly Family[]): readonly Family[] {
    if (kind.write?.how !== "single" || families.length < 2) return families;
    const rank = (family: Family): number => (JSON.stringify(family.root.fields).includes("MetaobjectDefinition/") && /metaobject_definition_id/.test(JSON.stringify(family.root.fields)) ? 1 : 0);
    return [...families].sort((a, b) => rank(a) - rank(b));
  }

  async #finish(jobs: readonly Job[], last: boolean): Promise<void> {
    const results: ReviseResult[] = [];
    for (const { id, work, wrote, code } of jobs) {
      const { delta, losses, waits } = work;
      if (waits && !last && code !== CHANGED) {
        this.#waiting.add(id);
        continue;
      }
      const newId = delta.now.root.id === id ? {} : { newId: delta.now.root.id };
      const reason = code ?? (waits ? "reference_not_restored" : null);
      const outcome = code === CHANGED && wrote === 0 ? "skipped" : reason !== null ? (wrote > 0 ? "restored-with-losses" : "refused") : losses.length > 0 || isCreatedWithLosses(delta.then, newId) ? "restored-with-losses" : "restored";
      results.push({ kind: delta.then.root.kind, id, ...newId, outcome, ...(reason === null ? {} : { code: reason }) });
    }
    await this.#done(results);
  }

  async #removals(kind: Kind): Promise<void> {
    if (!kind.types.some((type) => this.#kinds.has(type))) return;
    let batch: FamilyChange[] = [];
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return;
      throwIfCancelled(this.#run.signal);
      await this.#run.paused?.();
      await this.#done(await removeAll(kind, batch.map(({ now }) => familyOf(now!)), { ...this.#tools, ifChanged: this.#run.ifChanged }));
      batch = [];
    };
    for await (const change of this.#changes(new Set(kind.types))) {
      if (change.then !== null || change.now === null) continue;
      const done = this.#tools.history.done.get(change.id);
      if (done !== undefined) await this.#tell(done);
      else batch.push(change);
      if (batch.length >= BATCH) await flush();
    }
    await flush();
  }

  async #done(results: readonly ReviseResult[]): Promise<void> {
    await this.#tools.history.finish(results);
    for (const result of results) await this.#tell(result);
  }

  async #tell(result: ReviseResult): Promise<void> {
    if (this.#told.has(result.id)) return;
    this.#told.add(result.id);
    this.#counts[result.outcome]++;
    this.#run.onProgress?.({ records: ++this.#records });
    await this.#run.onResult?.(result);
  }
}

function isNothing({ requests, metafields }: Job["work"]): boolean {
  return requests.length === 0 && metafields.set.length === 0 && metafields.remove.length === 0;
}

/** A record with a new id has lost at least the times and numbers that the platform gives. */
function isCreatedWithLosses(then: Family, { newId }: { readonly newId?: string }): boolean {
  return newId !== undefined && newId !== then.root.id;
}

function needsLook(kind: Kind, family: Family, identities: Identities): boolean {
  if (kind.write === null) return false;
  const references = new References((old) => identities.newId(old), { home: identities.home });
  kind.write.variables(family, references);
  return references.later.length > 0 || references.incomplete;
}
