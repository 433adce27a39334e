/** The folder a recovery writes to: records.jsonl, and beside it, only when there is something to put in them, unproven.jsonl and lost.jsonl and changes.jsonl; last, report.json. */
import { mkdir, open, readdir, rename } from "node:fs/promises";
import path from "node:path";
import type { SalvageSink } from "#app/vault/index.ts";
import { RecoverError } from "./errors.ts";
import { LinesFile, type WrittenFile } from "./lines-file.ts";

export const REPORT = "report.json";
const RECORDS = "records.jsonl";
const UNPROVEN = "unproven.jsonl";
/** Line by line what unproven.jsonl has: which record it is, and where it lay. */
const UNPROVEN_KEYS = "unproven-keys.jsonl";
const LOST = "lost.jsonl";
/** What the journal captured besides: one line a change, with the exact lines of its records. */
const CHANGES = "changes.jsonl";
const OURS = [REPORT, RECORDS, UNPROVEN, UNPROVEN_KEYS, LOST, CHANGES];

export class Results {
  readonly directory: string;
  readonly #records: LinesFile;
  readonly #unproven: LinesFile;
  readonly #unprovenKeys: LinesFile;
  readonly #lost: LinesFile;
  readonly #changes: LinesFile;
  private constructor(directory: string) {
    this.directory = directory;
    this.#records = new LinesFile(directory, RECORDS);
    this.#unproven = new LinesFile(directory, UNPROVEN);
    this.#unprovenKeys = new LinesFile(directory, UNPROVEN_KEYS);
    this.#lost = new LinesFile(directory, LOST);
    this.#changes = new LinesFile(directory, CHANGES);
  }

  /** Makes the folder, readable by its owner only. Throws recover.out_exists, recover.out_failed. */
  static async open(directory: string): Promise<Results> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const taken = (await readdir(directory)).filter((name) => OURS.includes(name));
      if (taken.length > 0) throw new RecoverError("recover.out_exists", `${directory} has ${taken.join(", ")} of an earlier recovery, which is never written over`);
    } catch (cause) {
      if (cause instanceof RecoverError) throw cause;
      throw failed(directory, cause);
    }
    return new Results(directory);
  }

  readonly sink: SalvageSink = {
    members: async (records) => {
      for (const { bytes } of records) {
        const writing = this.#records.add(bytes);
        if (writing !== undefined) await writing;
      }
    },
    unproven: async (records) => {
      for (const { kind, id, parentId, pack, frame, ordinal, bytes } of records) {
        await this.#unproven.add(bytes);
        await this.#unprovenKeys.add(Buffer.from(JSON.stringify({ kind, id, parentId, pack, frame, ordinal }), "utf8"));
      }
    },
    lost: async (keys) => {
      for (const { kind, id, parentId } of keys) await this.#lost.add(Buffer.from(JSON.stringify({ kind, id, parentId }), "utf8"));
    },
    change: async ({ records, ...change }) => {
      await this.#changes.add(Buffer.from(JSON.stringify({ ...change, records: records.map(({ kind, id, parentId, bytes }) => ({ kind, id, parentId, line: Buffer.from(bytes).toString("utf8") })) }), "utf8"));
    },
  };

  /** Of records, so far. */
  get bytes(): number {
    return this.#records.total + this.#unproven.total;
  }

  /** records.jsonl is there even when it is empty: that, too, is an answer. */
  async finish(): Promise<WrittenFile[]> {
    const files = [await this.#records.finish(true), await this.#unproven.finish(false), await this.#unprovenKeys.finish(false), await this.#lost.finish(false), await this.#changes.finish(false)];
    return files.filter((file) => file !== null);
  }

  async discard(): Promise<void> {
    for (const file of [this.#records, this.#unproven, this.#unprovenKeys, this.#lost, this.#changes]) await file.discard();
  }

  /** Written last; a folder without it is one of a recovery that did not end. */
  async report(report: object): Promise<void> {
    const file = path.join(this.directory, REPORT);
    try {
      const handle = await open(`${file}.partial`, "w", 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(report, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.partial`, file);
    } catch (cause) {
      throw failed(file, cause);
    }
  }
}

function failed(place: string, cause: unknown): RecoverError {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown";
  return new RecoverError("recover.out_failed", `${place} cannot be written (${code})`, { cause });
}
