/** Writes a result to a file or to stdout: whole or not at all, with back-pressure, readable by its owner only. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";

export interface Sink {
  /** The bytes may be reused when the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

/** `target` "-" is stdout; a file appears under its name only when `produce` has ended well. */
export async function writeWhole<T>(cli: Cli, target: string, produce: (sink: Sink) => Promise<T>): Promise<T> {
  return target === "-" ? produce(stdoutSink(cli)) : writeFileWhole(target, produce);
}

export function stdoutSink(cli: Cli): Sink {
  return {
    async write(bytes) {
      // The stream keeps what it could not pass on at once, so it gets a copy of its own.
      if (!cli.stdout.write(Buffer.from(bytes))) await once(cli.stdout, "drain", { signal: cli.signal });
    },
  };
}

async function writeFileWhole<T>(target: string, produce: (sink: Sink) => Promise<T>): Promise<T> {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString("hex")}.partial`);
  let handle: FileHandle;
  try {
    handle = await open(temporary, "wx", 0o600);
  } catch (cause) {
    throw failed(target, cause);
  }
  try {
    const result = await produce({ write: async (bytes) => writeAll(handle, bytes).catch((cause: unknown) => { throw failed(target, cause); }) });
    try {
      await handle.sync();
      await handle.close();
      await rename(temporary, target);
    } catch (cause) {
      throw failed(target, cause);
    }
    return result;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

function failed(target: string, cause: unknown): CliError {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown";
  return new CliError("cli.output_failed", `${target} cannot be written (${code})`, { cause });
}
