/**
 * Room for what does not fit in memory while a snapshot is taken or read: sealed files under an ephemeral key that never leaves
 * memory. The one place of the vault that touches the file system.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdir, open as openFile, readdir, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { VaultError } from "../errors.ts";

const PREFIX = "holdfast-scratch-";

export class Scratch {
  private readonly parent: string;
  private directory: string | null = null;
  private readonly key = randomBytes(32);
  private files = 0;
  private readonly handedOut: ScratchFile[] = [];
  constructor(parent: string) {
    this.parent = parent;
  }

  /** A new file of sealed chunks, to be written once and then read once or more. */
  async file(): Promise<ScratchFile> {
    if (this.directory === null) {
      const directory = join(this.parent, `${PREFIX}${process.pid}-${randomBytes(6).toString("hex")}`);
      await inWords(() => mkdir(directory, { recursive: true, mode: 0o700 }));
      this.directory = directory;
    }
    const number = this.files++;
    const path = join(this.directory, String(number));
    const file = new ScratchFile(await inWords(() => openFile(path, "wx+", 0o600)), this.key, number);
    this.handedOut.push(file);
    return file;
  }

  /** Removes everything, and closes what a failure left open: on a full disk an open file keeps its room. */
  async remove(): Promise<void> {
    this.key.fill(0);
    for (const file of this.handedOut.splice(0)) await file.close();
    const directory = this.directory;
    this.directory = null;
    if (directory !== null) await rm(directory, { recursive: true, force: true });
  }
}

function noRoom(cause?: unknown): VaultError {
  return new VaultError("vault.no_scratch", "this machine has no room left for what does not fit in memory", { retry: "later", cause });
}

/** Refusals of the file system in the vault's words: they are about this machine, not about anything stored. */
async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOSPC" || code === "EDQUOT") throw noRoom(cause);
    if (code === "EROFS" || code === "EACCES" || code === "EPERM" || code === "ENOTDIR") throw new VaultError("vault.no_scratch", `this machine's directory for what does not fit in memory cannot be written (${code})`, { cause });
    throw cause;
  }
}

/** Removes what processes that are gone have left. Their keys are gone too, so it is only garbage. */
export async function sweepScratch(parent: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(parent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  for (const name of names) {
    const match = /^holdfast-scratch-(\d+)-[0-9a-f]{12}$/.exec(name);
    if (match !== null && !isAlive(Number(match[1]))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Chunks are numbered; nonce = file number and chunk number, never reused under the scratch's own key. */
export class ScratchFile {
  private readonly handle: FileHandle;
  private readonly key: Uint8Array;
  private readonly number: number;
  private readonly chunks: { offset: number; length: number }[] = [];
  private size = 0;
  /** Reused from read to read, which therefore must not overlap. */
  private room: Buffer = Buffer.alloc(0);
  private closed = false;
  constructor(handle: FileHandle, key: Uint8Array, number: number) {
    this.handle = handle;
    this.key = key;
    this.number = number;
  }

  get chunkCount(): number {
    return this.chunks.length;
  }

  private nonce(chunk: number): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(this.number, 0);
    nonce.writeUInt32BE(chunk, 8);
    return nonce;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const cipher = createCipheriv("aes-256-gcm", this.key, this.nonce(this.chunks.length));
    const sealed = cipher.update(bytes);
    cipher.final();
    const length = sealed.length + 16;
    const { bytesWritten } = await inWords(() => this.handle.writev([sealed, cipher.getAuthTag()], this.size));
    // A file system that fills up in the middle of a write takes what still fits.
    if (bytesWritten !== length) throw noRoom();
    this.chunks.push({ offset: this.size, length });
    this.size += length;
  }

  async read(chunk: number): Promise<Buffer> {
    const place = this.chunks[chunk];
    if (place === undefined) throw new RangeError("no such scratch chunk");
    const sealed = this.room.length >= place.length ? this.room.subarray(0, place.length) : (this.room = Buffer.allocUnsafeSlow(place.length));
    await this.handle.read(sealed, 0, place.length, place.offset);
    const decipher = createDecipheriv("aes-256-gcm", this.key, this.nonce(chunk), { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(place.length - 16));
    try {
      const bytes = decipher.update(sealed.subarray(0, place.length - 16));
      decipher.final();
      return bytes;
    } catch (cause) {
      throw new VaultError("vault.damaged_object", "a scratch file was changed while in use", { cause, object: "scratch", retry: "later" });
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.room = Buffer.alloc(0);
    await this.handle.close();
  }
}
