/** Bulk operations: started by mutations, run in slices beside everything else, read by signed URL, announced by webhook. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { gid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { iso, isoOrNull } from "../graphql/context.ts";
import type { BulkDoor, Context } from "../graphql/context.ts";
import { List } from "../graphql/list.ts";
import { parseSearch } from "../graphql/search.ts";
import type { SearchField } from "../graphql/search.ts";
import type { Faults, SandboxClock } from "../types.ts";
import { closedTo } from "./closed.ts";
import { compileBulkQuery } from "./plan.ts";
import { chunks, rehearse, START } from "./result.ts";
import type { Checkpoint, LineFaults } from "./result.ts";
import type { BulkResult, BulkRun } from "./run.ts";

/** Of each type, for each app and shop, from API version 2026-01 on. */
export const AT_ONCE = 5;
/** Seconds a result can be fetched for: 7 days. */
const LIFETIME = 7 * 86_400;
/** Checkpoints kept for one result; every second one is dropped when there are more, so memory stays bounded. */
/** Milliseconds between two looks whether a stalled operation was cancelled. */
const STALL = 50;
const MAX_CHECKPOINTS = 2048;

type Status = "CREATED" | "RUNNING" | "COMPLETED" | "CANCELING" | "CANCELED" | "FAILED" | "EXPIRED";

interface Operation {
  readonly id: number;
  readonly type: "QUERY" | "MUTATION";
  readonly query: string;
  readonly createdAt: number;
  readonly ended: Promise<void>;
  status: Status;
  completedAt: number | null;
  errorCode: string | null;
  objectCount: number;
  rootObjectCount: number;
  bytes: number;
  result: BulkResult | null;
  lifetime: number;
}

export class BulkEngine implements BulkDoor {
  readonly #o: { readonly clock: SandboxClock; readonly secret: string; readonly url: () => string; readonly seed: string; readonly faults: () => Faults; readonly finished: (payload: object, lost: boolean) => void };
  readonly #operations = new Map<number, Operation>();
  readonly #draw: Draw;
  #nextId: number;
  readonly #counted: Partial<Record<"stallBulk" | "cancelBulk", { readonly fault: object; left: number }>> = {};
  #failed = 0;
  #closed = false;

  constructor(o: { clock: SandboxClock; secret: string; url: () => string; seed: string; faults: () => Faults; finished: (payload: object, lost: boolean) => void; firstId: number }) {
    this.#o = o;
    this.#nextId = o.firstId;
    this.#draw = new Draw(o.seed, "bulk");
  }

