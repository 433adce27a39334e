/** One run of the command: arguments in, exit code out. */
import { config } from "zod";
import { tell } from "./wording.ts";
import { makeCli, type Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { CommanderError, program } from "./program.ts";

// A command parses a few objects and ends: compiling a parser for each shape would take longer than parsing.
config({ jitless: true });

export interface Surroundings {
  readonly home: string;
  readonly shopifyAccessToken: string | undefined;
}

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

export async function run(args: readonly string[], { home, shopifyAccessToken }: Surroundings): Promise<number> {
  const stop = new AbortController();
  let signalled: "SIGINT" | "SIGTERM" | null = null;
  const onSignal = (signal: "SIGINT" | "SIGTERM") => {
    // The second one is from somebody who will not wait.
    if (signalled !== null) process.exit(exitFor(signalled));
    signalled = signal;
    stop.abort(new CliError("cli.interrupted", "Interrupted"));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
    stop.abort(new CliError(cause.code === "EPIPE" ? "cli.output_closed" : "cli.output_failed", "The output's reader went away", { cause }));
  });

  const json = args.includes("--json");
  let exitCode: number = EXIT.done;
  let running: Cli | null = null;
  const session = {
    start: (wantsJson: boolean) => (running = makeCli({ home, shopifyAccessToken, signal: stop.signal, stdout: process.stdout, stderr: process.stderr, json: wantsJson })),
    print: async (cli: Cli, { json: object, text, finding }: { json: object; text: string; finding?: boolean }) => {
      cli.clearProgress();
      if (cli.json) await printed(`${JSON.stringify(object)}\n`);
      else if (text !== "") await printed(`${text}\n`);
      if (finding === true) exitCode = EXIT.failed;
    },
  };

  try {
    await program(session).parseAsync([...args], { from: "user" });
    // A command that was told to stop and ended well was done already, or, like a sandbox shop, had no other end.
    return stop.signal.aborted && signalled === null ? EXIT.failed : exitCode;
  } catch (thrown) {
    (running as Cli | null)?.clearProgress();
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT.done;
      if (thrown.code === "commander.help") return EXIT.usage;
    }
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown instanceof CommanderError ? usageError(thrown) : thrown;
    const { code, sentence } = tell(error);
    if (code !== "cli.output_closed") {
      process.stderr.write(`holdfast: ${sentence}\n`);
      if (json) await printed(`${JSON.stringify({ error: { code, message: sentence } })}\n`).catch(() => undefined);
    }
    if (signalled !== null) return exitFor(signalled);
    return code === "cli.usage" ? EXIT.usage : EXIT.failed;
  }
}

function exitFor(signal: "SIGINT" | "SIGTERM"): number {
  return signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
}

function usageError(error: CommanderError): CliError {
  const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ").trim();
  return new CliError("cli.usage", message.charAt(0).toUpperCase() + message.slice(1));
}

/** Resolves when stdout has taken it. */
function printed(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}
