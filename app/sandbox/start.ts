/** Starts a sandbox shop in this process: puts its parts together and listens. */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InstalledApps } from "./apps.ts";
import { Grants } from "./auth/grants.ts";
import { Tokens } from "./auth/tokens.ts";
import { BulkEngine } from "./bulk/engine.ts";
import { StagedUploads } from "./bulk/uploads.ts";
import { changeFraction } from "./data/change.ts";
import { corrupt } from "./data/corrupt.ts";
import { FileBytes } from "./data/file-bytes.ts";
import { seedWords } from "./data/random.ts";
import { EditRunner } from "./edits.ts";
import { canaryPlaces, firstIdFor } from "./data/shape.ts";
import type { Shape } from "./data/shape.ts";
import { ShopData } from "./data/shop-data.ts";
import { SHOP_WORDS } from "./data/wording.ts";
import type { Context, ShopFacts } from "./graphql/context.ts";
import { FlowDesk } from "./flow/desk.ts";
import { execute } from "./graphql/execute.ts";
import { PLUS, Throttle } from "./graphql/throttle.ts";
import { Downloads } from "./http/download.ts";
import { GraphqlEndpoint } from "./http/graphql.ts";
import { handler } from "./http/server.ts";
import { API_VERSION } from "./schema/fetch.ts";
import { loadIntrospection, loadSchema } from "./schema/load.ts";
import { Versions } from "./schema/versions.ts";
import type { ApiVersion } from "./schema/versions.ts";
import { howManyFiles } from "./kinds/files.ts";
import { DOC_KINDS } from "./kinds/all.ts";
import { METAFIELD_OWNERS } from "./kinds/kind.ts";
import { countsOf, kindCountsOf } from "./counts.ts";
import { SandboxError } from "./types.ts";
import type { Faults, SandboxClock, SandboxCounts, SandboxOptions, SandboxShop } from "./types.ts";
import { compliancePayload } from "./webhooks/compliance.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

/** What Holdfast asks a shop for. */
export const DEFAULT_SCOPES = [
  ...["customers", "orders", "metaobjects", "metaobject_definitions", "draft_orders", "products", "gift_cards", "discounts", "content", "files", "returns", "fulfillments", "store_credit_account_transactions", "own_subscription_contracts"].flatMap((name) => [`read_${name}`, `write_${name}`]),
  "read_all_orders",
  "read_store_credit_accounts",
  "read_gift_card_transactions",
  "write_gift_card_transactions",
] as const;

