/** Room for one command's spill files, which the vault seals; gone at its end, or at the next command's start if this one is killed. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { CliError } from "./errors.ts";

/** Makes HOLDFAST_HOME/scratch/<pid>-…, hands it to `work`, removes it. */
export async function withScratch<T>(home: string, work: (directory: string) => Promise<T>): Promise<T> {
  const root = path.join(home, "scratch");
  let directory: string;
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await removeAbandoned(root);
    directory = await mkdtemp(path.join(root, `${process.pid}-`));
  } catch (cause) {
    throw new CliError("cli.home_unusable", `The host's state in ${home} cannot be written`, { cause });
  }
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1]);
    if (Number.isSafeInteger(pid) && !isRunning(pid)) await rm(path.join(root, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
