/**
 * Downloads one result file by byte ranges: a cut connection goes on where it stopped, also in the middle of a line; an expired address is
 * asked for again. Bytes are handed out once and in order.
 */
import { throwIfCancelled } from "./client.ts";
import { backoff, type Sleep } from "./time.ts";

/** Tries without a single new byte before the rest is given up. */
const FRUITLESS_ATTEMPTS = 6;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 15_000;
/** A connection that says nothing for this long is as good as cut: networks go silent without closing. */
const SILENCE_MS = 60_000;

export interface DownloadOptions {
  /** The address now; called again when the last one has expired. Null: there is none any more. */
  readonly address: (o: { readonly again: boolean }) => Promise<string | null>;
  /** Bytes the platform says the file has; null when it does not say. */
  readonly size: number | null;
  readonly fetch: typeof fetch;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  /** For tests: how long a connection may be silent. Milliseconds. */
  readonly silenceMs?: number;
  /** Called once if the file could not be read to its end. */
  readonly onCut: () => void;
}

export async function* download(options: DownloadOptions): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  let received = 0;
  let total = options.size;
  let address = await options.address({ again: false });

  for (let fruitless = 0; fruitless < FRUITLESS_ATTEMPTS; ) {
    if (address === null) break;
    const before = received;
    const silence = new Silence(options.silenceMs ?? SILENCE_MS);
    const answer = await ask(options, address, received, silence);
    if (answer.kind === "expired") address = await options.address({ again: true });
    if (answer.kind === "past-end") return;
    if (answer.kind === "body") {
      total = answer.total ?? total;
      let skip = answer.from < received ? received - answer.from : 0;
      try {
        for await (const chunk of answer.body) {
          silence.end();
          const rest = skip >= chunk.byteLength ? null : chunk.subarray(skip);
          skip = Math.max(0, skip - chunk.byteLength);
          received += rest?.byteLength ?? 0;
          if (rest !== null) yield rest;
          silence.broken();
        }
        // Without any length a clean end is the end.
        if (total === null || received >= total) return;
      } catch {
        // Only the connection can fail here: what the reader of these bytes throws does not come back into this generator.
        throwIfCancelled(signal);
      } finally {
        silence.end();
      }
    }
    silence.end();
    fruitless = received > before ? 0 : fruitless + 1;
    await options.sleep(backoff(fruitless, RETRY_FIRST_MS, RETRY_MAX_MS), signal).catch((error: unknown) => {
      throwIfCancelled(signal);
      throw error;
    });
  }
  options.onCut();
}

type Answer =
  | { readonly kind: "body"; readonly body: AsyncIterable<Uint8Array>; readonly from: number; readonly total: number | null }
  | { readonly kind: "expired" | "past-end" | "failed" };

/** Aborts an attempt when nothing is heard for a while. The time the reader takes between chunks does not count. */
class Silence {
  readonly #abort = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Listens anew. */
  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#abort.abort(), this.#ms);
  }
}

async function ask(options: DownloadOptions, address: string, from: number, silence: Silence): Promise<Answer> {
  throwIfCancelled(options.signal);
  let response: Response;
  try {
    // Compressed transfer would make byte ranges mean something else.
    const headers = { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
    response = await options.fetch(address, { headers, signal: AbortSignal.any([options.signal, silence.signal]) });
  } catch {
    throwIfCancelled(options.signal);
    return { kind: "failed" };
  }
  if ((response.status === 200 || response.status === 206) && response.body !== null) {
    const body = response.body as unknown as AsyncIterable<Uint8Array>;
    if (response.status === 200) return { kind: "body", body, from: 0, total: length(response.headers.get("content-length")) };
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    if (range !== null && Number(range[1]) <= from) return { kind: "body", body, from: Number(range[1]), total: range[2] === "*" ? null : Number(range[2]) };
  }
  await response.body?.cancel();
  if (response.status === 416 && from > 0 && (options.size === null || from >= options.size)) return { kind: "past-end" };
  if (response.status >= 400 && response.status < 500 && response.status !== 429 && response.status !== 408) return { kind: "expired" };
  return { kind: "failed" };
}

function length(header: string | null): number | null {
  if (header === null) return null;
  const bytes = Number(header);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null;
}
