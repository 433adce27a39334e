/** A clock that stands still until it is moved. */
import type { Clock } from "#app/workflows/ports.ts";

export class FixedClock implements Clock {
  #now: number;
  constructor(start = "2026-11-22T09:00:00.000Z") {
    this.#now = Date.parse(start);
  }
  now(): Date {
    return new Date(this.#now);
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
