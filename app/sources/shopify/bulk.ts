/**
 * One bulk query, from its start (or its adoption after a restart) to the last byte of its result. The shop's part goes on in the background from `begin`
 * on; the place among the five is free as soon as the shop is done, whether or not anybody reads yet.
 *
 * CANCELED (by the platform, or here because it stalled), EXPIRED and INTERNAL_SERVER_ERROR are submitted once more. What fails then keeps what
 * partialDataUrl holds, and says so.
 */
import { createHash } from "node:crypto";
import type { Gap } from "#app/vault/index.ts";
import { throwIfCancelled } from "./client.ts";
import { download } from "./download.ts";
import type { Operation } from "./operation.ts";
import { streamFailure } from "./streams/tolerant.ts";
import { STALLED_AFTER, type Ended, type Operations, type Stalled } from "./operations.ts";

/** What is kept to find a running operation again. */
export interface BulkResume {
  readonly id: string;
  /** Which query it runs: an operation of an older version of the catalogue is not adopted. */
  readonly query: string;
  /** The shop's count right before it was started, and when that was (absent from states kept by earlier versions). */
  readonly before: number | null;
  readonly at?: string | undefined;
}

export interface BulkOptions {
  readonly operations: Operations;
  readonly stream: string;
  readonly query: string;
  readonly resume: BulkResume | null;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** Counted right before the operation is started; null when the kind has no count. */
  readonly countBefore: () => Promise<number | null>;
  /** Now, ISO 8601 UTC. */
  readonly now: () => string;
  readonly stalled?: Stalled;
  readonly onChange: (o: { readonly phase: "requesting" | "running" | "downloading"; readonly objects: number; readonly failed?: "stream.failed" }) => void;
}

const RESUBMISSIONS = 1;
/** How often a result may have expired before its turn. */
const TOO_LATE = 3;

export class BulkQuery {
  readonly #options: BulkOptions;
  readonly #gaps: Gap[] = [];
  #started: Promise<Operation> | null = null;
  #over: Promise<Ended> | null = null;
  #isOver = false;
  #leave: (() => void) | null = null;
  #resume: BulkResume | null = null;
  #result: Ended | null = null;

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  /** What to keep for a restart; null until started. */
  get resume(): BulkResume | null {
    return this.#resume;
  }

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** Objects the platform says the result holds; null unless it COMPLETED. */
  get objects(): number | null {
    return this.#result?.status === "COMPLETED" ? this.#result.objectCount : null;
  }

  /** The shop is done, or it failed: reading will not wait. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Starts the operation, or adopts the one of an earlier run, and sees to it in the background until the shop is done. Errors come out of `start`, `over` and `bytes`. */
  begin(): void {
    if (this.#over !== null) return;
    this.#started = this.#adoptOrStart();
    this.#over = this.#seeToIt(this.#started).finally(() => {
      this.#isOver = true;
      this.#leave?.();
    });
    // Whoever reads meets the error; until then nobody may be listening. That it failed is told now: its turn may be far away.
    this.#started.catch(() => undefined);
    this.#over.then(
      (ended) => {
        if (ended.status !== "COMPLETED") this.#tellFailed(ended.objectCount);
      },
      (error: unknown) => {
        if (streamFailure(error) !== null) this.#tellFailed(0);
      },
    );
  }

  #tellFailed(objects: number): void {
    this.#options.onChange({ phase: "running", objects, failed: "stream.failed" });
  }

  /** Resolves when the operation is under way. */
  start(): Promise<Operation> {
    this.begin();
    return this.#started!;
  }

  /** Resolves when the shop is done with it. */
  over(): Promise<Ended> {
    this.begin();
    return this.#over!;
  }

  /** Waits for the end, then the result's bytes. A result that expired before a byte of it was read is prepared anew: it may have waited long for its turn. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const { operations, signal, stream } = this.#options;
    let operation = await this.over();
    for (let anew = 0; ; anew++) {
      this.#result = operation;
      const { id } = operation;
      const failed = operation.status !== "COMPLETED";
      const first = failed ? operation.partialDataUrl : operation.url;
      let received = 0;
      let expired = false;
      let cut = false;
      if (first !== null) {
        this.#options.onChange({ phase: "downloading", objects: operation.objectCount });
        const chunks = download({
          address: async ({ again }) => {
            const address = again ? await this.#addressAgain(id, failed) : first;
            expired = address === null;
            return address;
          },
          size: failed ? null : operation.fileSize,
          fetch: this.#options.fetch,
          sleep: operations.sleep,
          signal,
          onCut: () => {
            cut = true;
          },
        });
        for await (const chunk of chunks) {
          received += chunk.byteLength;
          yield chunk;
        }
      }
      if (cut && expired && received === 0 && anew < TOO_LATE) {
        operation = await this.#seeToIt(this.#startNew()).finally(() => this.#leave?.());
        continue;
      }
      if (failed) this.#gaps.push({ code: "stream.failed", stream, reason: operation.stalled === true ? "STALLED" : (operation.errorCode ?? operation.status) });
      if (failed && first !== null) this.#gaps.push({ code: "stream.partial", stream });
      if (cut) this.#gaps.push({ code: "stream.cut", stream });
      return;
    }
  }

  async #addressAgain(id: string, failed: boolean): Promise<string | null> {
    const now = await this.#options.operations.get(id, this.#options.signal);
    return (failed ? now?.partialDataUrl : now?.url) ?? null;
  }

  async #seeToIt(started: Promise<Operation>): Promise<Ended> {
    const { operations, signal, stalled = STALLED_AFTER } = this.#options;
    let operation = await started;
    let best: Ended | null = null;
    for (let resubmitted = 0; ; resubmitted++) {
      const ended = await operations.untilOver(operation, signal, (seen) => this.#options.onChange({ phase: "running", objects: seen.objectCount }), stalled);
      // Of two that failed, the one that got further has more to keep.
      best = best === null || ended.status === "COMPLETED" || partial(ended) >= partial(best) ? ended : best;
      if (!isLost(ended) || resubmitted >= RESUBMISSIONS) return best;
      this.#leave?.();
      operation = await this.#startNew();
    }
  }

  async #adoptOrStart(): Promise<Operation> {
    const { resume, operations, signal } = this.#options;
    if (resume !== null && resume.query === queryId(this.#options.query)) {
      this.#leave = await operations.place(signal);
      const operation = await operations.get(resume.id, signal);
      if (operation !== null && operation.status !== "CANCELED" && operation.status !== "FAILED" && operation.status !== "EXPIRED") {
        this.#resume = resume;
        return operation;
      }
      this.#leave();
    }
    return this.#startNew();
  }

  async #startNew(): Promise<Operation> {
    const { operations, signal, query } = this.#options;
    this.#leave = await operations.place(signal);
    return operations.inOrder(async () => {
      throwIfCancelled(signal);
      this.#options.onChange({ phase: "requesting", objects: 0 });
      const before = await this.#options.countBefore();
      const at = this.#options.now();
      const operation = await operations.startQuery(query, signal);
      this.#resume = { id: operation.id, query: queryId(query), before, at };
      this.#options.onChange({ phase: "running", objects: 0 });
      return operation;
    });
  }
}

function isLost({ status, errorCode }: Operation): boolean {
  return status === "CANCELED" || status === "EXPIRED" || (status === "FAILED" && errorCode === "INTERNAL_SERVER_ERROR");
}

function partial({ partialDataUrl, objectCount }: Operation): number {
  return partialDataUrl === null ? 0 : objectCount;
}

function queryId(query: string): string {
  return createHash("sha256").update(query).digest("hex").slice(0, 16);
}
