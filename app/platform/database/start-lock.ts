/** Lets one process at a time start or stop the database of a folder. The lock is a file that names its holder; a dead holder's is taken over. */
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "./database-error.ts";

const PATIENCE_MS = 60_000;
const STEP_MS = 40;

export async function withStartLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  let held = take(path);
  for (let waited = 0; !held; waited += STEP_MS) {
    if (waited >= PATIENCE_MS) throw new DatabaseError("database.busy", `another process has been starting or stopping the database for a minute (${path})`);
    await sleep(STEP_MS);
    held = take(path);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    const file = openSync(path, "wx", 0o600);
    writeSync(file, `${process.pid}\n`);
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  try {
    const holder = Number(readFileSync(path, "utf8"));
    // An empty file is a holder between the two calls above: it gets the benefit of the doubt.
    if (holder > 0 && holder !== process.pid && !alive(holder)) clear(path, holder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return false;
}

/** Removes a dead holder's file. Moved aside first, so that a live one put there meanwhile by another process is seen and given back. */
function clear(path: string, dead: number): void {
  const aside = `${path}.${process.pid}`;
  renameSync(path, aside);
  if (Number(readFileSync(aside, "utf8")) !== dead) linkSync(aside, path);
  rmSync(aside, { force: true });
}

/** A process that runs; on Linux one that is dead but not yet reaped by its parent does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