export async function startSandbox(options: SandboxOptions): Promise<SandboxShop> {
  checkOptions(options);
  const seed = String(options.seed ?? "holdfast");
  const clock: SandboxClock = options.clock ?? { now: () => new Date() };
  const schema = await loadSchema(options.schemaDirectory);
  const domain = options.shop ?? `${SHOP_WORDS[seedWords(seed)[0] % SHOP_WORDS.length] ?? "cedar"}-synthetic.myshopify.com`;
  const apiKey = options.apiKey ?? createHash("sha256").update(`key ${seed}`).digest("hex").slice(0, 32);
  const apiSecret = options.apiSecret ?? `shpss_${createHash("sha256").update(`secret ${seed}`).digest("hex").slice(0, 32)}`;
  const grants: Grants = new Grants({
    granted: options.scopes ?? DEFAULT_SCOPES,
    optional: options.optionalScopes ?? [],
    changed: (previous) => webhooks.emit("app/scopes_update", () => ({ id: data.shopId + 1, previous, current: [...grants.granted], updated_at: new Date(data.stamp(clock.now())).toISOString() })),
  });
  const shape = shapeOf(options, seed);
  const data = new ShopData(shape, { empty: options.empty === true, kinds: DOC_KINDS, metafieldKinds: METAFIELD_OWNERS, salt: `${seed}/${domain}/${options.empty === true ? "empty" : "full"}` });
  let faults: Faults = options.faults ?? {};
  let url = "";
  const webhooks = new Webhooks({ clock, shop: domain, secret: apiSecret, seed, apiVersion: API_VERSION, faults: () => faults, routes: options.webhooks ?? [], base: options.appUrl });
  const flow = new FlowDesk({ clock, shop: domain, shopId: () => data.shopId, secret: apiSecret, base: options.appUrl, triggers: options.flowTriggers });
  const bulk = new BulkEngine({ clock, secret: apiSecret, seed, url: () => url, faults: () => faults, firstId: 5_000_000_000_000, finished: (payload, lost) => webhooks.emit("bulk_operations/finish", () => payload, { lost }) });
  const uploads = new StagedUploads(apiSecret);
  const files = new FileBytes(seed, options.empty === true ? 0 : howManyFiles(shape));
  const tokens = new Tokens({ shop: domain, apiKey, apiSecret, scopes: grants.granted, clock, seed, faults: () => faults });
  const throttle = new Throttle(options.rateLimit ?? PLUS, clock);
  const edits = new EditRunner({ data, clock, webhooks, seed });
  const facts: ShopFacts = { domain, name: `${title(domain)} (synthetic data)`, get url() { return url; }, appName: options.appName ?? "Holdfast", appHandle: options.appHandle ?? "holdfast", apiKey, grants };
  const versions = new Versions({ handle: API_VERSION, schema }, () => loadIntrospection(options.schemaDirectory));
  const apps = new InstalledApps({ data, clock, webhooks });
  const contextFor = (staffId: number | null, version: ApiVersion): Context => {
    const context: Context = { schema: version.schema, versions: versions.all, granted: new Set(grants.granted), denyFields: faults.denyFields ?? [], apps, data, facts, clock, bulk, uploads, files, webhooks, flow, staffId, warnings: [], run: (text, variables) => execute(context, text, variables, null) };
    return context;
  };
  const graphql = new GraphqlEndpoint({ tokens, throttle, faults: () => faults, context: contextFor, versions, seed });
  const downloads = new Downloads(bulk, clock, () => faults);
  function counts(): SandboxCounts;
  function counts(o: { readonly children: true }): Required<SandboxCounts>;
  function counts(o?: { readonly children: true }): SandboxCounts {
    return countsOf(data, o?.children === true);
  }
  const adminPath = `/store/${domain.replace(/\.myshopify\.com$/, "")}/apps/${facts.appHandle}`;
  const server = createServer({ keepAliveTimeout: 5000 }, handler({ facts, apiSecret, appUrl: options.appUrl, adminPath, clock, tokens, graphql, downloads, uploads, files, control: { stopEdits: () => edits.stop(), shop: () => shop } }));
  const host = options.host ?? "127.0.0.1";
  await listen(server, options.port ?? 0, host);
  url = `http://${host}:${(server.address() as AddressInfo).port}`;

  const shop: SandboxShop = {
    url,
    shop: domain,
    accessToken: tokens.permanent,
    apiKey,
    apiSecret,
    adminUrl: `${url}${adminPath}`,
    canaryPlaces: canaryPlaces(shape),
    counts,
    kindCounts: () => kindCountsOf(data),
    versions: () => versions.all.map(({ handle, supported }) => ({ handle, supported })),
    releaseVersion: (handle, changes) => versions.release(handle, changes),
    retireVersion: (handle) => versions.retire(handle),
    grantedScopes: () => grants.detail().granted,
    setScopes: async (next) => {
      grants.set(next);
      await webhooks.idle();
    },
    installApp: (app) => apps.install(app),
    removeApp: (handle) => apps.remove(handle),
    setFaults: (next) => {
      faults = next;
    },
    corrupt: (asked) => corrupt(data, { ...asked, seed: `${seed}/${asked.seed ?? ""}` }, clock, webhooks),
    changeFraction: (fraction, changeSeed) => changeFraction(data, fraction, `${seed}/${changeSeed}`, clock, webhooks),
    edit: (count, asked) => edits.edit(count, asked),
    startEdits: (asked) => edits.start(asked),
    sendComplianceWebhook: async (topic, customerId) => {
      webhooks.emit(topic, () => compliancePayload(topic, data, domain, customerId));
      await webhooks.idle();
    },
    uninstall: async () => {
      tokens.uninstall();
      webhooks.emit("app/uninstalled", () => ({ id: data.shopId, name: facts.name, domain, myshopify_domain: domain, email: "owner@example.com", plan_name: "shopify_plus" }));
      await webhooks.idle();
    },
    flowReceipts: () => flow.receipts,
    declareFlowTriggers: (triggers) => flow.declare(triggers),
    runFlowAction: (step) => flow.run(step),
    setFlowListener: (handle, enabled, at) => flow.listen(handle, enabled, at),
    onWebhook: (listener) => webhooks.onAttempt(listener),
    webhooksIdle: () => webhooks.idle(),
    close: async () => {
      await edits.stop();
      webhooks.close();
      flow.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, bulk.close()]);
    },
  };
  return shop;
}

function checkOptions(o: SandboxOptions): void {
  for (const name of ["customers", "orders", "metaobjects"] as const) {
    const n = o[name];
    if (n !== undefined && (!Number.isInteger(n) || n < 0 || n > 5_000_000)) throw new SandboxError("sandbox.bad_option", `${name} must be a whole number from 0 to 5,000,000.`);
  }
  if (o.shop !== undefined && !/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/.test(o.shop)) throw new SandboxError("sandbox.bad_option", "shop must be a domain such as cedar.myshopify.com.");
  if (o.host !== undefined && o.host !== "127.0.0.1" && o.host !== "localhost") throw new SandboxError("sandbox.bad_option", "The sandbox shop answers on this machine only: host must be 127.0.0.1 or localhost.");
}

function shapeOf(o: SandboxOptions, seed: string): Shape {
  const customers = o.empty === true ? 0 : (o.customers ?? 0);
  return {
    seed,
    customers,
    orders: o.empty === true ? 0 : (o.orders ?? 0),
    metaobjects: o.empty === true ? 0 : (o.metaobjects ?? Math.min(5000, Math.max(10, Math.floor(customers / 50)))),
    canary: o.canary ?? null,
    firstId: firstIdFor(seed),
  };
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "EADDRINUSE" ? new SandboxError("sandbox.port_taken", `Port ${port} is in use. Choose another, or none for any free one.`, { cause: error }) : error));
    server.listen(port, host, resolve);
  });
}

function title(domain: string): string {
  return domain
    .replace(/\.myshopify\.com$/, "")
    .split("-")
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join(" ");
}
