/** Webhooks as the platform sends them: signed over the body, five seconds to answer, tried again for hours, never in a promised order. */
import { createHmac, randomUUID } from "node:crypto";
import { Draw } from "../data/random.ts";
import type { Faults, SandboxClock, WebhookAttempt, WebhookRoute } from "../types.ts";

const TIMEOUT = 5000;
/** Eight tries over four hours: the waits before tries 2 to 9, in seconds. */
export const RETRY_AFTER = [10, 30, 90, 270, 810, 2430, 4860, 5900] as const;
const AT_ONCE = 8;
/** Deliveries kept to be replayed. */
const KEPT = 200;
/** A delivery that is held back for a later one to overtake it goes out alone after this many milliseconds. */
const HELD = 2000;

export interface Subscription {
  readonly id: number;
  readonly topic: string;
  readonly address: string;
  readonly name: string | null;
  readonly createdAt: number;
  readonly includeFields: readonly string[];
  /** "type:care_plan": only events whose payload says so. */
  readonly filter: string | null;
  /** Made through the API: removed after eight failures in a row. Those of the TOML stay. */
  readonly fromApi: boolean;
}

interface Delivery {
  readonly subscription: Subscription;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly webhookId: string;
}

export class Webhooks {
  readonly #o: { readonly clock: SandboxClock; readonly shop: string; readonly secret: string; readonly seed: string; readonly apiVersion: string; readonly faults: () => Faults };
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #listeners = new Set<(attempt: WebhookAttempt) => void>();
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #stop = new AbortController();
  readonly #draw: Draw;
  readonly #past: Delivery[] = [];
  #held: Delivery[] = [];
  #idle: (() => void)[] = [];
  #running = 0;
  #sent = 0;
  #nextId = 1_100_000_000_000;

  constructor(o: { clock: SandboxClock; shop: string; secret: string; seed: string; apiVersion: string; faults: () => Faults; routes: readonly WebhookRoute[]; base: string | undefined }) {
    this.#o = o;
    this.#draw = new Draw(o.seed, "webhooks");
    for (const route of o.routes) this.subscribe(route.topic, o.base === undefined ? route.address : new URL(route.address, o.base).href, { name: route.name ?? null, fromApi: false, includeFields: route.includeFields ?? [], filter: route.filter ?? null });
  }

