/**
 * Looks after a shop's privacy requests without opening anything: keeps them in the vault, takes over what was answered there from a command line, says which
 * wait behind a legal hold and which no longer do, has them carried out where a key service is set up, and says of the others what they wait for. A storage or a
 * host key that is gone puts them off, and says so; the clock goes on.
 */
import { barredBy, putRequest, readHolds, readRequests } from "#app/vault/index.ts";
import { requestCustody } from "../custody/request-custody.ts";
import type { KeptRequest, Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { openShopVault, type ShopVault } from "../shared/open-shop-vault.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { carryOutErasures, type ErasureRequest } from "./carry-out.ts";
import { forgetOldPackages, PACKAGE_LIVES_MS } from "./packages.ts";
import { recordsOfPerson } from "./person-records.ts";
import { settleAnswer } from "./settle.ts";

export type LookAfterPorts = Pick<
  Ports,
  "runs" | "custody" | "ids" | "compliance" | "links" | "keyring" | "stores" | "signer" | "outbox" | "scratch" | "clock" | "random" | "log" | "unattended"
>;

/** Answers for all shops that have something waiting. */
export async function lookAfterAllRequests(ports: LookAfterPorts): Promise<number> {
  let changed = 0;
  for (const shop of await ports.compliance.shopsWaiting(new Date(ports.clock.now().getTime() - PACKAGE_LIVES_MS))) changed += await lookAfterRequests(ports, shop);
  return changed;
}

/** How many requests stand otherwise than before. */
export async function lookAfterRequests(ports: LookAfterPorts, shop: string): Promise<number> {
  const waiting = await ports.compliance.list(shop, { states: ["open", "held"], limit: 1000 });
  if ((await ports.links.get(shop)) === null) return nothingHeld(ports, shop, waiting);
  const scratch = await ports.scratch.open();
  let changed = 0;
  try {
    const opened = await openShopVault(ports, shop, scratch.directory);
    await forgetOldPackages(ports, shop, opened.store);
    if (waiting.length === 0) return 0;
    const left: KeptRequest[] = [];
    const answered = await keepInVault(ports, opened, waiting);
    for (const request of waiting) {
      if (answered.has(request.id)) changed++;
      else left.push(request);
    }
    changed += await judgeHolds(ports, shop, opened, left);
    changed += await startOrWait(ports, shop, await ports.compliance.list(shop, { states: ["open"], limit: 1000 }));
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    changed += await putOff(ports, waiting.filter(({ state }) => state === "open"), failure.code);
  } finally {
    await scratch.remove();
  }
  return changed;
}

/** No vault was ever made for this shop: there is nothing to erase and nothing to tell. */
async function nothingHeld({ compliance, clock, log }: LookAfterPorts, shop: string, waiting: readonly KeptRequest[]): Promise<number> {
  for (const { id } of waiting) {
    await compliance.settle(shop, id, { state: "answered", code: "compliance.nothing_held", answeredAt: clock.now() });
    log.info("compliance.settled", { shop, request: id, code: "compliance.nothing_held" });
  }
  return waiting.length;
}

/** Requests go into the vault; answers that somebody gave there, with nothing but the bucket and an identity, come out. */
async function keepInVault(ports: LookAfterPorts, { store, vault, hostKeys }: ShopVault, waiting: readonly KeptRequest[]): Promise<ReadonlySet<string>> {
  const { description } = vault;
  const keeper = { store, description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, clock: ports.clock, random: ports.random };
  for (const { id, topic, customerId, orderIds, receivedAt, dueAt } of waiting) {
    await putRequest(keeper, { requestId: id, topic, customerId, orderIds: [...orderIds], receivedAt: receivedAt.toISOString(), dueAt: dueAt.toISOString() });
  }
  const { answers } = await readRequests(store, description, hostKeys.indexKey);
  const done = new Set<string>();
  for (const { id, shop } of waiting) {
    const answer = answers.get(id);
    if (answer === undefined || !["compliance.erased", "compliance.nothing_held", "compliance.disclosed"].includes(answer.code)) continue;
    await ports.compliance.settle(shop, id, { state: "answered", code: answer.code, answeredAt: new Date(answer.at), ...(answer.object === undefined ? {} : { object: answer.object }), ...(answer.digest === undefined ? {} : { digest: answer.digest }) });
    done.add(id);
  }
  return done;
}

/** A request behind a legal hold is answered with it; one whose hold has ended is due again. */
async function judgeHolds(ports: LookAfterPorts, shop: string, { store, vault, hostKeys }: ShopVault, waiting: readonly KeptRequest[]): Promise<number> {
  const erasures = waiting.filter((request): request is KeptRequest & ErasureRequest => request.topic !== "customers/data_request");
  if (erasures.length === 0) return 0;
  const { inForce, blocking } = await readHolds(store, vault.description);
  const anybody = inForce.length > 0 || blocking.length > 0;
  let changed = 0;
  if (anybody) {
    const barredNow: (KeptRequest & ErasureRequest)[] = [];
    for (const request of erasures) {
      const ids = request.topic === "shop/redact" ? "all" : recordsOfPerson(request).ids;
      if ((await barredBy({ store, description: vault.description, indexKey: hostKeys.indexKey, clock: ports.clock }, ids)) !== null) barredNow.push(request);
    }
    if (barredNow.length > 0) {
      const ledger = await vaultLedger(ports, vault.description.vaultId, store);
      const answers = await carryOutErasures({ store, vault, hostKeys, contentKeys: null, ledger, clock: ports.clock, random: ports.random, actor: "system", shop, requests: barredNow });
      for (const answer of answers) {
        const before = barredNow.find(({ id }) => id === answer.id)!;
        if (before.code === answer.code && before.hold === (answer.hold?.id ?? null)) continue;
        await settleAnswer(ports, shop, answer);
        changed++;
      }
      const barred = new Set(barredNow.map(({ id }) => id));
      return changed + (await reopen(ports, shop, erasures.filter(({ id }) => !barred.has(id))));
    }
  }
  return changed + (await reopen(ports, shop, erasures));
}

async function reopen(ports: LookAfterPorts, shop: string, requests: readonly KeptRequest[]): Promise<number> {
  const ended = requests.filter(({ state, code }) => state === "held" || code === "compliance.hold_without_basis");
  for (const { id } of ended) {
    await ports.compliance.settle(shop, id, { state: "open", code: null });
    ports.log.info("compliance.due_again", { shop, request: id });
  }
  return ended.length;
}

async function startOrWait(ports: LookAfterPorts, shop: string, open: readonly KeptRequest[]): Promise<number> {
  const erasures = open.filter(({ topic, code }) => topic !== "customers/data_request" && code !== "compliance.hold_without_basis");
  if (erasures.length > 0 && ports.unattended !== undefined && (await ports.unattended.openerFor(shop)) !== null) {
    const asked = await requestCustody(ports, { shop, actor: { kind: "schedule", shop }, work: { what: "requests", requests: erasures.map(({ id }) => id).join(" ") }, keys: null });
    return asked.kind === "requested" ? erasures.length : 0;
  }
  return putOff(ports, open.filter(({ code }) => code !== "compliance.hold_without_basis" && code !== "compliance.erased_in_part"), "compliance.identity_needed");
}

async function putOff({ compliance, log }: LookAfterPorts, requests: readonly KeptRequest[], code: string): Promise<number> {
  const other = requests.filter((request) => request.code !== code);
  for (const { id, shop } of other) {
    await compliance.settle(shop, id, { state: "open", code });
    log.info("compliance.waits", { shop, request: id, code });
  }
  return other.length;
}
