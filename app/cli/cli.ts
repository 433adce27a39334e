/** What every command is handed: where it runs, where it writes, and when to stop. */
import { randomBytes } from "node:crypto";
import type { Clock, Random } from "#app/vault/index.ts";

export interface Cli {
  /** HOLDFAST_HOME: this host's state. */
  readonly home: string;
  /** HOLDFAST_SHOPIFY_ACCESS_TOKEN, for a shop that is not a sandbox. */
  readonly shopifyAccessToken: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly stdout: NodeJS.WriteStream;
  /** Errors, warnings, progress. */
  readonly stderr: NodeJS.WriteStream;
  readonly json: boolean;
  warn(sentence: string): void;
  /** Shown on a terminal, replaced by the next one; nowhere else. */
  progress(text: string): void;
  clearProgress(): void;
}

/** What a command has to say at its end. */
export interface CommandResult {
  /** Printed as one line on stdout with --json. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Printed on stdout without --json; empty: nothing. */
  readonly text: string;
  /** It worked, and what it found is a reason to exit with 1. */
  readonly finding?: boolean;
}

export const systemClock: Clock = { now: () => new Date(Date.now()) };
export const systemRandom: Random = (bytes) => randomBytes(bytes);

/** Ten a second are enough for a person. */
const PROGRESS_MS = 100;

export function makeCli(o: Pick<Cli, "home" | "shopifyAccessToken" | "signal" | "stdout" | "stderr" | "json">): Cli {
  const terminal = o.stderr.isTTY;
  let last = 0;
  let shown = false;
  const clear = () => {
    if (shown) o.stderr.write("\r\u001b[K");
    shown = false;
  };
  return {
    ...o,
    clearProgress: clear,
    clock: systemClock,
    random: systemRandom,
    warn(sentence) {
      clear();
      o.stderr.write(`holdfast: ${sentence}\n`);
    },
    progress(text) {
      if (!terminal) return;
      const now = Date.now();
      if (now - last < PROGRESS_MS) return;
      last = now;
      shown = true;
      o.stderr.write(`\r\u001b[K${text.slice(0, Math.max(20, o.stderr.columns - 1))}`);
    },
  };
}

/** "1,234,567" */
export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** "12.3 MB" */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let n = bytes;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return unit === 0 ? `${n} bytes` : `${n.toFixed(1)} ${units[unit]}`;
}

/** "1 record", "2 records" */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}
