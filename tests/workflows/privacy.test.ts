/** Privacy requests from delivery to answer: erased, held, put off, told. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { contentKeys, holdSubjects, openVault, placeHold, readCertificates, readRequests, releaseHold, StoreError, type SourceRecord, type Vault } from "#app/vault/index.ts";
import { carryOutErasures } from "#app/workflows/compliance/carry-out.ts";
import { disclose } from "#app/workflows/compliance/disclose.ts";
import { fetchPackage } from "#app/workflows/compliance/fetch-package.ts";
import { lookAfterAllRequests, lookAfterRequests } from "#app/workflows/compliance/look-after.ts";
import { recordRequest } from "#app/workflows/compliance/record-request.ts";
import { prepareCustody } from "#app/workflows/custody/prepare-custody.ts";
import { requestCustody, type CustodyWork } from "#app/workflows/custody/request-custody.ts";
import { runCustody, type CustodyOutcome } from "#app/workflows/custody/run-custody.ts";
import { vaultLedger, type ComplianceTopic, type KeptRequest } from "#app/workflows/index.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { SCRATCH, testIdentity } from "#tests/support/vault-kit.ts";
import { RetentionStore } from "#tests/faults/retention-store.ts";
import { linkedShop, SHOP, snapshot, STAFF, URL_OF_STORE, type LinkedShop } from "./support/linked-shop.ts";

const DAY = 86_400_000;
const CUSTOMER = smallShop()[0]!.id;
const OTHER = smallShop().find(({ kind, id }) => kind === "Customer" && id !== CUSTOMER)!.id;
const number = (id: string): string => /\d+$/.exec(id)![0];
const draft = (n: number, customer: string): SourceRecord => ({ kind: "DraftOrder", id: `gid://shopify/DraftOrder/${n}`, parentId: null, bytes: Buffer.from(JSON.stringify({ id: `gid://shopify/DraftOrder/${n}`, customer: { id: customer }, note: "SYNTHETIC" })) });
const order = (n: number): SourceRecord => ({ kind: "Order", id: `gid://shopify/Order/${n}`, parentId: null, bytes: Buffer.from(JSON.stringify({ id: `gid://shopify/Order/${n}`, customer: { id: CUSTOMER }, note: "SYNTHETIC" })) });

let shop: LinkedShop;
let store: RetentionStore;
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

async function begin(): Promise<void> {
  shop = await linkedShop();
  store = new RetentionStore();
  for (const [key, body] of shop.store.objects) store.objects.set(key, body);
  shop = { ...shop, store };
  shop.process.byUrl.set(URL_OF_STORE, store);
  shop.source.records = [...smallShop(), draft(1, CUSTOMER), draft(2, OTHER), order(1), order(2)];
  await snapshot(shop);
  shop.source.records = [...smallShop(26), draft(1, OTHER), draft(2, OTHER), order(1), order(2)];
  await snapshot(shop);
}

let deliveries = 0;
async function deliver(topic: ComplianceTopic, customer: string | null = CUSTOMER, orders: readonly string[] = []): Promise<string> {
  const deliveryId = `delivery-${deliveries++}`;
  await recordRequest(shop.process, { actor: { kind: "platform", shop: SHOP }, shop: SHOP, deliveryId, topic, customerId: customer === null ? null : number(customer), orderIds: orders.map(number) });
  await lookAfterRequests(shop.process, SHOP);
  return deliveryId;
}

/** What the browser does with an identity file. */
async function keysOf(action: "records.erase" | "records.disclose" | "keys.rotate"): Promise<Map<string, Uint8Array>> {
  const prepared = await prepareCustody(shop.process, { shop: SHOP, actor: STAFF, action });
  if (prepared.kind !== "ready") throw new Error(JSON.stringify(prepared));
  const keys = new Map<string, Uint8Array>();
  for (const { keyId, jwe } of prepared.keys) keys.set(keyId, (await shop.identity.opener.open(Buffer.from(jwe)))!);
  return keys;
}

