/** The account PostgreSQL runs under when we are root: an existing "postgres", else one of our own. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Account } from "./binaries.ts";
import { DatabaseError } from "./database-error.ts";

const OWN = "holdfast-db";

/** Null when we are not root: PostgreSQL then runs as ourselves. */
export function databaseAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const known = find("postgres") ?? find(OWN);
  if (known) return known;
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", OWN], { stdio: "ignore" });
  const made = find(OWN) ?? find("nobody");
  if (made) return made;
  throw new DatabaseError("database.not_started", "PostgreSQL does not run as root and no other account could be made; set DATABASE_URL, or start as another user");
}

function find(name: string): Account | null {
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined || uid === "0" ? null : { uid: Number(uid), gid: Number(gid) };
}
