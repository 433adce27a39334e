/**
 * Starts bulk operations and waits for their end: at most five at once (the platform's limit per app and shop since 2026-01), polled with a
 * growing pause that the finish webhook may cut short (`nudge`) but is never needed.
 */
import type { Clock } from "#app/vault/index.ts";
import { SourceError } from "../port.ts";
import { throwIfCancelled, type ShopifyClient } from "./client.ts";
import { BULK_OPERATION, BulkOperationAnswer, RUN_MUTATION, RUN_QUERY, RunMutationAnswer, RunQueryAnswer, isOver, type Operation } from "./operation.ts";
import { schemaMismatch } from "./schema-mismatch.ts";
import { backoff, type Sleep } from "./time.ts";

export const AT_ONCE = 5;

const POLL_FIRST_MS = 250;
const POLL_MAX_MS = 15_000;
const BUSY_FIRST_MS = 2_000;
const BUSY_MAX_MS = 60_000;
/** With the pauses above: about three hours of the shop saying that five operations run already. */
const BUSY_ATTEMPTS = 180;

export interface OperationsOptions {
  readonly client: ShopifyClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

export class Operations {
  readonly client: ShopifyClient;
  readonly sleep: Sleep;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #nudges: AbortController = new AbortController();

  constructor(options: OperationsOptions) {
    this.client = options.client;
    this.sleep = options.sleep;
  }

  /** Somebody says that an operation has ended: look now. */
  nudge(): void {
    const before = this.#nudges;
    this.#nudges = new AbortController();
    before.abort();
  }

  /** Waits for one of the five places. Call the answer when the operation is over. */
  async place(signal: AbortSignal): Promise<() => void> {
    while (this.#running >= AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      throwIfCancelled(signal);
    }
    this.#running++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running--;
      this.#waiting.shift()?.();
    };
  }

  startQuery(query: string, signal: AbortSignal): Promise<Operation> {
    return this.#start(async () => (await this.client.query(RUN_QUERY, { query }, RunQueryAnswer, signal)).bulkOperationRunQuery, signal);
  }

  startMutation(mutation: string, stagedUploadPath: string, signal: AbortSignal): Promise<Operation> {
    return this.#start(async () => (await this.client.query(RUN_MUTATION, { mutation, stagedUploadPath }, RunMutationAnswer, signal)).bulkOperationRunMutation, signal);
  }

  async get(id: string, signal: AbortSignal): Promise<Operation | null> {
    return (await this.client.query(BULK_OPERATION, { id }, BulkOperationAnswer, signal)).bulkOperation;
  }

  /** Polls until the operation is over. `seen` is told of every look, so that a lease can be renewed. */
  async untilOver(operation: Operation, signal: AbortSignal, seen: (operation: Operation) => void): Promise<Operation> {
    let latest = operation;
    for (let attempt = 0; !isOver(latest); attempt++) {
      await this.#pause(backoff(attempt, POLL_FIRST_MS, POLL_MAX_MS), signal);
      const now = await this.get(latest.id, signal);
      if (now === null) throw new SourceError("source.failed", "the shop no longer knows its bulk operation", { retry: "later" });
      latest = now;
      seen(latest);
    }
    return latest;
  }

  async #start(run: () => Promise<StartAnswer | null>, signal: AbortSignal): Promise<Operation> {
    for (let attempt = 0; ; attempt++) {
      const answer = await run();
      if (answer?.bulkOperation !== null && answer?.bulkOperation !== undefined && answer.userErrors.length === 0) return answer.bulkOperation;
      const error = answer?.userErrors[0];
      const busy = error?.code === "LIMIT_REACHED" || error?.code === "OPERATION_IN_PROGRESS";
      if (!busy) {
        throw (
          (error === undefined ? null : schemaMismatch([{ message: error.message }])) ??
          new SourceError("source.failed", `the shop did not accept a bulk operation (${error?.code ?? "no reason given"})`)
        );
      }
      if (attempt >= BUSY_ATTEMPTS) throw new SourceError("source.throttled", "other bulk operations of this app kept the shop busy", { retry: "later" });
      await this.#pause(backoff(attempt, BUSY_FIRST_MS, BUSY_MAX_MS), signal);
    }
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