async function work(asked: CustodyWork, keys: Map<string, Uint8Array> | null = null): Promise<CustodyOutcome> {
  const action = asked.what === "disclose" ? "records.disclose" : asked.what === "rotate" ? "keys.rotate" : "records.erase";
  const requested = await requestCustody(shop.process, { shop: SHOP, actor: STAFF, work: asked, keys: keys ?? (await keysOf(action)) });
  if (requested.kind !== "requested") throw new Error(JSON.stringify(requested));
  return runCustody(shop.process, { runId: requested.run.id });
}

const kept = (id: string): KeptRequest => shop.process.requests.get(id)!;
async function vault(): Promise<Vault> {
  const hostKeys = shop.process.hostKeys.get(shop.process.linked.get(SHOP)!.vaultId)!;
  return openVault({ store, hostKeys, clock: shop.process.clock, random: shop.process.random, scratchDirectory: SCRATCH });
}
async function everything(): Promise<string> {
  const opened = await vault();
  let text = "";
  for (const manifest of await opened.snapshots()) for await (const batch of opened.read(manifest, contentKeys(store, shop.identity.opener)).records()) for (const { kind, id } of batch) text += `${kind} ${id}\n`;
  return text;
}
async function entries(action: string) {
  const ledger = await vaultLedger(shop.process, shop.process.linked.get(SHOP)!.vaultId, store);
  const found = [];
  for await (const entry of ledger.entries()) if (entry.action === action) found.push(entry);
  return found;
}
async function legalHold(subjects: "all" | readonly string[], until: string | null = null): Promise<string> {
  const { description } = await vault();
  const hostKeys = shop.process.hostKeys.get(description.vaultId)!;
  const { holdId } = await placeHold(
    { store, description, signingKey: hostKeys.signingKey, clock: shop.process.clock, random: shop.process.random },
    { name: "case 14", reason: "litigation", by: "cli", snapshots: "all", legal: { basis: "litigation", citation: "Doe v. Roe, No. 14", until, subjects: subjects === "all" ? "all" : [...holdSubjects(hostKeys.indexKey, subjects)] } },
  );
  return holdId;
}
async function release(holdId: string): Promise<void> {
  const { description } = await vault();
  await releaseHold({ store, description, signingKey: shop.process.hostKeys.get(description.vaultId)!.signingKey, clock: shop.process.clock, random: shop.process.random }, holdId, { reason: "settled", by: "cli" });
}

