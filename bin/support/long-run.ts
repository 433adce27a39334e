/**
 * What every long run of ours begins and ends with: a folder of its own, progress with the seconds on stderr, and whatever was started is stopped and the folder
 * removed, whether the run holds, fails or is broken off.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface LongRun {
  readonly home: string;
  /** Milliseconds since the beginning. */
  readonly elapsed: () => number;
  readonly say: (line: string) => void;
  /** Stopped in this order at the end: what depends on others stands before them. */
  readonly opened: { stop(): Promise<unknown> }[];
  /** Runs it to its end and ends the process: 0 when it answers true, 1 when it answers false, throws, or is told to end (SIGINT, SIGTERM). */
  readonly carryOut: (work: () => Promise<boolean>) => Promise<never>;
}

/** `keep`: leaves its folder. `keepFailed`: also after an error, because the logs are in it. */
export function longRun(name: string, { keep = false, keepFailed = true }: { readonly keep?: boolean; readonly keepFailed?: boolean } = {}): LongRun {
  const home = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  const say = (line: string): void => void process.stderr.write(`${(elapsed() / 1000).toFixed(0).padStart(6)} s  ${line}\n`);
  const opened: { stop(): Promise<unknown> }[] = [];
  let leaving: Promise<never> | null = null;
  const leave = (code: number, keepFiles = keep): Promise<never> =>
    (leaving ??= (async () => {
      for (const one of opened) await one.stop();
      if (keepFiles) say(`kept: ${home}`);
      else rmSync(home, { recursive: true, force: true });
      process.exit(code);
    })());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void leave(1));
  return {
    home, elapsed, say, opened,
    carryOut: async (work) => {
      try {
        return await leave((await work()) ? 0 : 1);
      } catch (error) {
        // Broken off, whatever was under way fails: that is no news.
        if (leaving === null) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return leave(1, keep || keepFailed);
      }
    },
  };
}

export const number = (value: number): string => value.toLocaleString("en");

/** Says how a program is called, which stands in the comment at its beginning, and ends it: 2, by our contract. */
export function showUsage(file: string): never {
  process.stderr.write(`${/\/\*\*(.*?)\*\//s.exec(readFileSync(file, "utf8"))?.[1]?.replaceAll(/^ \* ?/gm, "").trim() ?? ""}\n`);
  process.exit(2);
}
