/**
 * What the work that no design of ours can leave out costs in this runtime on this machine, step by step: reading lines, one HMAC a record, zstd, sealing.
 * Each step runs alone, over the same export, with the code the product uses. Prints JSON: CPU seconds per GiB of the export.
 * node tests/bench/floor.ts FILE [MIB]
 */
import { createReadStream, openSync, writeSync, closeSync, fsyncSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { fileBytes } from "#app/sources/jsonl/file-bytes.ts";
import { readRecords } from "#app/sources/records/index.ts";
import { KeyedDigest, sha256 } from "#app/vault/crypto/digest.ts";
import { manyTimesKey, positionNonce, seal } from "#app/vault/crypto/seal.ts";
import { Compressor } from "#app/vault/pack/compressor.ts";
import { DICTIONARY_BYTES } from "#app/vault/pack/dictionary.ts";
import { FRAME_BYTES } from "#app/vault/pack/pack-writer.ts";

const [file = "", mib = "128"] = process.argv.slice(2);
/** More than either side of a real run has at once; compressing is the only step that uses other threads. */
const AT_ONCE = 4;

const bytes = await firstBytes(file, Number(mib) << 20);
const perGiB = 2 ** 30 / bytes.length;

async function cost(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6) * perGiB;
}

async function firstBytes(path: string, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path, { end: size - 1 })) parts.push(part as Buffer);
  const all = Buffer.concat(parts);
  return all.subarray(0, all.lastIndexOf(0x0a) + 1);
}

const frames: Buffer[] = [];
for (let at = 0; at < bytes.length; at += FRAME_BYTES) frames.push(bytes.subarray(at, at + FRAME_BYTES));
const dictionary = Buffer.concat(Array.from({ length: 32 }, (_, i) => bytes.subarray(i * FRAME_BYTES, i * FRAME_BYTES + DICTIONARY_BYTES / 32)));
const compressed: Buffer[] = [];

async function lines(): Promise<void> {
  const handle = await open(file, "r");
  const reading = readRecords(fileBytes(handle, new AbortController().signal, (cause) => new Error("the export cannot be read", { cause })), { stream: "floor" });
  for await (const batch of reading.batches()) if (reading.bytesRead >= bytes.length || batch.count === 0) break;
}

function digests(): void {
  const digest = new KeyedDigest(Buffer.alloc(32, 7));
  const out = Buffer.alloc(16);
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    digest.shortInto(bytes.subarray(start, end), out, 0);
    start = end + 1;
  }
}

async function compress(): Promise<void> {
  const compressor = new Compressor(FRAME_BYTES + 32 * 1024, dictionary);
  const pending: Promise<Buffer>[] = [];
  for (const frame of frames) {
    pending.push(compressor.compress(frame));
    if (pending.length >= AT_ONCE) compressed.push(await (pending.shift() as Promise<Buffer>));
  }
  compressed.push(...(await Promise.all(pending)));
  compressor.close();
}

function sealing(): void {
  const key = manyTimesKey(randomBytes(32));
  const sealed = compressed.map((frame, i) => seal(key, positionNonce(i), Buffer.alloc(64), frame));
  sha256(Buffer.concat(sealed));
}

function inflate(): void {
  for (const [i, frame] of compressed.entries()) zstdDecompressSync(frame, { dictionary, chunkSize: (frames[i] as Buffer).length + 64 });
}

function write(): void {
  const target = `${file}.floor`;
  const to = openSync(target, "w");
  for (const frame of frames) writeSync(to, frame);
  fsyncSync(to);
  closeSync(to);
  rmSync(target);
}

const steps: Record<string, number> = {};
for (const [name, work] of Object.entries({ lines, digests, compress, sealing, inflate, write })) steps[name] = await cost(work);
console.log(JSON.stringify(steps));