describe("customers/redact", () => {
  it("waits for an identity, then erases the customer, the orders it names and what refers to them, and nobody else", async () => {
    await begin();
    const id = await deliver("customers/redact", CUSTOMER, ["1"]);
    expect(kept(id)).toMatchObject({ state: "open", code: "compliance.identity_needed" });
    expect(await work({ what: "requests", requests: id })).toMatchObject({ kind: "finished", code: "compliance.erased" });
    const left = await everything();
    for (const gone of [`${CUSTOMER}\n`, "Order/1\n"]) expect(left).not.toContain(gone);
    // The draft named another customer later on: all of its versions go, for one of them was this person's.
    expect(left).not.toContain("DraftOrder/1\n");
    for (const stays of [`Customer ${OTHER}\n`, "DraftOrder/2\n", "gid://shopify/Order/2\n"]) expect(left).toContain(stays);
    const certificate = (await readCertificates(store, (await vault()).description)).at(-1)!;
    expect(kept(id)).toMatchObject({ state: "answered", code: "compliance.erased", object: certificate.object, digest: certificate.digest });
    expect(await entries("compliance.answered")).toMatchObject([{ actor: "staff:42", subject: { request: id, topic: "customers/redact", code: "compliance.erased", certificate: certificate.digest } }]);
  });

  it("names nobody: not in the log, the queue, the ledger or the certificate", async () => {
    await begin();
    const id = await deliver("customers/redact");
    await work({ what: "requests", requests: id });
    const { lines, runs } = shop.process;
    const told = JSON.stringify([lines, [...runs.runs.values()], runs.progress, await entries("compliance.answered"), await entries("redaction.done"), await readCertificates(store, (await vault()).description)]);
    expect(told).not.toContain(CUSTOMER);
    expect(told).not.toContain(`"${number(CUSTOMER)}"`);
  });

  it("delivered twice, looked after twice, carried out twice is one erasure and one answer", async () => {
    await begin();
    const id = await deliver("customers/redact");
    await recordRequest(shop.process, { actor: { kind: "platform", shop: SHOP }, shop: SHOP, deliveryId: id, topic: "customers/redact", customerId: number(CUSTOMER), orderIds: [] });
    await lookAfterRequests(shop.process, SHOP);
    await work({ what: "requests", requests: id });
    const before = [...store.objects.keys()];
    expect(await work({ what: "requests", requests: id })).toMatchObject({ kind: "finished", code: "compliance.nothing_to_do" });
    expect([...store.objects.keys()].filter((key) => !key.startsWith("ledger/"))).toEqual(before.filter((key) => !key.startsWith("ledger/")));
    expect(await entries("compliance.answered")).toHaveLength(1);
  });

  it("of a person who is not in the vault is answered so", async () => {
    await begin();
    const id = await deliver("customers/redact", "gid://shopify/Customer/999999");
    expect(await work({ what: "requests", requests: id })).toMatchObject({ code: "compliance.nothing_held" });
    expect(kept(id)).toMatchObject({ state: "answered", code: "compliance.nothing_held", object: null });
  });

  it("broken off at every write and removal is finished by the next run, with one answer", async () => {
    await begin();
    const id = await deliver("customers/redact");
    const objects = new Map([...store.objects].map(([key, body]) => [key, Uint8Array.from(body)]));
    store.rearm();
    await work({ what: "requests", requests: id });
    const steps = store.changes;
    expect(steps).toBeGreaterThan(10);
    const stands = kept(id);
    for (let at = 1; at <= steps; at++) {
      store.objects.clear();
      for (const [key, body] of objects) store.objects.set(key, Uint8Array.from(body));
      shop.process.requests.set(id, { ...stands, state: "open", code: null, answeredAt: null, object: null, digest: null });
      store.rearm(at, "before");
      const first = await work({ what: "requests", requests: id });
      expect(first).toMatchObject({ kind: "failed", code: "store.unreachable" });
      expect(kept(id).state).toBe("open");
      store.rearm();
      expect(await work({ what: "requests", requests: id })).toMatchObject({ kind: "finished", code: "compliance.erased" });
      expect(kept(id)).toMatchObject({ state: "answered", code: "compliance.erased" });
      expect(await everything()).not.toContain(`${CUSTOMER}\n`);
      expect((await entries("compliance.answered")).length).toBe(1);
    }
  }, 120_000);

  it("asks for the identity again when the process that had the keys is gone", async () => {
    await begin();
    const id = await deliver("customers/redact");
    const requested = await requestCustody(shop.process, { shop: SHOP, actor: STAFF, work: { what: "requests", requests: id }, keys: await keysOf("records.erase") });
    if (requested.kind !== "requested") throw new Error(requested.kind);
    (await shop.process.custody.take(requested.run.id))?.forEach((key) => key.fill(0));
    expect(await runCustody(shop.process, { runId: requested.run.id })).toEqual({ kind: "failed", code: "custody.identity_needed_again" });
    expect(kept(id)).toMatchObject({ state: "open" });
  });

  it("is carried out although nobody is there, where a key service is set up", async () => {
    await begin();
    shop.process.unattended = { openerFor: () => Promise.resolve(shop.identity.opener) };
    const id = await deliver("customers/redact");
    const [run] = [...shop.process.runs.runs.values()].filter(({ kind }) => kind === "custody");
    expect(run).toMatchObject({ requestedBy: "schedule", input: { what: "requests", requests: id } });
    expect(await runCustody(shop.process, { runId: run!.id })).toMatchObject({ kind: "finished", code: "compliance.erased" });
    expect(await everything()).not.toContain(`${CUSTOMER}\n`);
  });
});

