/** Reading, writing and flushing files over SFTP, many pieces under way at once: a round trip a piece would be the speed of the line's length. */
import { StoreError } from "#app/vault/index.ts";
import { call, statusOf, STATUS, type Sftp } from "./connection.ts";

/** Every server takes 32 KiB of data in a packet (draft-ietf-secsh-filexfer-02, section 3). */
const PIECE = 32 * 1024;
const UNDER_WAY = 64;

async function eachPiece(length: number, work: (at: number, size: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < length) {
      const at = next;
      next += PIECE;
      await work(at, Math.min(PIECE, length - at));
    }
  };
  await Promise.all(Array.from({ length: Math.min(UNDER_WAY, Math.ceil(length / PIECE)) }, lane));
}

export function writeAll(sftp: Sftp, handle: Buffer, bytes: Buffer): Promise<void> {
  return eachPiece(bytes.byteLength, (at, size) => call((done) => { sftp.write(handle, bytes, at, size, at, done); }));
}

export async function readAt(sftp: Sftp, handle: Buffer, offset: number, length: number, key: string): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  await eachPiece(length, async (at, size) => {
    for (let filled = 0; filled < size; ) {
      const read = await new Promise<number>((resolve, reject) => {
        sftp.read(handle, bytes, at + filled, size - filled, offset + at + filled, (error: Error | undefined, bytesRead: number) => {
          if (error) reject(error);
          else resolve(bytesRead);
        });
      });
      if (read === 0) throw new StoreError("store.failed", `Object ${key} became shorter while it was read.`);
      filled += read;
    }
  });
  return bytes;
}

export async function flush(sftp: Sftp, handle: Buffer): Promise<void> {
  try {
    await call((done) => { sftp.ext_openssh_fsync(handle, done); });
  } catch (error) {
    if (statusOf(error) === STATUS.unsupported || (error instanceof Error && /does not support/i.test(error.message))) {
      throw new StoreError("store.refused", "The server cannot flush files (fsync@openssh.com), so nothing written is safe from a power failure there; to use it all the same add fsync=no to the address.", { cause: error });
    }
    throw error;
  }
}

export async function flushDirectory(sftp: Sftp, directory: string): Promise<void> {
  const handle = await call<Buffer>((done) => { sftp.open(directory, "r", done); });
  try {
    await flush(sftp, handle);
  } finally {
    await call((done) => { sftp.close(handle, done); });
  }
}

export async function isFile(sftp: Sftp, path: string): Promise<boolean> {
  try {
    return (await call<{ isFile(): boolean }>((done) => { sftp.lstat(path, done); })).isFile();
  } catch (error) {
    if (statusOf(error) === STATUS.noSuchFile) return false;
    throw error;
  }
}
