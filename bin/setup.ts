/** npm run setup: what a machine needs once before `npm run build` and `npm start`: the database client (with-install makes it) and the API schema that drills run on. */
import { prepareSandbox } from "#app/sandbox/index.ts";

try {
  await prepareSandbox();
  process.stdout.write("Ready. Next: npm run build, then npm start.\n");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