describe("a legal hold", () => {
  it("is the request's answer, with its basis in the vault, and the request is due again when it ends", async () => {
    await begin();
    const holdId = await legalHold([CUSTOMER]);
    const id = await deliver("customers/redact");
    expect(kept(id)).toMatchObject({ state: "held", code: "compliance.held", hold: holdId, heldUntil: null });
    const { description } = await vault();
    expect((await readRequests(store, description, shop.process.hostKeys.get(description.vaultId)!.indexKey)).answers.get(id)).toMatchObject({ code: "compliance.held", hold: holdId });
    expect(await entries("compliance.answered")).toMatchObject([{ outcome: "refused", subject: { code: "compliance.held", hold: holdId } }]);
    // Looked after again, nothing is said twice.
    expect(await lookAfterRequests(shop.process, SHOP)).toBe(0);
    expect(await entries("compliance.answered")).toHaveLength(1);
    expect(await work({ what: "requests", requests: id })).toMatchObject({ code: "compliance.held" });
    expect(await everything()).toContain(`${CUSTOMER}\n`);
    await release(holdId);
    await lookAfterAllRequests(shop.process);
    expect(kept(id)).toMatchObject({ state: "open", code: "compliance.identity_needed" });
    expect(await work({ what: "requests", requests: id })).toMatchObject({ code: "compliance.erased" });
  });

  it("on one person holds up nobody else's request in the same run", async () => {
    await begin();
    await legalHold([CUSTOMER]);
    const [held, free] = [await deliver("customers/redact"), await deliver("customers/redact", OTHER)];
    await work({ what: "requests", requests: `${held} ${free}` });
    expect([kept(held).state, kept(free).state]).toEqual(["held", "answered"]);
    const left = await everything();
    expect([left.includes(`${CUSTOMER}\n`), left.includes(`${OTHER}\n`)]).toEqual([true, false]);
  });

  it("that names its end lets the request be due at that time", async () => {
    await begin();
    await legalHold("all", new Date(shop.process.clock.now().getTime() + 10 * DAY).toISOString());
    const id = await deliver("customers/redact");
    expect(kept(id).heldUntil?.getTime()).toBeGreaterThan(shop.process.clock.now().getTime());
    shop.process.time.advance(11 * DAY);
    await lookAfterRequests(shop.process, SHOP);
    expect(kept(id).state).toBe("open");
  });
});

describe("shop/redact", () => {
  it("erases the whole vault without anybody's identity being opened, with a certificate", async () => {
    await begin();
    const id = await deliver("shop/redact", null);
    expect(await work({ what: "requests", requests: id }, new Map())).toMatchObject({ kind: "finished", code: "compliance.erased" });
    expect([...store.objects.keys()].filter((key) => /^(packs|tree|snapshots|keys\/[0-9a-f]{32})/.test(key))).toEqual([]);
    expect(kept(id)).toMatchObject({ state: "answered", code: "compliance.erased", object: expect.stringMatching(/certificate/) });
    expect(await shop.process.catalog.snapshots(SHOP)).toEqual([]);
    expect(await entries("vault.erased")).toMatchObject([{ subject: { snapshots: 2, remaining: 0 } }]);
  });

  it("behind a hold without a basis stays due, and says what is missing", async () => {
    await begin();
    const { description } = await vault();
    await placeHold({ store, description, signingKey: shop.process.hostKeys.get(description.vaultId)!.signingKey, clock: shop.process.clock, random: shop.process.random }, { name: "incident", reason: "open", by: "cli", snapshots: "all" });
    const id = await deliver("shop/redact", null);
    expect(kept(id)).toMatchObject({ state: "open", code: "compliance.hold_without_basis" });
    expect(await (await vault()).snapshots()).toHaveLength(2);
  });
});

describe("a request that cannot be carried out now", () => {
  it("is put off, and says why, when the storage or its credentials are gone", async () => {
    await begin();
    shop.process.byUrl.delete(URL_OF_STORE);
    const id = await deliver("customers/redact");
    expect(kept(id)).toMatchObject({ state: "open", code: "store.bad_address" });
    shop.process.byUrl.set(URL_OF_STORE, store);
    store.list = () => {
      throw new StoreError("store.refused", "the key was revoked");
    };
    await lookAfterRequests(shop.process, SHOP);
    expect(kept(id)).toMatchObject({ state: "open", code: "store.refused" });
  });

  it("of a shop that never had a vault is answered: nothing is held", async () => {
    await begin();
    shop.process.linked.delete(SHOP);
    const id = await deliver("customers/redact");
    expect(kept(id)).toMatchObject({ state: "answered", code: "compliance.nothing_held" });
  });

  it("is taken over as answered when somebody carried it out from the command line, with nothing but the bucket", async () => {
    await begin();
    const id = await deliver("customers/redact");
    const opened = await vault();
    const hostKeys = shop.process.hostKeys.get(opened.description.vaultId)!;
    const { requests } = await readRequests(store, opened.description, hostKeys.indexKey);
    const ledger = await vaultLedger(shop.process, opened.description.vaultId, store);
    const asked = requests.map(({ requestId, customerId, orderIds }) => ({ id: requestId, topic: "customers/redact" as const, customerId, orderIds }));
    await carryOutErasures({ store, vault: opened, hostKeys, contentKeys: contentKeys(store, shop.identity.opener), ledger, clock: shop.process.clock, random: shop.process.random, actor: "cli", requests: asked });
    await lookAfterRequests(shop.process, SHOP);
    expect(kept(id)).toMatchObject({ state: "answered", code: "compliance.erased", object: expect.stringMatching(/certificate/) });
  });
});

