/** A viewer over a vault in memory, a provider on loopback, and a browser without a screen that keeps cookies. */
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { generalDecrypt, importJWK } from "jose";
import { KeyError } from "#app/keys/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import { readVaultDescription, type SourceRecord } from "#app/vault/index.ts";
import { checkAction, type NewLedgerEntry } from "#app/ledger/index.ts";
import type { Role } from "#app/access/index.ts";
import { responderId, viewerServer, type ViewerPlace, type ViewerServer } from "#app/viewer/index.ts";
import { LyingProvider } from "#tests/support/servers/lying-provider.ts";
import { FakeTime } from "#tests/support/fakes-time.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, seededRandom, type TestVault } from "#tests/support/vault-kit.ts";

export const SHOP = "test-synthetic.myshopify.com";
export const CANARY = "Quetzalcoatlus";
const CUSTOMER = "gid://shopify/Customer/7001";

export const RECORDS: readonly SourceRecord[] = [
  record("Customer", CUSTOMER, JSON.stringify({ id: CUSTOMER, firstName: CANARY, lastName: "SYNTHETIC", note: `${CANARY} takes nothing`, tags: ["SYNTHETIC"], state: "ENABLED", defaultEmailAddress: { emailAddress: `${CANARY}@example.com`, marketingState: "SUBSCRIBED" } })),
  record("Metafield", "gid://shopify/Metafield/1", JSON.stringify({ id: "gid://shopify/Metafield/1", namespace: "health", key: "allergies", type: "single_line_text_field", value: `${CANARY} pollen`, __parentId: CUSTOMER }), CUSTOMER),
  record("Order", "gid://shopify/Order/9001", JSON.stringify({ id: "gid://shopify/Order/9001", name: "#9001", email: "other@example.com", customer: { id: CUSTOMER }, note: `${CANARY} order`, displayFinancialStatus: "PAID" })),
  ...Array.from({ length: 8 }, (_, n) => record("Customer", `gid://shopify/Customer/80${String(n)}`, JSON.stringify({ id: `gid://shopify/Customer/80${String(n)}`, firstName: "Manyof", lastName: "SYNTHETIC", note: null }))),
];

export interface World {
  readonly url: string;
  readonly time: FakeTime;
  readonly provider: LyingProvider;
  readonly vault: TestVault;
  readonly store: MemoryStore;
  readonly events: NewLedgerEntry[];
  readonly logs: string[];
  readonly suspended: { session: string; reads: number }[];
  readonly asked: string[];
  readonly server: ViewerServer;
  roles: (id: string) => readonly Role[];
  /** Keeping an event fails from now on. */
  full: boolean;
  /** The key service, where there is one. */
  service: "there" | "throws";
  close(): Promise<void>;
}

