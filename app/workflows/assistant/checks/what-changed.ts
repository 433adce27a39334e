/** What has changed since the damage began: the snapshot before it against the newest one, and what the journal heard of since. By kind; no record is opened. */
import { withShopVault } from "../../shared/with-shop-vault.ts";
import type { CheckAsked, CheckPorts, Found } from "./checks.ts";
import { fact, named } from "./facts.ts";

/** Kinds named one by one; the others are summed up in the totals. */
const MOST_KINDS = 15;

interface Sums {
  readonly added: Map<string, number>;
  readonly changed: Map<string, number>;
  readonly removed: Map<string, number>;
}

export async function whatChanged(ports: CheckPorts, { shop, moment }: CheckAsked): Promise<Found | null> {
  if (moment === null) return null;
  const sums: Sums = { added: new Map(), changed: new Map(), removed: new Map() };
  const compared = await betweenSnapshots(ports, { shop, moment }, sums);
  const heard = await heardSince(ports, shop, compared?.until ?? moment, sums);
  if (compared === null && !heard) return null;
  const total = (of: ReadonlyMap<string, number>): number => [...of.values()].reduce((all, n) => all + n, 0);
  const [added, changed, removed] = [total(sums.added), total(sums.changed), total(sums.removed)];
  const facts = [
    ...(compared === null ? [] : [fact("from", compared.from), fact("until", compared.until)]),
    fact("journal", heard), fact("added", added), fact("changed", changed), fact("removed", removed),
    ...(["removed", "changed", "added"] as const).flatMap((what) => [...sums[what]].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]).slice(0, MOST_KINDS).map(([kind, n]) => named(what, kind, n))),
  ];
  return { outcome: removed > 0 ? "removed" : changed + added > 0 ? "changed" : "nothing", facts };
}

/** Null: there is none before the moment, or none after it. */
async function betweenSnapshots(ports: CheckPorts, { shop, moment }: CheckAsked & { readonly moment: Date }, sums: Sums): Promise<{ readonly from: Date; readonly until: Date } | null> {
  const compared = await withShopVault(ports, shop, async ({ vault }) => {
    const snapshots = await vault.snapshots();
    const newest = snapshots[0];
    const before = snapshots.find(({ takenAt }) => takenAt <= moment.toISOString());
    if (newest === undefined || before === undefined || before.snapshotId === newest.snapshotId) return { kind: "compared" as const, span: null };
    const { byKind } = await vault.diff(before, newest, { idLimit: 0 });
    for (const [kind, { added, changed, removed }] of Object.entries(byKind)) {
      add(sums.added, kind, added);
      add(sums.changed, kind, changed);
      add(sums.removed, kind, removed);
    }
    return { kind: "compared" as const, span: { from: new Date(before.takenAt), until: new Date(newest.startedAt) } };
  });
  return compared.kind === "compared" ? compared.span : null;
}

/** False: nothing is captured here, or not that far back. */
async function heardSince({ capture, clock }: CheckPorts, shop: string, from: Date, sums: Sums): Promise<boolean> {
  if (capture === undefined) return false;
  const [made, told] = await Promise.all([capture.capturedChanges.between(shop, from, clock.now()), capture.captureRecords.rates(shop, from)]);
  if (made === null) return false;
  for (const [kind, { created, deleted }] of Object.entries(made)) {
    add(sums.added, kind, created);
    add(sums.removed, kind, deleted);
  }
  for (const { kind, events } of told) add(sums.changed, kind, Math.max(0, events - (made[kind]?.created ?? 0) - (made[kind]?.deleted ?? 0)));
  return true;
}

function add(sums: Map<string, number>, kind: string, amount: number): void {
  if (amount > 0) sums.set(kind, (sums.get(kind) ?? 0) + amount);
}
