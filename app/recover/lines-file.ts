/** One file of results: lines gathered into large writes, hashed as they go, under another name until it is whole. */
import { createHash, type Hash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { RecoverError } from "./errors.ts";

const BUFFER_BYTES = 1024 * 1024;
const NEWLINE = Uint8Array.of(10);

export interface WrittenFile {
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The file is made by the first line; without one there is none unless `finish` is told to make it. */
export class LinesFile {
  readonly name: string;
  readonly #directory: string;
  readonly #hash: Hash = createHash("sha256");
  #buffer: Buffer | null = null;
  #filled = 0;
  #handle: FileHandle | null = null;
  lines = 0;
  bytes = 0;
  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.name = name;
  }

  get #partial(): string {
    return path.join(this.#directory, `${this.name}.partial`);
  }

  /** Bytes written and waiting to be. */
  get total(): number {
    return this.bytes + this.#filled;
  }

  /** A promise only when something has to be written. The line may be reused when it has come true. */
  add(line: Uint8Array): Promise<void> | undefined {
    this.lines++;
    this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
    if (this.#filled + line.length + 1 > BUFFER_BYTES) return this.#addAfterFlush(line);
    this.#put(line);
    return undefined;
  }

  #put(line: Uint8Array): void {
    const buffer = this.#buffer as Buffer;
    buffer.set(line, this.#filled);
    this.#filled += line.length;
    buffer[this.#filled++] = 10;
  }

  async #addAfterFlush(line: Uint8Array): Promise<void> {
    await this.#flush();
    if (line.length + 1 <= BUFFER_BYTES) {
      this.#put(line);
      return;
    }
    await this.#write(line);
    await this.#write(NEWLINE);
  }

  async #flush(): Promise<void> {
    if (this.#filled > 0) await this.#write((this.#buffer as Buffer).subarray(0, this.#filled));
    this.#filled = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      const handle = (this.#handle ??= await open(this.#partial, "w", 0o600));
      for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
    });
    this.#hash.update(bytes);
    this.bytes += bytes.length;
  }

  /** Flushed to the disk and under its own name. Null: there is no line, and so no file. */
  async finish(evenEmpty: boolean): Promise<WrittenFile | null> {
    if (this.lines === 0 && !evenEmpty) return null;
    await this.#flush();
    await this.#guard(async () => {
      const handle = (this.#handle ??= await open(this.#partial, "w", 0o600));
      await handle.sync();
      await handle.close();
      this.#handle = null;
      await rename(this.#partial, path.join(this.#directory, this.name));
    });
    return { name: this.name, lines: this.lines, bytes: this.bytes, sha256: this.#hash.digest("hex") };
  }

  /** After a failure: what was written so far would be taken for more than it is. */
  async discard(): Promise<void> {
    await this.#handle?.close().catch(() => undefined);
    this.#handle = null;
    await rm(this.#partial, { force: true }).catch(() => undefined);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown";
      throw new RecoverError("recover.out_failed", `${path.join(this.#directory, this.name)} cannot be written (${code})`, { cause });
    }
  }
}
