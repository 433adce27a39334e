/** Retention as a person of the merchant's sees it: which snapshots are held, what a policy would let go and why, and the policy itself. */
import { actorName, type Actor } from "#app/access/index.ts";
import { formatPolicy, parsePolicy, readCertificates, readHolds, readKeyFacts, type Certificate, type Hold, type IssuedCertificate, type KeepPolicy, type KeyFacts } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { holdSnapshots, releaseHeld, type HoldOutcome, type LegalHold, type ReleaseOutcome } from "../prune/hold-snapshots.ts";
import { pruneVault, type PrunedVault } from "../prune/prune-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { withPermittedVault, type Failed, type ShopVaultPorts } from "../shared/with-permitted-vault.ts";

interface Who {
  readonly shop: string;
  readonly actor: Actor;
}

export interface Retained {
  readonly kind: "retained";
  readonly holds: readonly Hold[];
  readonly damaged: readonly string[];
  readonly snapshots: readonly { readonly snapshotId: string; readonly takenAt: string }[];
}

export function showRetention(ports: ShopVaultPorts, who: Who): Promise<Retained | Failed> {
  return withPermittedVault(ports, { ...who, asked: null }, async ({ vault, store }) => {
    const [holds, snapshots] = await Promise.all([readHolds(store, vault.description), vault.snapshots()]);
    return { kind: "retained" as const, holds: holds.inForce, damaged: holds.damaged, snapshots: snapshots.map(({ snapshotId, takenAt }) => ({ snapshotId, takenAt })) };
  });
}

export function holdInShop(ports: ShopVaultPorts, who: Who, hold: { readonly name: string; readonly reason: string; readonly snapshots: readonly string[] | "all"; readonly legal?: LegalHold }): Promise<HoldOutcome | Failed> {
  return withPermittedVault(ports, { ...who, asked: "snapshots.hold" }, (opened) => holdSnapshots({ ...opened, clock: ports.clock, random: ports.random, actor: actorName(who.actor) }, hold));
}

export function releaseInShop(ports: ShopVaultPorts, who: Who, hold: { readonly hold: string; readonly reason: string }): Promise<ReleaseOutcome | Failed> {
  return withPermittedVault(ports, { ...who, asked: "snapshots.hold" }, (opened) => releaseHeld({ ...opened, clock: ports.clock, random: ports.random, actor: actorName(who.actor) }, hold));
}

export type Planned = { readonly kind: "bad-policy"; readonly code: "retention.bad_policy" } | PrunedVault | Failed;

/** What a prune with this policy would do now. Changes nothing. */
export async function planPrune(ports: ShopVaultPorts, who: Who, keep: string): Promise<Planned> {
  const policy = parsePolicy(keep);
  if (policy === null) return { kind: "bad-policy", code: "retention.bad_policy" };
  return withPermittedVault(ports, { ...who, asked: "snapshots.prune" }, (opened) => pruneVault({ ...opened, clock: ports.clock, policy, actor: actorName(who.actor), dryRun: true }));
}

export type SavedPolicy = { readonly kind: "saved"; readonly keep: string } | { readonly kind: "bad-policy"; readonly code: "retention.bad_policy" };

/** The policy that prunes by themselves go by, once a day; `enabled` false: none is made by itself. */
export async function savePolicy(ports: Pick<Ports, "retention" | "links" | "stores" | "signer" | "outbox" | "clock">, { shop, actor }: Who, { keep, enabled }: { readonly keep: string; readonly enabled: boolean }): Promise<SavedPolicy> {
  const policy: KeepPolicy | null = parsePolicy(keep);
  if (policy === null) return { kind: "bad-policy", code: "retention.bad_policy" };
  const written = formatPolicy(policy);
  await ports.retention.save({ shop, keep: written, enabled, savedAt: ports.clock.now() });
  await recordEvent(ports, shop, { actor: actorName(actor), action: "setting.changed", subject: { shop, setting: "retention", policy: written, enabled }, outcome: "done" });
  return { kind: "saved", keep: written };
}

export type ListedCertificates = { readonly kind: "certificates"; readonly certificates: readonly IssuedCertificate[] } | Failed;

export function listCertificates(ports: ShopVaultPorts, who: Who): Promise<ListedCertificates> {
  return withPermittedVault(ports, { ...who, asked: null }, async ({ vault, store }) => ({ kind: "certificates" as const, certificates: await readCertificates(store, vault.description) }));
}

export type ShownKeys = { readonly kind: "keys"; readonly facts: KeyFacts } | Failed;

export function showKeys(ports: ShopVaultPorts, who: Who): Promise<ShownKeys> {
  return withPermittedVault(ports, { ...who, asked: null }, async ({ store }) => ({ kind: "keys" as const, facts: await readKeyFacts(store) }));
}

export type { Certificate };
