/**
 * Starts bulk operations and waits for their end: at most five at once (the platform's limit per app and shop since 2026-01), fewer while the shop says
 * LIMIT_REACHED because another process of the app has some under way: those are never touched. Polled with a growing pause that the finish
 * webhook may cut short (`nudge`) but is never needed. An operation that makes no progress for a stated time is cancelled.
 */
import type { z } from "zod";
import type { Clock } from "#app/vault/index.ts";
import { SourceError } from "../port.ts";
import { throwIfCancelled, type ShopifyClient } from "./client.ts";
import { BULK_OPERATION, BulkOperationAnswer, CANCEL, CancelAnswer, OWN_MUTATIONS, OwnMutationsAnswer, RUN_MUTATION, RUN_QUERY, RunMutationAnswer, RunQueryAnswer, isOver, type Operation } from "./operation.ts";
import { schemaMismatch } from "./schema-mismatch.ts";
import { backoff, type Sleep } from "./time.ts";

export const AT_ONCE = 5;

const POLL_FIRST_MS = 250;
const POLL_MAX_MS = 15_000;
const BUSY_FIRST_MS = 2_000;
const BUSY_MAX_MS = 60_000;
/** With the pauses above: about three hours of the shop saying that five operations run already. */
const BUSY_ATTEMPTS = 180;

/**
 * Without one more object for so long an operation counts as stalled. RUNNING: the platform prepares thousands of objects a second, half an hour of
 * none is far from that. CREATED: it waits in the platform's own queue, where cancelling it would lose its place, so four times as long.
 * Our choice: the platform states no figure, only that it cancels stalled operations itself at times.
 */
export const STALLED_AFTER: Stalled = { runningMs: 30 * 60_000, createdMs: 120 * 60_000 };
/** How long a cancelled operation may take to say that it is. After that it is left alone. */
const CANCEL_MS = 10 * 60_000;

export interface Stalled {
  readonly runningMs: number;
  readonly createdMs: number;
}

export interface OperationsOptions {
  readonly client: ShopifyClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** An operation that is over; `stalled`: because it made no progress and was cancelled here. */
export type Ended = Operation & { readonly stalled?: boolean };

export class Operations {
  readonly client: ShopifyClient;
  readonly sleep: Sleep;
  readonly #clock: Clock;
  #running = 0;
  /** How many of ours may be under way: fewer than five while others of the app are. */
  #allowed = AT_ONCE;
  readonly #waiting: (() => void)[] = [];
  #nudges: AbortController = new AbortController();
  #starting: Promise<unknown> = Promise.resolve();

  constructor(options: OperationsOptions) {
    this.client = options.client;
    this.sleep = options.sleep;
    this.#clock = options.clock;
  }

  /** Somebody says that an operation has ended: look now. */
  nudge(): void {
    const before = this.#nudges;
    this.#nudges = new AbortController();
    before.abort();
  }

  /** Waits for one of the places, first come first served. Call the answer when the operation is over. */
  async place(signal: AbortSignal): Promise<() => void> {
    throwIfCancelled(signal);
    while (this.#running >= this.#allowed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const give = (): void => resolve();
      this.#waiting.push(give);
      signal.addEventListener("abort", give, { once: true });
      await promise;
      signal.removeEventListener("abort", give);
      if (signal.aborted) this.#wake();
      throwIfCancelled(signal);
    }
    this.#running++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running--;
      this.#wake();
      // Whoever waits because the shop was full may try at once.
      if (this.#allowed < AT_ONCE) this.nudge();
    };
  }

  /** One start after the other, in the order asked for: counting and starting belong together, and a full shop is asked by one of us only. */
  inOrder<T>(start: () => Promise<T>): Promise<T> {
    const mine = this.#starting.then(start);
    this.#starting = mine.catch(() => undefined);
    return mine;
  }

  startQuery(query: string, signal: AbortSignal): Promise<Operation> {
    return this.#start(async () => (await this.client.query(RUN_QUERY, { query }, RunQueryAnswer, signal)).bulkOperationRunQuery, signal);
  }

  /** `once`: throws with the reason NO_ANSWER instead of asking again when nobody knows whether it was started. */
  startMutation(mutation: string, stagedUploadPath: string, signal: AbortSignal, o: { readonly once?: boolean } = {}): Promise<Operation> {
    return this.#start(async () => (await this.client.query(RUN_MUTATION, { mutation, stagedUploadPath }, RunMutationAnswer, signal, o)).bulkOperationRunMutation, signal);
  }

  /** The app's bulk mutations whose text has this name in it, newest first; looks at the newest `most`. */
  async named(name: string, signal: AbortSignal, most = 500): Promise<readonly (Operation & { readonly query: string })[]> {
    const found: (Operation & { readonly query: string })[] = [];
    let after: string | null = null;
    for (let seen = 0; seen < most; ) {
      const { nodes, pageInfo }: z.infer<typeof OwnMutationsAnswer>["bulkOperations"] = (await this.client.query(OWN_MUTATIONS, { after }, OwnMutationsAnswer, signal)).bulkOperations;
      found.push(...nodes.filter(({ query }) => query.includes(name)));
      seen += nodes.length;
      if (!pageInfo.hasNextPage || nodes.length === 0) break;
      after = pageInfo.endCursor;
    }
    return found;
  }

