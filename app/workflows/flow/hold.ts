/**
 * Holds that workflows ask for: the ordinary kind, which keeps snapshots from being pruned, for a stated time and released by itself when that is over. Never a legal
 * hold: those bar erasures too, and take a person who names a statute.
 */
import { mayRequest } from "#app/access/index.ts";
import { readHolds } from "#app/vault/index.ts";
import type { FlowAction, FlowActions, Ports } from "../ports.ts";
import { holdSnapshots, releaseHeld } from "../prune/hold-snapshots.ts";
import { failureOf } from "../shared/failure.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import type { InputOf } from "./actions.ts";

export type HoldForFlowPorts = Pick<Ports, "keyring" | "random" | "log"> & RefusalPorts;
export type HeldForFlow = { readonly kind: "held"; readonly holdId: string; readonly until: Date } | { readonly kind: "refused"; readonly code: string };

const DAY_MS = 24 * 3_600_000;
/** What stands on the hold as its reason, for whoever reads the vault. */
const BASIS = "flow: a Shopify Flow workflow asked for it";

/** `id`: the request's own. A hold of that name is this request's, placed by a process that died before it could say so. */
export async function holdForFlow(ports: HoldForFlowPorts, { shop, input, askedAt }: Pick<FlowAction, "shop" | "input" | "askedAt">, id: string): Promise<HeldForFlow> {
  const actor = { kind: "platform", shop } as const;
  const decision = mayRequest("snapshots.hold", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "snapshots.hold", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  if ((await ports.links.get(shop)) === null) return { kind: "refused", code: "vault.not_linked" };
  const { which, holdDays } = input as unknown as InputOf<"hold-snapshots">;
  const until = new Date(askedAt.getTime() + holdDays * DAY_MS);
  const holding = await holdPorts(ports, shop);
  const name = id.replace("_", " ");
  const { inForce } = await readHolds(holding.store, holding.vault.description);
  const before = inForce.find((hold) => hold.name === name);
  if (before !== undefined) return { kind: "held", holdId: before.holdId, until };
  if (which === "newest" && (await holding.vault.snapshots()).length === 0) return { kind: "refused", code: "flow.no_snapshot" };
  const held = await holdSnapshots(holding, { name, reason: `${BASIS}, until ${until.toISOString()}`, snapshots: which === "all" ? "all" : ["latest"] });
  return held.kind === "held" ? { kind: "held", holdId: held.hold.holdId, until } : { kind: "refused", code: held.code };
}

/** Ends holds whose time is over. For a chore. Answers how many. */
export async function releaseFlowHolds(ports: HoldForFlowPorts & { readonly actions: FlowActions }): Promise<number> {
  let released = 0;
  for (const { shop, actionRunId, holdId } of await ports.actions.heldUntil(ports.clock.now(), 100)) {
    try {
      if (holdId !== null) await releaseHeld(await holdPorts(ports, shop), { hold: holdId, reason: "its time is over" });
      // One that a person released before is as free.
      await ports.actions.update(shop, actionRunId, { holdUntil: null });
      released++;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === null) throw error;
      // The storage is away: the hold stays, which is the safe side, and is tried again.
      ports.log.warn("flow.not_released", { shop, step: actionRunId, code: failure.code });
    }
  }
  return released;
}

async function holdPorts(ports: HoldForFlowPorts, shop: string): Promise<Parameters<typeof holdSnapshots>[0] & { readonly vault: Awaited<ReturnType<typeof openShopVault>>["vault"] }> {
  const { vault, store, hostKeys } = await openShopVault(ports, shop, "");
  const ledger = await vaultLedger(ports, vault.description.vaultId, store);
  return { store, vault, hostKeys, ledger, clock: ports.clock, random: ports.random, actor: "platform" };
}
