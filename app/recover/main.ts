/** Entry of recover.mjs. Everything it needs is bundled into that one file (bundle.ts). */
import { RecoverError } from "./errors.ts";
import { program } from "./program.ts";

/** Put in by the bundler. */
declare const HOLDFAST_VERSION: string;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => { stop.abort(new RecoverError("recover.interrupted", "Interrupted")); });

void program(process.argv.slice(2), { version: HOLDFAST_VERSION, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, signal: stop.signal }).then((code) => {
  process.exitCode = code;
  process.stdin.pause();
});
