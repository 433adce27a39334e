/** Looks at what people have set down: holds, the response team, privacy requests. */
import { readHolds } from "#app/vault/index.ts";
import { withShopVault } from "../../shared/with-shop-vault.ts";
import type { CheckAsked, CheckPorts, Found } from "./checks.ts";
import { fact } from "./facts.ts";

/** Requests looked through. */
const MOST = 1000;

export async function holdsInForce(ports: CheckPorts, { shop }: CheckAsked): Promise<Found | null> {
  const read = await withShopVault(ports, shop, async ({ vault, store }) => ({ kind: "holds" as const, holds: await readHolds(store, vault.description) }));
  if (read.kind !== "holds") return { outcome: "unknown", facts: [fact("problem", read.code)] };
  const { inForce, damaged } = read.holds;
  const whole = inForce.filter(({ snapshots }) => snapshots === "all");
  return { outcome: whole.length > 0 ? "held" : "not-held", facts: [fact("holds", inForce.length), fact("ofAll", whole.length), ...(damaged.length === 0 ? [] : [fact("damaged", damaged.length)])] };
}

/** Two different people: one who may restore, one who may approve it. */
export async function teamNamed({ responseTeam }: CheckPorts, { shop }: CheckAsked): Promise<Found | null> {
  if (responseTeam === undefined) return null;
  const members = await responseTeam.list(shop);
  const responders = members.filter(({ roles }) => roles.includes("responder"));
  const approvers = members.filter(({ roles }) => roles.includes("approver"));
  const two = responders.some((one) => approvers.some((other) => other.actor !== one.actor));
  return { outcome: two ? "two" : "too-few", facts: [fact("responders", responders.length), fact("approvers", approvers.length)] };
}

export async function requestsSoFar({ compliance }: CheckPorts, { shop }: CheckAsked): Promise<Found> {
  const requests = (await compliance.list(shop, { limit: MOST })).filter(({ topic }) => topic === "customers/redact");
  const waiting = requests.filter(({ state }) => state !== "answered");
  const erased = requests.filter(({ code }) => code?.startsWith("compliance.erased") === true);
  const next = waiting.map(({ dueAt }) => dueAt).sort((a, b) => a.getTime() - b.getTime())[0];
  return { outcome: waiting.length > 0 ? "waiting" : erased.length > 0 ? "erased" : "none", facts: [fact("waiting", waiting.length), fact("erased", erased.length), ...(next === undefined ? [] : [fact("nextDue", next)])] };
}
