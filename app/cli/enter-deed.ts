/**
 * What a command did, into the vault's ledger: on the vault's host at once. Elsewhere, and while the storage takes nothing, it is kept on this machine, one flushed line
 * in HOLDFAST_HOME/viewer/outbox, and goes in with the next command here that has the host's keys, or with `ledger enter`. Commands that give records out enter it
 * before the first byte leaves, so that none leaves without a trace; whoever stops them afterwards finds an entry about something that did not come to its end.
 */
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { LedgerError, originOf, type Ledger, type NewLedgerEntry } from "#app/ledger/index.ts";
import { StoreError, type HostKeys } from "#app/vault/index.ts";
import type { FileOutbox } from "#app/viewer/index.ts";
import { directLedger } from "#app/workflows/shared/direct-ledger.ts";
import { enterAll, keptEntry } from "#app/workflows/shared/outbox.ts";
import type { Cli } from "./cli.ts";
import { HostKeyring } from "./host-keyring.ts";
import { openStore } from "./open-store.ts";

export type Deed = Pick<NewLedgerEntry, "action" | "subject" | "reason"> & { readonly outcome?: NewLedgerEntry["outcome"] };

/** Whether it is in the ledger now; else it is kept here, and the person was told so on stderr. Throws what the file system throws: then nothing may be given out. */
export async function enterDeed(cli: Cli, address: string, vaultId: string, deed: Deed): Promise<boolean> {
  const entry: NewLedgerEntry = { actor: "cli", outcome: "done", at: cli.clock.now().toISOString(), ...deed };
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  let why = "this machine has no keys of the vault's host";
  if (hostKeys !== null) {
    try {
      if (await keptHere(cli, vaultId)) await enterKept(cli, address, vaultId);
      await (await ledgerFor(cli, address, vaultId, hostKeys.signingKey)).append([entry]);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError) && !(error instanceof LedgerError)) throw error;
      why = error.code;
    }
  }
  await keep(cli, vaultId, entry);
  cli.warn(`Nothing could be entered into the vault's ledger (${why}). What is done here is kept in ${folder(cli, vaultId)}, to be entered by 'holdfast ledger enter' on the vault's host.`);
  return false;
}

/** Of --reason; the ledger says whether it may stand there. */
export function reasonOf({ reason }: { readonly reason?: string | undefined }): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** How many entries there were that had waited on this machine. Throws StoreError and LedgerError; cli.no_host_keys is the caller's to say. */
export async function enterKept(cli: Cli, address: string, vaultId: string): Promise<number | null> {
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  if (hostKeys === null) return null;
  const outbox = await openOutbox(cli);
  try {
    return (await enterAll(outbox, await ledgerFor(cli, address, vaultId, hostKeys.signingKey), vaultId)).entered;
  } finally {
    await outbox.close();
  }
}

async function keep(cli: Cli, vaultId: string, entry: NewLedgerEntry): Promise<void> {
  const outbox = await openOutbox(cli);
  try {
    await outbox.add(vaultId, [keptEntry(entry, cli.clock)]);
  } finally {
    await outbox.close();
  }
}

async function ledgerFor(cli: Cli, address: string, vaultId: string, signingKey: HostKeys["signingKey"]): Promise<Ledger> {
  const signer = { signerFor: () => Promise.resolve({ name: originOf(vaultId), privateKey: signingKey }) };
  return directLedger({ signer, clock: cli.clock }, vaultId, await openStore(address));
}

/** The viewer is loaded only where something is kept: most commands have no need of it. */
async function openOutbox(cli: Cli): Promise<FileOutbox> {
  const { fileOutbox } = await import("#app/viewer/index.ts");
  return fileOutbox(cli.home, `${cli.clock.now().toISOString().replace(/[:.]/g, "-")}-${String(process.pid)}-${randomUUID().slice(0, 8)}`);
}

function folder(cli: Cli, vaultId: string): string {
  return path.join(cli.home, "viewer", "outbox", vaultId);
}

async function keptHere(cli: Cli, vaultId: string): Promise<boolean> {
  const names = await readdir(folder(cli, vaultId)).catch(() => []);
  return names.some((name) => name.endsWith(".events"));
}
