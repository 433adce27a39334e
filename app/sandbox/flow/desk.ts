/** The sandbox's Shopify Flow: it takes events of triggers, runs steps of workflows against the app, and tells it which triggers have a workflow. There are no workflows; a test plays them. */
import { randomUUID } from "node:crypto";
import type { FlowReceipt, FlowRun, FlowStep, FlowTriggerField, FlowTriggers, SandboxClock } from "../types.ts";
import { complaintsAbout, MOST_FLOW_PAYLOAD } from "./payload.ts";
import { runStep } from "./run-step.ts";
import { signedPost } from "./signed-post.ts";

/** Receipts kept; the oldest go. */
const KEPT = 10_000;
/** https://shopify.dev/docs/apps/build/flow/track-lifecycle-events: 5 s to answer, or the merchant cannot switch the workflow on. */
const LIFECYCLE_MS = 5000;

export interface FlowDeskOptions {
  readonly clock: SandboxClock;
  readonly shop: string;
  readonly shopId: () => number;
  readonly secret: string;
  /** Where the app answers; absent: nowhere. */
  readonly base: string | undefined;
  readonly triggers: FlowTriggers | undefined;
}

export interface UserError {
  readonly field: readonly string[] | null;
  readonly message: string;
}

export class FlowDesk {
  readonly #o: FlowDeskOptions;
  readonly #receipts: FlowReceipt[] = [];
  readonly #stop = new AbortController();
  #triggers: FlowTriggers | undefined;

  constructor(o: FlowDeskOptions) {
    this.#o = o;
    this.#triggers = o.triggers;
  }

  /** What `shopify app deploy` would: from now on only these are known, with these fields. */
  declare(triggers: FlowTriggers): void {
    this.#triggers = triggers;
  }

  /** flowTriggerReceive. As long as nothing was declared, any handle and payload will do. */
  receive(handle: unknown, payload: unknown): readonly UserError[] {
    if (typeof handle !== "string" || handle === "") return [{ field: ["handle"], message: "Handle can't be blank" }];
    const fields: Readonly<Record<string, FlowTriggerField>> | undefined = this.#triggers?.[handle];
    if (this.#triggers !== undefined && fields === undefined) return this.#refused(handle, payload, [{ field: ["handle"], message: `Invalid handle '${handle}'` }]);
    if (Buffer.byteLength(JSON.stringify(payload ?? {})) > MOST_FLOW_PAYLOAD) return this.#refused(handle, payload, [{ field: ["payload"], message: "Payload is too large" }]);
    const complaints = fields === undefined ? [] : complaintsAbout(payload, fields);
    if (complaints.length > 0) return this.#refused(handle, payload, complaints.map((complaint) => ({ field: ["payload"], message: `Errors validating schema:\n  ${complaint}` })));
    this.#keep(handle, payload, []);
    return [];
  }

  /** Oldest first. */
  get receipts(): readonly FlowReceipt[] {
    return this.#receipts;
  }

  /** Runs one step until the app has given a final answer, or `patienceMs` (36 hours) are over. */
  async run(step: FlowStep): Promise<FlowRun> {
    const actionRunId = step.actionRunId ?? randomUUID();
    const body = {
      shop_id: this.#o.shopId(),
      shopify_domain: step.shop ?? this.#o.shop,
      action_run_id: actionRunId,
      handle: step.handle,
      step_reference: step.stepReference ?? randomUUID(),
      action_definition_id: step.handle,
      properties: step.properties ?? {},
    };
    const url = this.#address(step.path ?? `/flow/actions/${step.handle}`);
    return await runStep({ clock: this.#o.clock, secret: this.#o.secret, signal: this.#stop.signal, url, body, actionRunId, twice: step.twice === true, ...(step.patienceMs === undefined ? {} : { patienceMs: step.patienceMs }) });
  }

  /** A merchant switches the first workflow on, or the last one off, that starts with a trigger. Answers the app's status; null: it did not answer in time. */
  async listen(handle: string, enabled: boolean, at: Date = this.#o.clock.now()): Promise<number | null> {
    const body = { flow_trigger_definition_id: handle, has_enabled_flow: enabled, shop_id: String(this.#o.shopId()), shopify_domain: this.#o.shop, timestamp: at.toISOString() };
    return (await signedPost(this.#address("/flow/lifecycle"), body, { secret: this.#o.secret, signal: this.#stop.signal, timeoutMs: LIFECYCLE_MS }))?.status ?? null;
  }

  close(): void {
    this.#stop.abort();
  }

  #address(path: string): string {
    if (this.#o.base === undefined) throw new TypeError("the sandbox does not know where the app answers: start it with appUrl");
    return new URL(path, this.#o.base).href;
  }

  #refused(handle: string, payload: unknown, errors: readonly UserError[]): readonly UserError[] {
    this.#keep(handle, payload, errors.map(({ message }) => message));
    return errors;
  }

  #keep(handle: string, payload: unknown, errors: readonly string[]): void {
    this.#receipts.push({ handle, payload: (payload ?? {}) as FlowReceipt["payload"], at: this.#o.clock.now().toISOString(), errors });
    if (this.#receipts.length > KEPT) this.#receipts.shift();
  }
}
