/**
 * Asks the shop for many changes by one mutation: one by one, a few at once, where they are few, and as a bulk operation where they are many. A line of which
 * nobody knows whether it was carried out is answered NO_ANSWER, and nothing but harmless ones is asked for twice.
 */
import { z } from "zod";
import { SourceError } from "../../port.ts";
import type { ShopifyClient } from "../client.ts";
import { NO_ANSWER, throwIfCancelled } from "../client.ts";
import type { Operation } from "../operation.ts";
import type { Operations, Stalled } from "../operations.ts";
import { collect, readPayload, type BulkMutation, type BulkMutationOptions, type LineResult } from "../restore/bulk-mutation.ts";
import { uploadVariables } from "../restore/staged-upload.ts";

/** From so many lines on a bulk operation is quicker than requests at the slowest plan's 100 points a second, and costs no points. */
export const BULK_FROM = 60;
/** The platform takes 100 MB in one file. */
const FILE_BYTES = 16 * 1024 * 1024;
/** Enough that the rate limit and not the way there and back sets the pace. */
const SINGLE_AT_ONCE = 12;
/** Whether an operation was started is asked for this long after its answer was lost: longer than the platform lets a request run. */
const LOOKS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export const UNKNOWN: LineResult = { done: false, code: NO_ANSWER, field: [] };
export const isUnknown = (result: LineResult): boolean => !result.done && result.code === NO_ANSWER;

export type Variables = Readonly<Record<string, unknown>>;

export interface RequestsOptions {
  readonly client: ShopifyClient;
  readonly operations: Operations;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  readonly bulkFrom?: number;
  /** When a bulk operation counts as stalled. Default: as for reading. */
  readonly stalled?: Stalled;
}

export interface Asking {
  /** Letters, digits and underscores: the bulk operation is known again by it. */
  readonly batch: string;
  /** Asking twice changes nothing. */
  readonly harmless: boolean;
  /** Told when a bulk operation is under way. */
  readonly onStarted?: (operation: string) => Promise<void>;
}

export class Requests {
  readonly #o: RequestsOptions;
  constructor(options: RequestsOptions) {
    this.#o = options;
  }

  get #bulk(): BulkMutationOptions {
    const { operations, fetch, signal } = this.#o;
    return { operations, fetch, signal };
  }

  /** One result for each line, in their order. */
  async ask(what: BulkMutation, lines: readonly Variables[], asking: Asking): Promise<readonly LineResult[]> {
    if (lines.length < (this.#o.bulkFrom ?? BULK_FROM)) return this.#singly(what, lines, asking.harmless);
    const results: LineResult[] = [];
    for (const [n, part] of [...split(lines)].entries()) results.push(...(await this.#inBulk(what, part, { ...asking, batch: n === 0 ? asking.batch : `${asking.batch}_${n}` })));
    return results;
  }

  /** Waits for an operation that an earlier life started, and reads its results into `lines` of them. */
  async results(operation: Operation, what: BulkMutation, lines: number): Promise<readonly LineResult[]> {
    const results: LineResult[] = Array.from({ length: lines }, () => UNKNOWN);
    const over = await this.over(operation);
    const failed = over.status !== "COMPLETED";
    const url = failed ? over.partialDataUrl : over.url;
    if (url !== null) await collect(url, over.id, failed, what, results, this.#bulk);
    return results;
  }

  /** Waits until an operation of ours is over; one that makes no progress is cancelled, and what it did not do is nobody's knowledge. */
  over(operation: Operation): Promise<Operation> {
    return this.#o.operations.untilWritten(operation, this.#o.signal, this.#o.stalled);
  }

  async #singly(what: BulkMutation, lines: readonly Variables[], harmless: boolean): Promise<readonly LineResult[]> {
    const results: LineResult[] = Array.from({ length: lines.length }, () => UNKNOWN);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let n = next++; n < lines.length; n = next++) results[n] = await this.#one(what, lines[n]!, harmless);
    };
    // All are waited for before an error is let out: none must be under way any more.
    const ended = await Promise.allSettled(Array.from({ length: Math.min(SINGLE_AT_ONCE, lines.length) }, worker));
    const failed = ended.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return results;
  }

  async #one(what: BulkMutation, variables: Variables, harmless: boolean): Promise<LineResult> {
    const { client, signal } = this.#o;
    try {
      const data = await client.query(what.mutation, variables, z.record(z.string(), z.unknown()), signal, { once: !harmless });
      return readPayload({ data }, what);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if (error.reason === NO_ANSWER) return UNKNOWN;
      // Refused for what it says, or for a scope that this kind needs: no reason to give up the others.
      if (error.reason !== null && error.retry === "never" && (error.code === "source.failed" || error.reason === "ACCESS_DENIED")) return { done: false, code: error.reason, field: [] };
      throw error;
    }
  }

  async #inBulk(what: BulkMutation, lines: readonly Variables[], asking: Asking): Promise<readonly LineResult[]> {
    const { operations, signal } = this.#o;
    const leave = await operations.place(signal);
    try {
      const named = { ...what, mutation: what.mutation.replace(/\bmutation \w+/, `mutation ${asking.batch}`) };
      const operation = await this.#start(named.mutation, lines, asking.batch);
      await asking.onStarted?.(operation.id);
      return await this.results(operation, named, lines.length);
    } finally {
      leave();
    }
  }

  /** Starts it once: where the answer is lost, the shop's own list says whether it was. */
  async #start(mutation: string, lines: readonly Variables[], batch: string): Promise<Operation> {
    const { client, fetch, operations, signal } = this.#o;
    for (let attempt = 0; ; attempt++) {
      throwIfCancelled(signal);
      const path = await uploadVariables(lines.map((one) => JSON.stringify(one)), { client, fetch, sleep: operations.sleep, signal });
      try {
        return await operations.startMutation(mutation, path, signal, { once: true });
      } catch (error) {
        if (!(error instanceof SourceError) || error.reason !== NO_ANSWER) throw error;
        for (const ms of LOOKS_MS) {
          await operations.sleep(ms, signal);
          const [found] = await operations.named(`mutation ${batch}(`, signal, 50);
          if (found !== undefined) return found;
        }
        if (attempt >= 4) throw error;
      }
    }
  }
}

/** Into files that the platform takes. */
export function* split(lines: readonly Variables[]): Generator<readonly Variables[]> {
  let part: Variables[] = [];
  let bytes = 0;
  for (const line of lines) {
    part.push(line);
    bytes += JSON.stringify(line).length;
    if (bytes < FILE_BYTES) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}
