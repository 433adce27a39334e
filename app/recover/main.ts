/** Entry of recover.mjs. Everything it needs is bundled into that one file (bundle.ts). */
import { spawn } from "node:child_process";
import { RecoverError } from "./errors.ts";
import { program } from "./program.ts";

/** Put in by the bundler. */
declare const HOLDFAST_VERSION: string;

/**
 * Constant memory is a promise, and V8 left alone lets short-lived garbage pile up to three times of what is needed. This can be said only when a process
 * starts, so the program starts itself once more. bin/holdfast has the same.
 */
const SMALL_HEAP = ["--max-semi-space-size=4"];

if (process.execArgv.includes(SMALL_HEAP[0] as string)) {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => { stop.abort(new RecoverError("recover.interrupted", "Interrupted")); });
  void program(process.argv.slice(2), { version: HOLDFAST_VERSION, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, signal: stop.signal }).then((code) => {
    process.exitCode = code;
    process.stdin.pause();
  });
} else {
  // eslint-disable-next-line no-restricted-properties -- this is a command line of its own
  const child = spawn(process.execPath, [...process.execArgv, ...SMALL_HEAP, ...process.argv.slice(1)], { stdio: "inherit", env: { ...process.env, MALLOC_ARENA_MAX: "1" } });
  // Ctrl-C reaches the child by itself; others have to be passed on.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", (error) => {
    process.stderr.write(`recover: ${process.execPath} cannot be started again (${error.name}); run it with node ${SMALL_HEAP.join(" ")} before its name.\n`);
    process.exitCode = 1;
  });
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
}
