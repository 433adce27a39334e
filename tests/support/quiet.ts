/** Silence is a rule: a test during which something writes to console.error or console.warn fails, naming what was written. */
import { afterEach, beforeEach } from "@jest/globals";
import { format } from "node:util";

const written: string[] = [];
for (const level of ["error", "warn"] as const) {
  console[level] = (...parts: unknown[]) => {
    written.push(`console.${level}: ${format(...parts)}`);
  };
}

/** For a test that provokes output on purpose: takes what was written so far. */
export function takeConsole(): string[] {
  return written.splice(0);
}

beforeEach(() => {
  written.length = 0;
});
afterEach(() => {
  const all = takeConsole();
  if (all.length > 0) throw new Error(`the test was not silent:\n${all.join("\n").slice(0, 2000)}`);
});