  /** How many more may be started. */
  free(type: string): number {
    return Math.max(0, AT_ONCE - this.running(type).length - (this.#o.faults().othersRunning ?? 0));
  }

  running(type: string): readonly Operation[] {
    return [...this.#operations.values()].filter((one) => one.type === type && (one.status === "CREATED" || one.status === "RUNNING" || one.status === "CANCELING"));
  }

  /** Compiles a query, tries it on a few records, and starts. Throws RefusedError for what the sandbox does not simulate. */
  startQuery(schema: GraphQLSchema, document: DocumentNode, query: string, context: Context, grouped: boolean): number {
    // A query over what the app may not read is taken, and fails.
    if (closedTo(context, schema, document)) return this.start("QUERY", query, () => Promise.resolve({ result: null, errorCode: "ACCESS_DENIED" }));
    const plan = compileBulkQuery(schema, document);
    rehearse(plan, context);
    const faults = this.#o.faults();
    const stall = this.#next("stallBulk");
    const canceling = this.#next("cancelBulk");
    const failing = faults.failBulk !== undefined && this.#failed < (faults.failBulk.times ?? Infinity) ? faults.failBulk : undefined;
    if (failing !== undefined) this.#failed++;
    const lineFaults: LineFaults = { invalidEvery: faults.invalidLineEvery ?? 0, duplicateEvery: faults.duplicateLineEvery ?? 0, stopAfter: failing?.afterObjects ?? Infinity };
    const frozen: Context = { ...context, data: context.data.freeze() };
    return this.start("QUERY", query, async ({ canceled, progress, cancel }) => {
      const checkpoints: Checkpoint[] = [START];
      let every = 1;
      let n = 0;
      let roots = 0;
      let end = START;
      for (const chunk of chunks(plan, frozen, grouped, lineFaults)) {
        end = chunk.next;
        roots += chunk.roots;
        progress(end.objects, roots, end.offset);
        if (canceling !== undefined && end.objects >= canceling.afterObjects) cancel();
        // Nothing moves any more, and nothing ends it but somebody who cancels.
        while (stall !== undefined && end.objects >= (stall.afterObjects ?? 0) && !canceled()) await this.#sleep(STALL);
        if (canceled()) return { result: null, errorCode: null };
        if (++n % every === 0) checkpoints.push(end);
        if (checkpoints.length > MAX_CHECKPOINTS) {
          for (let i = checkpoints.length - 2; i > 0; i -= 2) checkpoints.splice(i, 1);
          every *= 2;
        }
        await breathe();
      }
      const size = end.offset;
      const result: BulkResult = {
        size,
        async *read(from, to) {
          let at = checkpoints[0] ?? START;
          for (const checkpoint of checkpoints) if (checkpoint.offset <= from) at = checkpoint;
          let offset = at.offset;
          for (const chunk of chunks(plan, frozen, grouped, lineFaults, at)) {
            const part = chunk.bytes.subarray(Math.max(0, from - offset), Math.max(0, Math.min(chunk.bytes.length, to - offset)));
            offset += chunk.bytes.length;
            if (part.length > 0) yield part;
            if (offset >= to) return;
            await breathe();
          }
        },
      };
      return { result: size === 0 ? null : result, errorCode: failing === undefined ? null : (failing.errorCode ?? "INTERNAL_SERVER_ERROR") };
    });
  }

  /** A fault of which so many are left, used up by one. */
  #next<K extends "stallBulk" | "cancelBulk">(name: K): Faults[K] | undefined {
    const fault = this.#o.faults()[name];
    if (fault === undefined) return undefined;
    if (this.#counted[name]?.fault !== fault) this.#counted[name] = { fault, left: fault.times };
    const counted = this.#counted[name];
    return counted !== undefined && counted.left-- > 0 ? fault : undefined;
  }

  start(type: "QUERY" | "MUTATION", query: string, run: BulkRun): number {
    this.#nextId += 1_048_576;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const faults = this.#o.faults();
    const operation: Operation = { id: this.#nextId, type, query, createdAt: this.#now(), ended, status: "CREATED", completedAt: null, errorCode: null, objectCount: 0, rootObjectCount: 0, bytes: 0, result: null, lifetime: faults.urlLifetime ?? LIFETIME };
    this.#operations.set(operation.id, operation);
    void this.#run(operation, run, faults, type === "MUTATION" ? this.#next("stallBulk") : undefined).finally(end);
    return operation.id;
  }

  async #run(operation: Operation, run: BulkRun, faults: Faults, stall: Faults["stallBulk"]): Promise<void> {
    // The answer to the mutation says CREATED; work begins after it.
    await breathe();
    await breathe();
    if (operation.status === "CREATED") operation.status = "RUNNING";
    try {
      if (faults.slowBulk !== undefined) await this.#sleep(faults.slowBulk);
      const outcome = await run({
        canceled: () => this.#closed || operation.status === "CANCELING",
        cancel: () => {
          operation.status = "CANCELING";
        },
        held: async (objects) => {
          while (stall !== undefined && objects >= (stall.afterObjects ?? 0) && !this.#closed && operation.status !== "CANCELING") await this.#sleep(STALL);
        },
        progress: (objects, roots, bytes) => {
          operation.objectCount = objects;
          operation.rootObjectCount = roots;
          operation.bytes = bytes;
        },
      });
      operation.result = outcome.result;
      operation.errorCode = outcome.errorCode;
      operation.status = (operation.status as Status) === "CANCELING" || this.#closed ? "CANCELED" : outcome.errorCode === null ? "COMPLETED" : "FAILED";
    } catch {
      operation.errorCode = "INTERNAL_SERVER_ERROR";
      operation.status = "FAILED";
    }
    operation.completedAt = operation.status === "CANCELED" ? null : this.#now();
    if (this.#closed) return;
    const lost = this.#draw.at(operation.id).chance(this.#o.faults().loseFinishWebhook ?? 0);
    // Statuses are in lower case here, unlike in the API.
    this.#o.finished({ admin_graphql_api_id: gid("BulkOperation", operation.id), completed_at: isoOrNull(operation.completedAt), created_at: iso(operation.createdAt), error_code: operation.errorCode?.toLowerCase() ?? null, status: operation.status.toLowerCase(), type: operation.type.toLowerCase() }, lost);
  }

  cancel(id: number): "canceling" | "ended" | "unknown" {
    const operation = this.#operations.get(id);
    if (operation === undefined) return "unknown";
    if (operation.status !== "CREATED" && operation.status !== "RUNNING" && operation.status !== "CANCELING") return "ended";
    operation.status = "CANCELING";
    return "canceling";
  }

  /** As GraphQL's BulkOperation. */
  get(id: number): (Record<string, unknown> & { readonly id: string }) | null {
    const operation = this.#operations.get(id);
    if (operation === undefined) return null;
    const expired = this.#expired(operation);
    const status: Status = expired && operation.status === "COMPLETED" ? "EXPIRED" : operation.status;
    const url = operation.result === null || expired ? null : this.#signedUrl(operation);
    return {
      id: gid("BulkOperation", operation.id),
      type: operation.type,
      query: operation.query,
      status,
      createdAt: iso(operation.createdAt),
      completedAt: isoOrNull(operation.completedAt),
      errorCode: operation.errorCode,
      objectCount: String(operation.objectCount),
      rootObjectCount: String(operation.rootObjectCount),
      fileSize: operation.result === null ? (operation.status === "RUNNING" && operation.bytes > 0 ? String(operation.bytes) : null) : String(operation.result.size),
      url: operation.status === "COMPLETED" ? url : null,
      partialDataUrl: operation.status === "FAILED" ? url : null,
    };
  }

  newest(type: string): object | null {
    const last = [...this.#operations.values()].filter((one) => one.type === type).at(-1);
    return last === undefined ? null : this.get(last.id);
  }

  list(query: string, sort: "CREATED_AT" | "COMPLETED_AT"): List {
    const fields: Readonly<Record<string, SearchField<Operation>>> = {
      id: { kind: "number", of: (one) => one.id },
      created_at: { kind: "time", of: (one) => one.createdAt },
      status: { kind: "text", of: (one) => [one.status] },
      operation_type: { kind: "text", of: (one) => [one.type] },
    };
    const filter = parseSearch(query, fields);
    const found = [...this.#operations.values()].filter((one) => filter.test(one));
    if (sort === "COMPLETED_AT") found.sort((a, b) => (a.completedAt ?? Infinity) - (b.completedAt ?? Infinity) || a.id - b.id);
    return List.of(found.map((one) => ({ ...this.get(one.id), id: gid("BulkOperation", one.id), number: one.id })), (one) => one.number);
  }

  /** The result behind a signed address; null when the address is wrong, "expired" when it is too old. */
  open(id: number, expires: string, signature: string): BulkResult | "expired" | null {
    const operation = this.#operations.get(id);
    const expected = this.#sign(id, expires);
    if (operation?.result == null || signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return null;
    return this.#expired(operation) || Number(expires) * 1000 <= this.#o.clock.now().getTime() ? "expired" : operation.result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#operations.values()].map((one) => one.ended));
  }

  #signedUrl(operation: Operation): string {
    const expires = String(Math.floor((operation.completedAt ?? operation.createdAt) / 1000) + operation.lifetime);
    return `${this.#o.url()}/bulk-results/${operation.id}.jsonl?Expires=${expires}&Signature=${this.#sign(operation.id, expires)}`;
  }

  #sign(id: number, expires: string): string {
    return createHmac("sha256", this.#o.secret).update(`${id}.${expires}`).digest("hex");
  }

  #expired(operation: Operation): boolean {
    return operation.completedAt !== null && this.#o.clock.now().getTime() >= operation.completedAt + operation.lifetime * 1000;
  }

  #now(): number {
    return Math.floor(this.#o.clock.now().getTime() / 1000) * 1000;
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#o.clock.sleep !== undefined) await this.#o.clock.sleep(milliseconds);
    else await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
  }
}