describe("customers/data_request", () => {
  async function opened(object: string): Promise<{ head: Record<string, unknown>; lines: { from: string; id: string; kind: string; backups?: { id: string }[]; record: unknown }[] }> {
    const text = Buffer.from((await shop.identity.opener.open(store.objects.get(object) as Uint8Array))!).toString();
    const [head, ...lines] = text.trimEnd().split("\n").map((line) => JSON.parse(line) as never);
    return { head: head!, lines };
  }

  it("takes somebody of the response team, at every step, and a refusal is entered", async () => {
    await begin();
    const id = await deliver("customers/data_request");
    const { responseTeam } = shop.process;
    const keys = await keysOf("records.disclose");
    responseTeam.name(SHOP, "staff:7", ["responder"]);
    const refused = { kind: "refused", code: "access.not_a_responder" };
    const o = { shop: SHOP, actor: STAFF } as const;
    expect(await prepareCustody(shop.process, { ...o, action: "records.disclose" })).toEqual(refused);
    expect(await requestCustody(shop.process, { ...o, work: { what: "disclose", request: id }, keys })).toEqual(refused);
    expect([...keys.values()].every((key) => key.every((byte) => byte === 0))).toBe(true);
    expect(await fetchPackage(shop.process, { ...o, requestId: id })).toEqual(refused);
    expect((await entries("request.refused")).map(({ actor, subject }) => [actor, subject["asked"]])).toEqual(Array.from({ length: 3 }, () => ["staff:42", "records.disclose"]));
    expect((await prepareCustody(shop.process, { shop: SHOP, actor: { ...STAFF, id: "7" }, action: "records.disclose" })).kind).toBe("ready");
  });

  it("gives the merchant everything about the person: from the shop, and every version from every snapshot", async () => {
    await begin();
    const now: SourceRecord = { kind: "Customer", id: CUSTOMER, parentId: null, bytes: Buffer.from(JSON.stringify({ id: CUSTOMER, note: "SYNTHETIC, now" })) };
    shop.process.current = { fetch: (_shop, _kind, id) => Promise.resolve(id === CUSTOMER ? [now] : null) };
    const id = await deliver("customers/data_request", CUSTOMER, ["1"]);
    expect(kept(id)).toMatchObject({ state: "open", code: "compliance.identity_needed" });
    expect(await work({ what: "disclose", request: id })).toMatchObject({ kind: "finished", code: "compliance.disclosed" });
    const { object, digest } = kept(id);
    expect(object).toMatch(/^disclosures\/delivery-\d+-[0-9a-f]{8}\.jwe$/);
    const { head, lines } = await opened(object!);
    expect(head).toMatchObject({ request: id, shop: SHOP, recordsInStore: 1 });
    expect(lines.filter(({ from }) => from === "store")).toEqual([expect.objectContaining({ kind: "Customer", id: CUSTOMER, record: { id: CUSTOMER, note: "SYNTHETIC, now" } })]);
    const backups = lines.filter(({ from }) => from === "backup");
    expect(backups.filter(({ kind }) => kind === "DraftOrder").map(({ id: own, backups: held }) => [own, held?.length])).toEqual([["gid://shopify/DraftOrder/1", 1], ["gid://shopify/DraftOrder/1", 1]]);
    expect(new Set(backups.map(({ id: own }) => own))).toContain("gid://shopify/Order/1");
    expect(JSON.stringify(backups)).not.toContain(`Order/2"`);
    expect(await entries("disclosure.made")).toMatchObject([{ subject: { request: id, fromShop: 1, unopened: 0, package: digest } }]);
  });

  it("leaves nothing in clear: not on the storage, not in the log, not with the host", async () => {
    await begin();
    const id = await deliver("customers/data_request");
    await work({ what: "disclose", request: id });
    const sealed = Buffer.from(store.objects.get(kept(id).object!) as Uint8Array).toString();
    expect(sealed).not.toContain(CUSTOMER);
    expect(await shop.process.saidAndKept()).not.toContain("SYNTHETIC");
    expect(await (await testIdentity()).opener.open(Buffer.from(sealed)).catch(() => null)).toBeNull();
  });

  it("answered, its package goes with the person's erasure, and after thirty days", async () => {
    await begin();
    const [first, second] = [await deliver("customers/data_request"), await deliver("customers/data_request", OTHER)];
    for (const request of [first, second]) await work({ what: "disclose", request });
    await work({ what: "requests", requests: await deliver("customers/redact") });
    expect([...store.objects.keys()].filter((key) => key.startsWith("disclosures/"))).toEqual([kept(second).object]);
    expect(kept(first)).toMatchObject({ state: "answered", code: "compliance.package_erased", object: null });
    shop.process.time.advance(31 * DAY);
    await lookAfterRequests(shop.process, SHOP);
    expect([...store.objects.keys()].filter((key) => key.startsWith("disclosures/"))).toEqual([]);
  });

  it("from a command line without a shop says what it did not ask", async () => {
    await begin();
    const { description } = await vault();
    const hostKeys = shop.process.hostKeys.get(description.vaultId)!;
    const made = await disclose({ store, description, indexKey: hostKeys.indexKey, contentKeys: contentKeys(store, shop.identity.opener), current: null, request: { id: "r", shop: SHOP, customerId: number(CUSTOMER), orderIds: [] }, clock: shop.process.clock, signal: new AbortController().signal });
    expect(JSON.parse(made.lines.toString().split("\n")[0]!)).toMatchObject({ recordsInStore: null });
    expect(made.versions).toBeGreaterThan(1);
  });
});

