/**
 * From the database's list of events into the vault's own log, in order and once each.
 *
 * A write whose answer was lost may have entered its entries. So before each write the log's size is noted with the entries it takes, and whoever
 * comes next looks for them behind that size before entering anything.
 */
import { checkAction, decodeEntry, encodeEntry, leafHash, type Checkpoint, type Ledger, type NewLedgerEntry } from "#app/ledger/index.ts";
import { VaultError } from "#app/vault/index.ts";
import type { Clock, KeptEntry, LedgerOutbox, Ports, WaitingEntry } from "../ports.ts";
import { directLedger } from "./direct-ledger.ts";
import { failureOf } from "./failure.ts";
import { vaultIsThere } from "./vault-is-there.ts";

type OutboxPorts = Pick<Ports, "signer" | "clock" | "outbox">;

/** Throws ledger.bad_entry for what may not be entered, before anything is kept. */
export function keptEntry(entry: NewLedgerEntry, clock: Clock): KeptEntry {
  checkAction(entry);
  const bytes = encodeEntry({ ...entry, at: entry.at ?? clock.now().toISOString() });
  return { entry: Buffer.from(bytes).toString("utf8"), leaf: Buffer.from(leafHash(bytes)).toString("hex") };
}

/** Keeps entries and enters everything that waits. When it throws what the store throws, the entries are kept and go in later. */
export async function enterThrough(outbox: LedgerOutbox, ledger: Ledger, vaultId: string, clock: Clock, entries: readonly NewLedgerEntry[]): Promise<Checkpoint | null> {
  await outbox.add(vaultId, entries.map((entry) => keptEntry(entry, clock)));
  return (await enterAll(outbox, ledger, vaultId)).checkpoint;
}

export async function enterAll(outbox: LedgerOutbox, ledger: Ledger, vaultId: string): Promise<{ readonly checkpoint: Checkpoint | null; readonly entered: number }> {
  return outbox.exclusively(vaultId, async () => {
    let checkpoint: Checkpoint | null = null;
    let entered = 0;
    for (;;) {
      const waiting = await outbox.waiting(vaultId);
      if (waiting.length === 0) return { checkpoint, entered };
      const left = await findEntered(outbox, ledger, waiting);
      entered += waiting.length - left.length;
      if (left.length === 0) continue;
      const head = await ledger.head();
      await outbox.trying(left.map(({ id }) => id), head?.size ?? 0);
      const appended = await ledger.enter(left.map(({ entry }) => decodeEntry(Buffer.from(entry, "utf8"))!));
      await outbox.entered(left.map(({ id }, n) => ({ id, place: appended.first + n })));
      checkpoint = appended.checkpoint;
      entered += left.length;
    }
  });
}

/** Marks those that an earlier write did enter; answers the others. */
async function findEntered(outbox: LedgerOutbox, ledger: Ledger, waiting: readonly WaitingEntry[]): Promise<readonly WaitingEntry[]> {
  const tried = waiting.filter((entry) => entry.tried !== null);
  if (tried.length === 0) return waiting;
  const places: { id: string; place: number }[] = [];
  const from = Math.min(...tried.map((entry) => entry.tried!));
  const open = [...tried];
  for await (const { place, leaf } of ledger.leaves(from)) {
    const hex = Buffer.from(leaf).toString("hex");
    const at = open.findIndex((entry) => entry.leaf === hex && entry.tried! <= place);
    if (at !== -1) places.push({ id: open.splice(at, 1)[0]!.id, place });
  }
  await outbox.entered(places);
  const found = new Set(places.map(({ id }) => id));
  return waiting.filter(({ id }) => !found.has(id));
}

/** The log of the vault that lies at a shop's storage address. Throws vault.not_found, vault.wrong_keys where that vault is not there. */
async function ledgerAt(ports: OutboxPorts & Pick<Ports, "stores">, link: { readonly shop: string; readonly vaultId: string; readonly storageUrl: string }): Promise<Ledger> {
  const store = await ports.stores.open(link.storageUrl, { shop: link.shop });
  if (!(await vaultIsThere(store, link.vaultId))) throw new VaultError("vault.not_found", "there is no vault at this address any more");
  return directLedger(ports, link.vaultId, store);
}

/**
 * Something happened in a shop that has a vault. Kept at once; in the vault's log now if its storage answers, else later. False: not in the vault's
 * log yet, or there is no vault.
 */
export async function recordEvent(ports: OutboxPorts & Pick<Ports, "links" | "stores">, shop: string, entry: NewLedgerEntry): Promise<boolean> {
  const link = await ports.links.get(shop);
  if (link === null) return false;
  if (ports.outbox !== undefined) await ports.outbox.add(link.vaultId, [keptEntry(entry, ports.clock)]);
  try {
    const ledger = await ledgerAt(ports, link);
    if (ports.outbox === undefined) await ledger.append([entry]);
    else await enterAll(ports.outbox, ledger, link.vaultId);
    return true;
  } catch (error) {
    // The event itself is kept; a storage that is away must not undo what happened.
    if (failureOf(error) === null) throw error;
    return false;
  }
}

/** The same for whoever may not wait for a storage: kept at once, entered by the next round. Where nothing is kept first, it goes straight in. */
export async function keepEvent(ports: OutboxPorts & Pick<Ports, "links" | "stores">, shop: string, entry: NewLedgerEntry): Promise<void> {
  const link = await ports.links.get(shop);
  if (link === null) return;
  if (ports.outbox === undefined) await recordEvent(ports, shop, entry);
  else await ports.outbox.add(link.vaultId, [keptEntry(entry, ports.clock)]);
}

/** Enters what waits for a shop's vault. Answers how many; 0 when its storage is away. */
export async function enterShopEvents(ports: OutboxPorts & Pick<Ports, "links" | "stores">, shop: string): Promise<number> {
  const link = await ports.links.get(shop);
  if (link === null || ports.outbox === undefined || (await ports.outbox.waiting(link.vaultId)).length === 0) return 0;
  try {
    return (await enterAll(ports.outbox, await ledgerAt(ports, link), link.vaultId)).entered;
  } catch (error) {
    if (failureOf(error) === null) throw error;
    return 0;
  }
}
