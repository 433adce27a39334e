/** The other apps of a shop: what they brought, and what of it this app may see. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { ShopData } from "./data/shop-data.ts";
import { gid } from "./data/gid.ts";
import { definitionPayload } from "./graphql/mutations/definitions.ts";
import type { InstalledApp, OtherApp, SandboxClock } from "./types.ts";
import { customerPayload } from "./webhooks/payloads.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

export interface AppRecord {
  readonly id: number;
  readonly title: string;
  readonly handle: string;
  readonly scopes: readonly string[];
}

/** Read by other apps too. The three before these are the app's and the merchant's alone. */
const SHARED = ["PUBLIC_READ", "PUBLIC_READ_WRITE"];

export class InstalledApps {
  readonly #o: { readonly data: ShopData; readonly clock: SandboxClock; readonly webhooks: Webhooks };
  #others: readonly AppRecord[] = [];

  constructor(o: { data: ShopData; clock: SandboxClock; webhooks: Webhooks }) {
    this.#o = o;
  }

  get others(): readonly AppRecord[] {
    return this.#others;
  }

  /** What it keeps where nobody else may look is counted and not stored: nothing here could read it. */
  install(app: OtherApp): InstalledApp {
    const { data, clock, webhooks } = this.#o;
    const id = data.newId();
    const record: AppRecord = { id, title: app.title, handle: app.handle ?? app.title.toLowerCase().replace(/[^a-z0-9]+/g, "-"), scopes: app.scopes ?? ["read_customers", "write_customers"] };
    this.#others = [...this.#others, record];
    const wanted = app.metafields;
    const ids = { appId: gid("App", id), installationId: gid("AppInstallation", id + 1) };
    if (wanted === undefined) return { ...ids, namespace: null, values: 0 };
    const namespace = wanted.namespace.startsWith("$app") ? `app--${id}${wanted.namespace.replace("$app", "").replace(":", "--")}` : wanted.namespace;
    const type = wanted.type ?? "single_line_text_field";
    const access = wanted.access ?? "PUBLIC_READ";
    const people = take(data.customers.scan({ sort: "id" }), wanted.customers ?? 10);
    if (!SHARED.includes(access)) return { ...ids, namespace, values: people.length };
    const now = data.stamp(clock.now());
    const definition = { id: data.newId(), createdAt: now, updatedAt: now, ownerType: "CUSTOMER", namespace, key: wanted.key, name: wanted.key, description: `${SYNTHETIC_MARK} of ${app.title}`, type, pinnedPosition: null, validations: [], access };
    data.metafieldDefinitions.put(definition);
    webhooks.emit("metafield_definitions/create", () => definitionPayload(definition));
    for (const person of people) {
      const value = type === "json" || type.startsWith("list.") ? JSON.stringify([`${SYNTHETIC_MARK} ${person.id}`]) : `${SYNTHETIC_MARK} of ${app.title}`;
      const edited = { ...person, updatedAt: now, metafields: [...person.metafields, { id: data.newId(), createdAt: now, updatedAt: now, namespace, key: wanted.key, type, value }] };
      data.putCustomer(edited);
      webhooks.emit("customers/update", () => customerPayload(edited));
    }
    return { ...ids, namespace, values: people.length };
  }

  remove(handle: string): boolean {
    const before = this.#others.length;
    this.#others = this.#others.filter((one) => one.handle !== handle);
    return this.#others.length < before;
  }
}

function take<T>(all: Iterable<T>, n: number): T[] {
  const found: T[] = [];
  for (const one of all) {
    if (found.length >= n) break;
    found.push(one);
  }
  return found;
}