describe("somebody erased by id", () => {
  it("goes with what refers to them, and the certificate is the run's result", async () => {
    await begin();
    const outcome = await work({ what: "erase", ids: CUSTOMER, reason: "asked in the shop" });
    expect(outcome).toMatchObject({ kind: "finished", code: "redaction.done", result: expect.stringMatching(/certificate-1\.json$/) });
    expect(await everything()).not.toContain(`${CUSTOMER}\n`);
    expect(await everything()).not.toContain("DraftOrder/1\n");
  });

  it("under a legal hold stays", async () => {
    await begin();
    await legalHold([CUSTOMER]);
    expect(await work({ what: "erase", ids: CUSTOMER, reason: "asked in the shop" })).toMatchObject({ kind: "finished", code: "redaction.held" });
    expect(await everything()).toContain(`${CUSTOMER}\n`);
  });
});

describe("a rotation from the browser", () => {
  it("adds a recipient, who then opens everything", async () => {
    await begin();
    const second = await testIdentity("P-384");
    const outcome = await work({ what: "rotate", add: JSON.stringify([second.recipient]), remove: "", reason: "" });
    expect(outcome).toMatchObject({ kind: "finished", code: "keys.rotated" });
    expect(shop.process.linked.get(SHOP)!.recipients.map(({ keyId }) => keyId)).toContain(second.recipient.keyId);
    const opened = await vault();
    const manifest = await opened.resolve("latest");
    let records = 0;
    for await (const batch of opened.read(manifest, contentKeys(store, second.opener)).records()) records += batch.length;
    expect(records).toBe(manifest.records);
  });

  it("does not take away the last one who can open the vault", async () => {
    await begin();
    expect(await work({ what: "rotate", add: "[]", remove: shop.identity.recipient.keyId, reason: "" })).toMatchObject({ kind: "finished", code: "vault.last_recipient" });
  });
});
