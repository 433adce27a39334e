/** The bytes of files: those of generated ones are made each time they are asked for, those of uploaded ones are kept. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { crc32, deflateSync } from "node:zlib";
import { Draw } from "./random.ts";
import { MEDICINES, NOTES } from "./wording.ts";

export type FileForm = "pdf" | "png" | "txt";
const FORMS: readonly FileForm[] = ["pdf", "pdf", "png", "txt"];
export const MIME: Readonly<Record<FileForm, string>> = { pdf: "application/pdf", png: "image/png", txt: "text/plain" };

/** What generated file i is: its form and its size in bytes. One in fifty is a megabyte. */
export function generatedFile(seed: string, i: number): { readonly form: FileForm; readonly size: number; readonly name: string } {
  const draw = new Draw(seed, "file").at(i);
  const form = draw.pick(FORMS);
  const size = form === "png" ? png(seed, i).length : i % 50 === 49 ? 1_048_576 : draw.between(600, 20_000);
  return { form, size, name: `synthetic-${i}.${form}` };
}

/** The index in a generated file's name, or -1. */
export function indexOfFile(name: string): number {
  const match = /^synthetic-(\d{1,9})\.(pdf|png|txt)$/.exec(name);
  return match === null ? -1 : Number(match[1]);
}

export function bytesOf(seed: string, i: number): Buffer {
  const { form, size } = generatedFile(seed, i);
  if (form === "png") return png(seed, i);
  const draw = new Draw(seed, "file-bytes").at(i);
  const lines = [form === "pdf" ? "%PDF-1.4" : `${SYNTHETIC_MARK} prescription`, `% ${SYNTHETIC_MARK} ${draw.pick(NOTES)}`];
  let length = 0;
  while (length < size) {
    const line = `${SYNTHETIC_MARK} RX-${draw.digits(7)} ${draw.pick(MEDICINES)}, ${draw.between(1, 90)} days, lot ${draw.digits(9)}`;
    lines.push(line);
    length += line.length + 1;
  }
  return Buffer.from(lines.join("\n")).subarray(0, size);
}

/** A small picture of one drawn colour, with the mark written in it. */
function png(seed: string, i: number): Buffer {
  const draw = new Draw(seed, "picture").at(i);
  const side = 8;
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: side }, () => Buffer.from([draw.below(256), draw.below(256), draw.below(256)]))]);
  const chunk = (type: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
    const size = Buffer.alloc(4);
    const check = Buffer.alloc(4);
    size.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, check]);
  };
  const head = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0]);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk("IHDR", head), chunk("tEXt", Buffer.from(`Comment\0${SYNTHETIC_MARK} ${i}`, "latin1")), chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: side }, () => row)))), chunk("IEND", Buffer.alloc(0))]);
}

/** What lies on the CDN of one shop, by file name. */
export class FileBytes {
  readonly #seed: string;
  readonly #generated: number;
  readonly #kept = new Map<string, Buffer>();

  constructor(seed: string, generated: number) {
    this.#seed = seed;
    this.#generated = generated;
  }

  get(name: string): Buffer | null {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const index = indexOfFile(name);
    return index < 0 || index >= this.#generated || generatedFile(this.#seed, index).name !== name ? null : bytesOf(this.#seed, index);
  }

  keep(name: string, bytes: Buffer): void {
    this.#kept.set(name, bytes);
  }

  has(name: string): boolean {
    return this.#kept.has(name) || (indexOfFile(name) >= 0 && indexOfFile(name) < this.#generated);
  }
}
