/** `export`: everything in a snapshot as JSONL, in the order it was stored, every digest checked. */
import { contentKeys } from "#app/vault/index.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";
import { writeWhole, type Sink } from "../write-file.ts";

export interface ExportOptions extends IdentityOptions {
  readonly identity: string;
  readonly out: string;
}

export async function exportSnapshot(cli: Cli, address: string, snapshot: string, options: ExportOptions): Promise<CommandResult> {
  if (options.out === "-" && cli.json) throw new CliError("cli.usage", "--json and --out - would both write to stdout");
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, opener } = await openToDecrypt(cli, address, options, scratchDirectory);
    const manifest = await vault.resolve(snapshot);
    const reader = vault.read(manifest, contentKeys(store, opener));
    let records = 0;
    const bytes = await writeWhole(cli, options.out, async (sink) => {
      const lines = new Lines(sink);
      for await (const batch of reader.records({ order: "stored" })) {
        cli.signal.throwIfAborted();
        for (const record of batch) {
          if (lines.take(record.bytes)) continue;
          await lines.flush();
          if (!lines.take(record.bytes)) await lines.writeLarge(record.bytes);
        }
        records += batch.length;
        cli.progress(`exporting · ${count(records)} of ${count(manifest.records)} records · ${size(lines.written)}`);
      }
      await lines.flush();
      return lines.written;
    });
    return {
      json: { snapshotId: manifest.snapshotId, records, bytes, root: manifest.root, complete: manifest.complete },
      text: options.out === "-" ? "" : `${plural(records, "record")} (${size(bytes)}) of snapshot ${manifest.snapshotId} written to ${options.out}.`,
    };
  });
}

const BUFFER_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** Gathers lines into large writes; memory does not grow with the export. */
class Lines {
  readonly #sink: Sink;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;
  written = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** False: there is no room for it before a flush. */
  take(line: Uint8Array): boolean {
    if (this.#filled + line.length + 1 > BUFFER_BYTES) return false;
    this.#buffer.set(line, this.#filled);
    this.#filled += line.length;
    this.#buffer[this.#filled++] = NEWLINE;
    return true;
  }

  async flush(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#sink.write(this.#buffer.subarray(0, this.#filled));
    this.written += this.#filled;
    this.#filled = 0;
  }

  async writeLarge(line: Uint8Array): Promise<void> {
    await this.#sink.write(line);
    await this.#sink.write(Uint8Array.of(NEWLINE));
    this.written += line.length + 1;
  }
}
