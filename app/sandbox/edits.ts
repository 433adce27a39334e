/** Runs edits in a shop: so many at once, or so many a second until told to stop. */
import { Edits } from "./data/edits.ts";
import type { Keeper } from "./data/edits.ts";
import { gid } from "./data/gid.ts";
import type { ShopData } from "./data/shop-data.ts";
import { deleteDoc, saveDoc } from "./graphql/mutations/docs.ts";
import { DOC_KINDS } from "./kinds/all.ts";
import type { EditReport, EditsAsked, EditsRunning, SandboxClock } from "./types.ts";
import { customerPayload, emitPurchases, orderPayload, refundPayload, transactionPayload } from "./webhooks/payloads.ts";
import { heard } from "./webhooks/quiet-metafields.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** Edits between two looks at everything else the process does. */
const SLICE = 50;
/** Milliseconds between two slices of paced edits. */
const TICK = 100;

export class EditRunner {
  readonly #edits: Edits;
  readonly #clock: SandboxClock;
  #running: { stop(): Promise<EditReport> } | null = null;

  constructor(o: { data: ShopData; clock: SandboxClock; webhooks: Webhooks; seed: string }) {
    this.#clock = o.clock;
    this.#edits = new Edits({ data: o.data, clock: o.clock, keeper: keeperOf(o), kinds: DOC_KINDS, seed: o.seed });
  }

  async edit(count: number, asked: EditsAsked = {}): Promise<EditReport> {
    if (!Number.isInteger(count) || count < 0) throw new RangeError("count must be a whole number");
    const next = this.#edits.sequence(asked);
    const sum = new Sum();
    for (let n = 0; n < count; n++) {
      sum.add(next(n));
      if (n % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    return sum.report();
  }

  start(asked: EditsAsked & { readonly perSecond: number }): EditsRunning {
    if (!(asked.perSecond > 0 && asked.perSecond <= 10_000)) throw new RangeError("perSecond must be above 0 and at most 10,000");
    void this.stop();
    const next = this.#edits.sequence(asked);
    const sum = new Sum();
    let done = 0;
    let due = 0;
    let at = this.#clock.now().getTime();
    const timer = setInterval(() => {
      const now = this.#clock.now().getTime();
      // What a busy moment held up is made up for, but no more than a second of it.
      due = Math.min(due + (Math.max(0, now - at) / 1000) * asked.perSecond, Math.max(1, asked.perSecond));
      at = now;
      for (; due >= 1; due--) sum.add(next(done++));
    }, TICK);
    const running: EditsRunning = {
      get done() {
        return done;
      },
      stop: () => {
        clearInterval(timer);
        if (this.#running === running) this.#running = null;
        return Promise.resolve(sum.report());
      },
    };
    this.#running = running;
    return running;
  }

  async stop(): Promise<EditReport | null> {
    return this.#running === null ? null : this.#running.stop();
  }
}

/** Many reports as one: where a record ended, each GID once. */
class Sum {
  readonly #fate = new Map<string, "changed" | "added" | "deleted">();

  add(report: EditReport): void {
    for (const id of report.added) this.#fate.set(id, "added");
    for (const id of report.changed) if (this.#fate.get(id) !== "added") this.#fate.set(id, "changed");
    for (const id of report.deleted) {
      // Made and gone again within the same run: nothing is left to tell.
      if (this.#fate.get(id) === "added") this.#fate.delete(id);
      else this.#fate.set(id, "deleted");
    }
  }

  report(): EditReport {
    const of = (fate: string): string[] => [...this.#fate].flatMap(([id, one]) => (one === fate ? [id] : []));
    return { changed: of("changed"), added: of("added"), deleted: of("deleted") };
  }
}

function keeperOf(around: { readonly data: ShopData; readonly clock: SandboxClock; readonly webhooks: Webhooks }): Keeper {
  const { data, webhooks, clock } = around;
  return {
    customer: (edited, isNew) => {
      const { record, told } = heard(webhooks, isNew ? null : data.customers.get(edited.id), edited);
      data.putCustomer(record);
      if (told) webhooks.emit(isNew ? "customers/create" : "customers/update", () => customerPayload(record));
    },
    order: (edited, isNew, also) => {
      const { record, told } = heard(webhooks, isNew ? null : data.orders.get(edited.id), edited);
      data.putOrder(record);
      if (told) webhooks.emit(isNew ? "orders/create" : "orders/updated", () => orderPayload(record));
      if (isNew) emitPurchases(webhooks, data, record.customerId, record.createdAt);
      if (also === undefined) return;
      webhooks.emit("refunds/create", () => refundPayload(also.refund, record));
      webhooks.emit("order_transactions/create", () => transactionPayload(also.transaction, record));
    },
    customerGone: (id) => {
      data.removeCustomer(id);
      webhooks.emit("customers/delete", () => ({ id, phone: null, addresses: [], admin_graphql_api_id: gid("Customer", id) }));
    },
    orderGone: (id) => {
      const buyer = data.orders.get(id)?.customerId ?? null;
      data.removeOrder(id);
      webhooks.emit("orders/delete", () => ({ id }));
      emitPurchases(webhooks, data, buyer, clock.now().getTime());
    },
    doc: (kind, before, doc) => void saveDoc(around, kind, before, doc),
    docGone: (kind, doc) => deleteDoc(around, kind, doc),
  };
}
