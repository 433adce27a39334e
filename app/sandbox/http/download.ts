/** Bulk results over HTTP, as a cloud store serves them: signed address, ranges, and whatever the fault switchboard says. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BulkEngine } from "../bulk/engine.ts";
import type { BulkResult } from "../bulk/run.ts";
import type { Faults, SandboxClock } from "../types.ts";
import { sendText } from "./body.ts";

const TYPES: Readonly<Record<string, string>> = { pdf: "application/pdf", png: "image/png", jpg: "image/jpeg", txt: "text/plain", csv: "text/csv", json: "application/json" };

export class Downloads {
  readonly #bulk: BulkEngine;
  readonly #clock: SandboxClock;
  readonly #faults: () => Faults;
  #cuts = 0;
  #cutBy: Faults["cutDownload"];

  constructor(bulk: BulkEngine, clock: SandboxClock, faults: () => Faults) {
    this.#bulk = bulk;
    this.#clock = clock;
    this.#faults = faults;
  }

  async serve(id: number, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const result = this.#bulk.open(id, query.get("Expires") ?? "", query.get("Signature") ?? "");
    if (result === null) return sendText(response, 403, "application/xml", "<?xml version='1.0' encoding='UTF-8'?><Error><Code>SignatureDoesNotMatch</Code></Error>");
    if (result === "expired") return sendText(response, 400, "application/xml", "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code></Error>");
    await this.#send(result, { "Content-Type": "application/jsonl", ETag: `"${id}-${result.size}"`, "Content-Disposition": `attachment; filename="bulk-${id}.jsonl"` }, request, response);
  }

  /** A file of the shop's CDN: by range, slow or cut short like results. */
  async serveFile(name: string, bytes: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const whole: BulkResult = {
      size: bytes.length,
      async *read(from, to) {
        yield bytes.subarray(from, to);
      },
    };
    await this.#send(whole, { "Content-Type": TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream", ETag: `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`, "Cache-Control": "public, max-age=31557600" }, request, response);
  }

  async #send(result: BulkResult, headers: Readonly<Record<string, string>>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const range = rangeOf(request.headers.range, result.size);
    const common = { ...headers, "Accept-Ranges": "bytes" };
    if (range === "unsatisfiable") return sendText(response, 416, "application/xml", "<?xml version='1.0' encoding='UTF-8'?><Error><Code>InvalidRange</Code></Error>", { "Content-Range": `bytes */${result.size}` });
    const [from, to] = range ?? [0, result.size];
    response.writeHead(range === null ? 200 : 206, { ...common, "Content-Length": String(to - from), ...(range === null ? {} : { "Content-Range": `bytes ${from}-${to - 1}/${result.size}` }) });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    await this.#stream(result, from, to, response);
  }

  async #stream(result: BulkResult, from: number, to: number, response: ServerResponse): Promise<void> {
    const { slowDownload, cutDownload } = this.#faults();
    if (cutDownload !== this.#cutBy) [this.#cutBy, this.#cuts] = [cutDownload, 0];
    const cutAt = cutDownload !== undefined && this.#cuts < cutDownload.times && cutDownload.atByte < to - from ? cutDownload.atByte : Infinity;
    if (cutAt < Infinity) this.#cuts++;
    let sent = 0;
    for await (const whole of result.read(from, to)) {
      for (const part of slowDownload === undefined ? [whole] : pieces(whole, Math.max(1, Math.floor(slowDownload / 4)))) {
        if (response.destroyed) return;
        const kept = part.subarray(0, Math.max(0, cutAt - sent));
        const more = kept.length === 0 || response.write(kept);
        sent += kept.length;
        if (sent >= cutAt) {
          // What was written must leave first: a cut connection has delivered its bytes up to the cut.
          await flushed(response);
          response.socket?.end();
          response.socket?.destroySoon();
          return;
        }
        if (!more) await drained(response);
        if (slowDownload !== undefined) await this.#sleep((part.length / slowDownload) * 1000);
      }
    }
    response.end();
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#clock.sleep !== undefined) await this.#clock.sleep(milliseconds);
    else await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}

/** Waits until all that was written has left, or the client is gone. "drain" alone would not do: it follows only a write that was answered false. */
async function flushed(response: ServerResponse): Promise<void> {
  if (response.writableLength === 0 || response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.write("", () => resolve());
  });
}

/** After a write that was answered false: waits until the client has taken what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

function* pieces(whole: Buffer, size: number): Generator<Buffer, void, undefined> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

/** [from, to) of a single byte range; null: none asked for. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | "unsatisfiable" | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  if (match[1] === "") return [Math.max(0, size - Number(match[2])), size];
  const from = Number(match[1]);
  return from >= size ? "unsatisfiable" : [from, match[2] === "" ? size : Math.min(size, Number(match[2]) + 1)];
}