  async get(id: string, signal: AbortSignal): Promise<Operation | null> {
    return (await this.client.query(BULK_OPERATION, { id }, BulkOperationAnswer, signal)).bulkOperation;
  }

  /** Polls until the operation is over. `seen` is told of every look, so that a lease can be renewed. With `stalled`, one that makes no progress is cancelled. */
  async untilOver(operation: Operation, signal: AbortSignal, seen: (operation: Operation) => void, stalled?: Stalled): Promise<Ended> {
    let latest = operation;
    let moved = this.#clock.now().getTime();
    for (let attempt = 0; !isOver(latest); attempt++) {
      await this.#pause(backoff(attempt, POLL_FIRST_MS, POLL_MAX_MS), signal);
      const now = await this.get(latest.id, signal);
      if (now === null) throw new SourceError("source.failed", "the shop no longer knows its bulk operation", { retry: "later" });
      if (now.objectCount !== latest.objectCount || now.status !== latest.status) moved = this.#clock.now().getTime();
      latest = now;
      seen(latest);
      const patience = latest.status === "CREATED" ? stalled?.createdMs : stalled?.runningMs;
      if (!isOver(latest) && patience !== undefined && this.#clock.now().getTime() - moved >= patience) return this.#cancelled(latest, signal);
    }
    return latest;
  }

  /**
   * As untilOver, for an operation that writes: one that makes no progress is cancelled, and answered only once the platform says that it is over. Throws
   * source.failed ("later") where it does not: what may still be writing must not be written again.
   */
  async untilWritten(operation: Operation, signal: AbortSignal, stalled: Stalled = STALLED_AFTER): Promise<Ended> {
    const ended = await this.untilOver(operation, signal, () => undefined, stalled);
    if (ended.stalled !== true) return ended;
    const now = await this.get(operation.id, signal);
    if (now === null || !isOver(now)) throw new SourceError("source.failed", "a bulk operation that made no progress could not be stopped", { retry: "later", reason: "not_stopped" });
    return { ...now, stalled: true };
  }

  /** Asks the platform to stop it, and waits until it says so; it may yet have ended well. */
  async #cancelled(operation: Operation, signal: AbortSignal): Promise<Ended> {
    await this.client.query(CANCEL, { id: operation.id }, CancelAnswer, signal);
    const until = this.#clock.now().getTime() + CANCEL_MS;
    let latest = operation;
    for (let attempt = 0; !isOver(latest) && this.#clock.now().getTime() < until; attempt++) {
      await this.#pause(backoff(attempt, POLL_FIRST_MS, POLL_MAX_MS), signal);
      latest = (await this.get(operation.id, signal)) ?? { ...latest, status: "CANCELED" };
    }
    return latest.status === "COMPLETED" || latest.status === "FAILED" ? latest : { ...latest, status: "CANCELED", stalled: true };
  }

  async #start(run: () => Promise<StartAnswer | null>, signal: AbortSignal): Promise<Operation> {
    for (let attempt = 0; ; attempt++) {
      const answer = await run();
      if (answer?.bulkOperation !== null && answer?.bulkOperation !== undefined && answer.userErrors.length === 0) {
        if (this.#allowed < AT_ONCE) this.#allowed++;
        this.#wake();
        return answer.bulkOperation;
      }
      const error = answer?.userErrors[0];
      const busy = error?.code === "LIMIT_REACHED" || error?.code === "OPERATION_IN_PROGRESS";
      if (!busy) {
        throw (
          (error === undefined ? null : schemaMismatch([{ message: error.message }])) ??
          new SourceError("source.failed", `the shop did not accept a bulk operation (${error?.code ?? "no reason given"})`, { reason: error?.code ?? "not_accepted" })
        );
      }
      if (attempt >= BUSY_ATTEMPTS) throw new SourceError("source.throttled", "other bulk operations of this app kept the shop busy", { retry: "later" });
      // This start holds a place of its own already: what the shop has room for is what ran before it.
      this.#allowed = Math.max(1, this.#running - 1);
      await this.#pause(backoff(attempt, BUSY_FIRST_MS, BUSY_MAX_MS), signal);
    }
  }

  #wake(): void {
    for (let free = this.#allowed - this.#running; free > 0 && this.#waiting.length > 0; free--) this.#waiting.shift()?.();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const nudged = this.#nudges.signal;
    try {
      await this.sleep(ms, AbortSignal.any([signal, nudged]));
    } catch (error) {
      throwIfCancelled(signal);
      if (!nudged.aborted) throw error;
    }
  }
}

interface StartAnswer {
  readonly bulkOperation: Operation | null;
  readonly userErrors: readonly { readonly code: string | null; readonly message: string }[];
}
