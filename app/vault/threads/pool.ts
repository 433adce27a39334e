/**
 * A few worker threads that all do one kind of task, each in the order it was given. With `threads: 0` the same work is done in this
 * thread: for what is too small to be worth a thread, and for programs that must be a single file.
 */
import { Worker } from "node:worker_threads";
import type { TransferListItem } from "node:worker_threads";
import { rebuildError } from "./thread-error.ts";
import { END } from "./serve.ts";
import type { Answer } from "./serve.ts";

export interface ThreadPoolOptions<Task, Result> {
  /** A TypeScript file that calls `serve` with the same handler as `inline`. */
  readonly worker: URL;
  readonly inline: (task: Task) => Result | Promise<Result>;
  /** 0: no threads at all. */
  readonly threads: number;
  /** Handed to every thread once, as `workerData`: shared memory, keys. */
  readonly workerData?: unknown;
}

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

class Thread<Result> {
  readonly waiting = new Map<number, Waiting<Result>>();
  readonly worker: Worker;
  private readonly ended: Promise<void>;
  private ending = false;
  constructor(url: URL, workerData: unknown) {
    // V8's defaults let a thread's young generation grow to many megabytes; these threads make little garbage.
    this.worker = new Worker(url, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    this.worker.on("message", (answer: Answer<Result>) => {
      const waiting = this.waiting.get(answer.task);
      this.waiting.delete(answer.task);
      // An idle thread must not keep a finished program alive.
      if (this.waiting.size === 0 && !this.ending) this.worker.unref();
      if ("error" in answer) waiting?.reject(rebuildError(answer.error));
      else waiting?.resolve(answer.result);
    });
    this.worker.on("error", (error) => {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    });
    this.ended = new Promise((resolve) => {
      this.worker.on("exit", () => {
        this.fail(new Error("a worker thread ended before its task"));
        resolve();
      });
    });
    this.worker.unref();
  }
  /**
   * Lets it finish what it was given, a few megabytes, and end. Terminating a thread inside the runtime's own code (zlib, crypto) can take the whole
   * process down.
   */
  end(): Promise<void> {
    // Someone waits for this: an idle thread holds nothing alive, and the program would end while it waits.
    this.ending = true;
    this.worker.ref();
    this.worker.postMessage(END);
    return this.ended;
  }
  private fail(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

export class ThreadPool<Task, Result> {
  private readonly options: ThreadPoolOptions<Task, Result>;
  private readonly threads: Thread<Result>[] = [];
  private tasks = 0;
  private closed = false;
  constructor(options: ThreadPoolOptions<Task, Result>) {
    this.options = options;
  }

  /** Threads start when they are first needed. Rejects with the error the handler threw (a VaultError stays one). */
  run(task: Task, transfer: readonly TransferListItem[] = []): Promise<Result> {
    if (this.closed) return Promise.reject(new Error("the thread pool is closed"));
    const { inline, threads, worker, workerData } = this.options;
    if (threads === 0) return (async () => inline(task))();
    let thread = this.threads.reduce<Thread<Result> | null>((least, each) => (least === null || each.waiting.size < least.waiting.size ? each : least), null);
    if (thread === null || (thread.waiting.size > 0 && this.threads.length < threads)) this.threads.push((thread = new Thread<Result>(worker, workerData)));
    const chosen = thread;
    const number = this.tasks++;
    return new Promise((resolve, reject) => {
      chosen.waiting.set(number, { resolve, reject });
      chosen.worker.ref();
      chosen.worker.postMessage({ task: number, input: task }, transfer as TransferListItem[]);
    });
  }

  /** Ends the threads once they have done what they were given. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.splice(0).map((thread) => thread.end()));
  }
}
