/** A worker thread's side of a ThreadPool: one handler, tasks in order. */
import { parentPort } from "node:worker_threads";
import type { TransferListItem } from "node:worker_threads";
import { describeError } from "./thread-error.ts";
import type { DescribedError } from "./thread-error.ts";

/** The message that ends a thread. */
export const END = "end";

export type Answer<Result> = { readonly task: number; readonly result: Result } | { readonly task: number; readonly error: DescribedError };

/** Call once, from the file named as a pool's `worker`. `transferOf` names the buffers of a result that move instead of being copied. */
export function serve<Task, Result>(handler: (task: Task) => Result | Promise<Result>, transferOf: (result: Result) => readonly TransferListItem[] = () => []): void {
  const port = parentPort;
  if (port === null) throw new Error("serve belongs into a worker thread");
  let before: Promise<void> = Promise.resolve();
  port.on("message", (message: typeof END | { task: number; input: Task }) => {
    if (message === END) {
      before = before.then(() => {
        port.close();
      });
      return;
    }
    const { task, input } = message;
    before = before.then(async () => {
      let answer: Answer<Result>;
      let transfer: readonly TransferListItem[] = [];
      try {
        const result = await handler(input);
        answer = { task, result };
        transfer = transferOf(result);
      } catch (error) {
        answer = { task, error: describeError(error) };
      }
      port.postMessage(answer, transfer as TransferListItem[]);
    });
  });
}
