/**
 * Packages for data requests: sealed to the merchant's recipients, in the merchant's own storage (`disclosures/`), for as long as it takes to fetch them. The host
 * that made one cannot open it. It goes when its person is erased, when it is made anew, and thirty days after it was made.
 */
import { createHash } from "node:crypto";
import type { Ledger } from "#app/ledger/index.ts";
import { answerRequest, currentRecipients, sealMessage, StoreError } from "#app/vault/index.ts";
import type { HostKeys, ObjectStore, Vault } from "#app/vault/index.ts";
import type { KeptRequest, Ports } from "../ports.ts";
import type { Disclosure } from "./disclose.ts";

export const PACKAGE_LIVES_MS = 30 * 24 * 3_600_000;

interface KeepPackage {
  readonly ports: Pick<Ports, "compliance" | "clock" | "random" | "log">;
  readonly store: ObjectStore;
  readonly vault: Pick<Vault, "description">;
  readonly hostKeys: Pick<HostKeys, "signingKey">;
  readonly ledger: Pick<Ledger, "append">;
  readonly actor: string;
  readonly request: KeptRequest;
  readonly disclosure: Disclosure;
}

export async function keepPackage({ ports, store, vault, hostKeys, ledger, actor, request, disclosure }: KeepPackage): Promise<{ readonly object: string; readonly digest: string }> {
  const { description } = vault;
  const { clock, random } = ports;
  const sealed = await sealMessage(disclosure.lines, { typ: "holdfast-disclosure", cty: "application/jsonl", vault: description.vaultId, request: request.id }, await currentRecipients(store, description));
  const digest = createHash("sha256").update(sealed).digest("hex");
  const object = `disclosures/${request.id}-${Buffer.from(random(4)).toString("hex")}.jwe`;
  await store.putIfAbsent(object, sealed);
  const { records, versions, fromShop, unopened } = disclosure;
  await ledger.append([
    { actor, action: "disclosure.made", subject: { vault: description.vaultId, shop: request.shop, request: request.id, records, versions, fromShop, unopened, package: digest }, outcome: "done" },
    { actor, action: "compliance.answered", subject: { vault: description.vaultId, shop: request.shop, request: request.id, topic: request.topic, code: "compliance.disclosed", package: digest }, outcome: "done" },
  ]);
  await answerRequest({ store, description, signingKey: hostKeys.signingKey, clock, random }, { requestId: request.id, by: actor, code: "compliance.disclosed", object, digest });
  await ports.compliance.settle(request.shop, request.id, { state: "answered", code: "compliance.disclosed", answeredAt: clock.now(), object, digest });
  // Those of a run that was broken off, or made before.
  for await (const { key } of store.list(`disclosures/${request.id}-`)) if (key !== object) await store.remove(key);
  ports.log.info("disclosure.made", { shop: request.shop, request: request.id, records, versions, fromShop, unopened });
  return { object, digest };
}

/** Packages about this customer, or all of the shop's, are removed. */
export async function forgetPackages(ports: Pick<Ports, "compliance">, shop: string, store: ObjectStore, whose: { readonly customerId: string | null } | "all"): Promise<number> {
  let gone = 0;
  for (const request of await ports.compliance.list(shop, { states: ["answered"], limit: 1000 })) {
    if (request.topic !== "customers/data_request" || request.object === null) continue;
    if (whose !== "all" && plain(request.customerId) !== plain(whose.customerId)) continue;
    await forgetPackage(ports, store, request, "compliance.package_erased");
    gone++;
  }
  return gone;
}

/** Those that were there to be fetched for long enough. */
export async function forgetOldPackages(ports: Pick<Ports, "compliance" | "clock">, shop: string, store: ObjectStore): Promise<number> {
  let gone = 0;
  const before = ports.clock.now().getTime() - PACKAGE_LIVES_MS;
  for (const request of await ports.compliance.list(shop, { states: ["answered"], limit: 1000 })) {
    if (request.topic !== "customers/data_request" || request.object === null || (request.answeredAt?.getTime() ?? before) > before) continue;
    await forgetPackage(ports, store, request, "compliance.package_expired");
    gone++;
  }
  return gone;
}

async function forgetPackage({ compliance }: Pick<Ports, "compliance">, store: ObjectStore, request: KeptRequest, code: string): Promise<void> {
  try {
    for await (const { key } of store.list(`disclosures/${request.id}-`)) await store.remove(key);
  } catch (error) {
    // A lock on the merchant's storage outlives what we want; the request goes on naming it, so that the next round tries again.
    if (error instanceof StoreError && error.code === "store.locked") return;
    throw error;
  }
  await compliance.settle(request.shop, request.id, { state: "answered", code, answeredAt: request.answeredAt, digest: request.digest });
}

function plain(id: string | null): string | null {
  return id === null ? null : (/(\d+)$/.exec(id)?.[1] ?? id);
}
