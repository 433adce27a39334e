/**
 * One bulk query, from its start (or its adoption after a restart) to the last byte of its result.
 * FAILED keeps what partialDataUrl holds and says so; CANCELED (the platform stops stalled operations) and EXPIRED are submitted once more.
 */
import { createHash } from "node:crypto";
import type { Gap } from "#app/vault/index.ts";
import { download } from "./download.ts";
import type { Operation } from "./operation.ts";
import type { Operations } from "./operations.ts";

/** What is kept to find a running operation again. */
export interface BulkResume {
  readonly id: string;
  /** Which query it runs: an operation of an older version of the catalogue is not adopted. */
  readonly query: string;
  /** The shop's count right before it was started. */
  readonly before: number | null;
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
  readonly onChange: (o: { readonly phase: "requesting" | "running" | "downloading"; readonly objects: number }) => void;
}

const RESUBMISSIONS = 1;

export class BulkQuery {
  readonly #options: BulkOptions;
  readonly #gaps: Gap[] = [];
  #started: Promise<Operation> | null = null;
  #leave: (() => void) | null = null;
  #resume: BulkResume | null = null;
  #result: Operation | null = null;

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

  /** Starts the operation, or adopts the one of an earlier run. Calling it again does nothing. */
  start(): Promise<Operation> {
    this.#started ??= this.#adoptOrStart();
    return this.#started;
  }

  /** Waits for the end, then the result's bytes. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const { operations, signal, stream } = this.#options;
    try {
      let operation = await this.start();
      for (let resubmitted = 0; ; resubmitted++) {
        operation = await operations.untilOver(operation, signal, (seen) => this.#options.onChange({ phase: "running", objects: seen.objectCount }));
        const lost = operation.status === "CANCELED" || operation.status === "EXPIRED";
        if (!lost || resubmitted >= RESUBMISSIONS) break;
        this.#leave?.();
        operation = await this.#startNew();
      }
      this.#leave?.();
      this.#result = operation;
      const failed = operation.status !== "COMPLETED";
      if (failed) this.#gaps.push({ code: "stream.failed", stream, reason: operation.errorCode ?? operation.status });
      const first = failed ? operation.partialDataUrl : operation.url;
      if (failed && first !== null) this.#gaps.push({ code: "stream.partial", stream });
      if (first === null) return;
      this.#options.onChange({ phase: "downloading", objects: operation.objectCount });
      yield* download({
        address: async ({ again }) => (again ? this.#addressAgain(operation.id, failed) : first),
        size: failed ? null : operation.fileSize,
        fetch: this.#options.fetch,
        sleep: operations.sleep,
        signal,
        onCut: () => this.#gaps.push({ code: "stream.cut", stream }),
      });
    } finally {
      this.#leave?.();
    }
  }

  async #addressAgain(id: string, failed: boolean): Promise<string | null> {
    const now = await this.#options.operations.get(id, this.#options.signal);
    return (failed ? now?.partialDataUrl : now?.url) ?? null;
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
    this.#options.onChange({ phase: "requesting", objects: 0 });
    const before = await this.#options.countBefore();
    const operation = await operations.startQuery(query, signal);
    this.#resume = { id: operation.id, query: queryId(query), before };
    this.#options.onChange({ phase: "running", objects: 0 });
    return operation;
  }
}

function queryId(query: string): string {
  return createHash("sha256").update(query).digest("hex").slice(0, 16);
}