export async function world(o: { readonly hostKey?: boolean; readonly keyService?: "there" | "away" } = {}): Promise<World> {
  const provider = new LyingProvider();
  await provider.start();
  const store = new MemoryStore();
  const vault = await newTestVault(store, "viewer");
  const writer = await vault.vault.beginSnapshot({ source: { type: "jsonl", name: "synthetic.jsonl" }, terms: recordTerms });
  await writer.write(RECORDS, "synthetic");
  await writer.commit();
  const description = await readVaultDescription(store);
  const time = new FakeTime();
  const [events, logs, suspended, asked]: [NewLedgerEntry[], string[], World["suspended"], string[]] = [[], [], [], []];
  const log = (level: string) => (event: string, fields?: object): void => { logs.push(JSON.stringify({ level, event, ...fields })); };
  const named = responderId(provider.issuer, "rita");
  const made = {
    time, provider, vault, store, events, logs, suspended, asked, full: false, service: "there" as "there" | "throws",
    roles: (id: string): readonly Role[] => (id === named ? ["responder"] : []),
  };
  const place: ViewerPlace = {
    shop: SHOP,
    store,
    description,
    signIn: { issuer: provider.issuer, clientId: provider.clientId, clientSecret: null, groupsClaim: "groups", groups: [] },
    roster: 1,
    indexKey: o.hostKey === true ? vault.hostKeys.indexKey : null,
    opener: o.keyService === "there" ? { open: (jwe) => (made.service === "there" ? vault.identity.opener.open(jwe) : Promise.reject(new KeyError("keys.unreachable", "the key service does not answer"))) } : null,
    serviceAway: o.keyService === "away",
    events: {
      keep: (entries) => {
        if (made.full) return Promise.reject(Object.assign(new Error("no room"), { name: "ViewerError", code: "viewer.not_recorded" }));
        for (const entry of entries) checkAction(entry);
        events.push(...entries);
        return Promise.resolve();
      },
    },
    rolesOf: (person) => Promise.resolve(made.roles(person.id)),
    ask: (person) => { asked.push(person.id); return Promise.resolve(); },
    suspended: (about) => { suspended.push(about); return Promise.resolve(); },
  };
  let handle: Parameters<typeof createServer>[1] = () => undefined;
  const server: Server = createServer((request, response) => handle?.(request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => { resolve(null); }));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const viewer = await viewerServer({
    places: { only: () => Promise.resolve(SHOP), find: (shop) => Promise.resolve(shop === SHOP ? place : null) },
    url, clock: time, random: seededRandom("viewer"), log: { info: log("info"), warn: log("warn"), error: log("error") }, scratchDirectory: tmpdir(), mayCall: () => true,
  });
  handle = viewer.web as unknown as typeof handle;
  return Object.assign(made, {
    url,
    server: viewer,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await viewer.close();
      await provider.stop();
    },
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Somebody's browser. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  /** Every address it asked for. */
  readonly addresses: string[] = [];
  token = "";
  readonly world: World;
  readonly agent: string;
  constructor(world: World, agent = "a browser") {
    this.world = world;
    this.agent = agent;
  }

  ask(method: string, path: string, o: { readonly headers?: Record<string, string>; readonly body?: string } = {}): Promise<Answer> {
    const { port, host } = new URL(this.world.url);
    this.addresses.push(path);
    return new Promise((resolve, reject) => {
      const headers = { host, "user-agent": this.agent, ...(this.cookies.size === 0 ? {} : { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") }), ...o.headers };
      // As it is written, without anything being tidied away.
      const asked = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => { text += chunk.toString("utf8"); });
        answer.on("end", () => {
          for (const line of answer.headers["set-cookie"] ?? []) {
            const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
            if (value === "") this.cookies.delete(name);
            else this.cookies.set(name, value);
          }
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      });
      asked.on("error", reject);
      asked.end(o.body);
    });
  }

  get(path: string): Promise<Answer> {
    return this.ask("GET", path);
  }

  /** Where the provider sends the browser back to. */
  async atProvider(account = "rita", groups: readonly string[] = []): Promise<string> {
    const { headers } = await this.get(`/s/${SHOP}/sign-in`);
    const back = new URL(this.world.provider.authorize(String(headers["location"]), account, groups));
    return `${back.pathname}${back.search}`;
  }

  async signIn(account = "rita", groups: readonly string[] = []): Promise<Answer> {
    const answer = await this.get(await this.atProvider(account, groups));
    if (answer.status === 200) this.token = /data-token="([^"]+)"/.exec((await this.get("/desk")).text)?.[1] ?? "";
    return answer;
  }

  /** One request of the page, as it is. */
  async post(step: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Record<string, unknown> }> {
    const given = { origin: this.world.url, "sec-fetch-site": "same-origin", "content-type": "application/json", "x-holdfast-token": this.token, ...headers };
    const answer = await this.ask("POST", `/desk/${step}`, { headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")), body: JSON.stringify(body) });
    return { status: answer.status, body: answer.text.startsWith("{") ? (JSON.parse(answer.text) as Record<string, unknown>) : { text: answer.text } };
  }

  /** With the keys that it takes, unwrapped as the page's own program does. */
  async step(step: string, body: unknown = {}): Promise<Record<string, unknown>> {
    for (let round = 0; round < 12; round++) {
      const answer = await this.post(step, body);
      if (answer.body["kind"] !== "needs") return answer.body;
      const keys: Record<string, string> = {};
      for (const { keyId, jwe } of answer.body["keys"] as { keyId: string; jwe: object }[]) keys[keyId] = Buffer.from((await this.world.vault.identity.opener.open(Buffer.from(JSON.stringify(jwe)))) ?? []).toString("base64url");
      await this.post("keys", { keys });
    }
    throw new Error("more and more keys");
  }

  async begin(account = "rita"): Promise<void> {
    await this.signIn(account);
    const begun = await this.step("begin", { purpose: "treatment", case: "INC-7" });
    if (begun["kind"] !== "done") throw new Error(`not begun: ${JSON.stringify(begun)}`);
  }

  /** Where a field stands on the page: record and place. */
  static fieldIn(html: string, label: string): { record: number; place: number } {
    const found = new RegExp(`data-record="(\\d+)" data-place="(\\d+)" aria-label="Show ${label}"`).exec(html);
    if (found === null) throw new Error(`no field ${label}`);
    return { record: Number(found[1]), place: Number(found[2]) };
  }
}

export async function openSealed(sealed: string, jwk: object): Promise<string> {
  const { plaintext } = await generalDecrypt(JSON.parse(sealed) as never, await importJWK(jwk as never, "ECDH-ES+A256KW"));
  return Buffer.from(plaintext).toString("utf8");
}