  subscribe(topic: string, address: string, o: { name: string | null; fromApi: boolean; includeFields: readonly string[]; filter?: string | null }): Subscription {
    this.#nextId += 32768;
    const subscription: Subscription = { id: this.#nextId, topic, address, createdAt: this.#o.clock.now().getTime(), ...o, filter: o.filter ?? null };
    this.#subscriptions.set(subscription.id, subscription);
    return subscription;
  }

  /** Changes one that was made through the API. Null: there is none. */
  resubscribe(id: number, change: Partial<Pick<Subscription, "address" | "includeFields" | "filter" | "name">>): Subscription | null {
    const before = this.#subscriptions.get(id);
    if (before?.fromApi !== true) return null;
    const after = { ...before, ...change };
    this.#subscriptions.set(id, after);
    return after;
  }

  unsubscribe(id: number): boolean {
    return this.#subscriptions.get(id)?.fromApi === true && this.#subscriptions.delete(id);
  }

  subscription(gid: string): Subscription | null {
    const found = this.#subscriptions.get(Number(/\/(\d+)$/.exec(gid)?.[1]));
    return found?.fromApi === true ? found : null;
  }

  /** Those made through the API; the TOML's are the app's and not listed, as on the platform. `topics`: enum values, or all. */
  subscriptions(topics: readonly string[] | null): readonly Subscription[] {
    return [...this.#subscriptions.values()].filter((one) => one.fromApi && (topics === null || topics.includes(one.topic.replace(/[/.]/, "_").toUpperCase())));
  }

  /** The fault of that name is on. */
  get quietMetafields(): boolean {
    return this.#o.faults().quietMetafields === true;
  }

  wants(topic: string): boolean {
    return [...this.#subscriptions.values()].some((one) => one.topic === topic);
  }

  /** Sends one event to everybody subscribed. The payload is made only if somebody is. */
  emit(topic: string, payload: () => object, o: { lost?: boolean } = {}): void {
    const subscribers = [...this.#subscriptions.values()].filter((one) => one.topic === topic);
    if (subscribers.length === 0) return;
    const eventId = randomUUID();
    const triggeredAt = this.#o.clock.now().toISOString();
    const whole = payload();
    for (const subscription of subscribers) {
      if (!passes(subscription.filter, whole)) continue;
      const luck = this.#draw.at(this.#sent++);
      const faults = topic === "bulk_operations/finish" ? {} : this.#o.faults();
      if (o.lost === true || luck.chance(faults.loseWebhook ?? 0)) continue;
      const body = Buffer.from(JSON.stringify(subscription.includeFields.length === 0 ? whole : Object.fromEntries(Object.entries(whole).filter(([key]) => subscription.includeFields.includes(key)))));
      const webhookId = randomUUID();
      const headers: Record<string, string> = {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": createHmac("sha256", this.#o.secret).update(body).digest("base64"),
        "X-Shopify-Shop-Domain": this.#o.shop,
        "X-Shopify-API-Version": this.#o.apiVersion,
        "X-Shopify-Webhook-Id": webhookId,
        "X-Shopify-Event-Id": eventId,
        "X-Shopify-Triggered-At": triggeredAt,
        ...(subscription.name === null ? {} : { "X-Shopify-Name": subscription.name }),
      };
      this.#send({ subscription, body, headers, webhookId }, faults, luck);
    }
  }

  /** On its way, by the luck of the draw: twice, after the next one, much later, or with an old one that everybody had forgotten. */
  #send(delivery: Delivery, faults: Faults, luck: Draw): void {
    const [twice, behind, late, again] = [luck.chance(faults.duplicateWebhook ?? 0), luck.chance(faults.reorderWebhook ?? 0), luck.chance(faults.delayWebhook?.fraction ?? 0), luck.chance(faults.replayWebhook ?? 0)];
    const old = again && this.#past.length > 0 ? this.#past[luck.below(this.#past.length)] : undefined;
    if (faults.replayWebhook !== undefined && this.#past.push(delivery) > KEPT) this.#past.shift();
    if (behind) {
      this.#held.push(delivery);
      void this.#sleep(HELD).then(() => this.#release());
    } else if (late) {
      void this.#sleep(faults.delayWebhook?.milliseconds ?? 0).then(() => {
        if (!this.#stop.signal.aborted) this.#deliver(delivery);
      });
    } else {
      this.#deliver(delivery);
      this.#release();
    }
    if (twice) this.#deliver(delivery);
    // What is sent again in full is a delivery of its own; only the event and its time are the old ones.
    if (old !== undefined) {
      const webhookId = randomUUID();
      this.#deliver({ ...old, webhookId, headers: { ...old.headers, "X-Shopify-Webhook-Id": webhookId } });
    }
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    if (!this.#stop.signal.aborted) for (const delivery of held) this.#deliver(delivery);
  }

  #deliver(delivery: Delivery): void {
    this.#enqueue(() => this.#attempt(delivery, 1));
  }

  onAttempt(listener: (attempt: WebhookAttempt) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  idle(): Promise<void> {
    this.#release();
    return this.#running === 0 && this.#queue.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#stop.abort();
    this.#queue.length = 0;
  }

  async #attempt(delivery: Delivery, attempt: number): Promise<void> {
    let status: number | null = null;
    try {
      const response = await fetch(delivery.subscription.address, { method: "POST", headers: delivery.headers, body: new Uint8Array(delivery.body), redirect: "manual", signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), this.#stop.signal]) });
      status = response.status;
      await response.body?.cancel();
    } catch {
      status = null;
    }
    if (this.#stop.signal.aborted) return;
    for (const listener of this.#listeners) listener({ topic: delivery.subscription.topic, webhookId: delivery.webhookId, attempt, address: delivery.subscription.address, status });
    if (status !== null && status >= 200 && status < 300) return;
    const wait = RETRY_AFTER[attempt - 1];
    if (wait === undefined) {
      if (delivery.subscription.fromApi) this.#subscriptions.delete(delivery.subscription.id);
      return;
    }
    void this.#sleep(wait * 1000).then(() => {
      if (!this.#stop.signal.aborted) this.#enqueue(() => this.#attempt(delivery, attempt + 1));
    });
  }

  #enqueue(job: () => Promise<void>): void {
    this.#queue.push(job);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < AT_ONCE) {
      const job = this.#queue.shift();
      if (job === undefined) break;
      this.#running++;
      void job().finally(() => {
        this.#running--;
        this.#pump();
      });
    }
    if (this.#running === 0 && this.#queue.length === 0) {
      for (const resolve of this.#idle) resolve();
      this.#idle = [];
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#o.clock.sleep !== undefined) return this.#o.clock.sleep(milliseconds, this.#stop.signal).catch(() => undefined);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      timer.unref();
      this.#stop.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

/** Terms of "member:value", all of which must hold of the payload (https://shopify.dev/docs/apps/build/webhooks/customize/filters). */
function passes(filter: string | null, payload: object): boolean {
  if (filter === null || filter.trim() === "") return true;
  return filter.split(/\s+AND\s+/i).every((term) => {
    const [, member = "", wanted = ""] = /^\s*([\w.]+):\s*"?([^"]*)"?\s*$/.exec(term) ?? [];
    const value = member.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], payload);
    return wanted === "*" ? value != null : (typeof value === "string" || typeof value === "number" || typeof value === "boolean") && String(value) === wanted;
  });
}
