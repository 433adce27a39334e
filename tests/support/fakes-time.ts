/** Time that passes only when somebody sleeps, and remembers for how long. */
import type { Clock } from "#app/vault/index.ts";

export class FakeTime implements Clock {
  #now: number;
  /** Milliseconds of every sleep, in order. */
  readonly slept: number[] = [];

  constructor(start = "2026-11-22T09:00:00.000Z") {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted === true) throw signal.reason;
    this.slept.push(ms);
    this.#now += ms;
    // Let sockets and timers of the process have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  };
}
