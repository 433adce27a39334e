/** How a running sandbox shop is found by other commands: HOLDFAST_HOME/sandbox/<domain>.json, readable by its owner only. */
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { CliError } from "./errors.ts";

const SandboxSession = z.object({ url: z.url(), shop: z.string(), accessToken: z.string(), apiVersion: z.string(), pid: z.number() });
export type SandboxSession = z.infer<typeof SandboxSession>;

/** Null: no sandbox of that name was left running from this HOLDFAST_HOME. */
export async function readSandboxSession(home: string, shop: string): Promise<SandboxSession | null> {
  let text: string;
  try {
    text = await readFile(sessionFile(home, shop), "utf8");
  } catch {
    return null;
  }
  try {
    return SandboxSession.parse(JSON.parse(text));
  } catch {
    throw new CliError("cli.sandbox_session_damaged", `The note about the sandbox shop ${shop} in ${home} is damaged`);
  }
}

export async function writeSandboxSession(home: string, session: SandboxSession): Promise<void> {
  const file = sessionFile(home, session.shop);
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
    await chmod(file, 0o600);
  } catch (cause) {
    throw new CliError("cli.home_unusable", `The host's state in ${home} cannot be written`, { cause });
  }
}

/** Leaves a note alone that another process has written since. */
export async function removeSandboxSession(home: string, { shop, pid }: SandboxSession): Promise<void> {
  const current = await readSandboxSession(home, shop).catch(() => null);
  if (current?.pid === pid) await rm(sessionFile(home, shop), { force: true });
}

function sessionFile(home: string, shop: string): string {
  return path.join(home, "sandbox", `${shop}.json`);
}
