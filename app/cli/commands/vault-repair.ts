/** `vault repair`: mends what has rotted or gone, from parity, a second store or by search, and says plainly what it could not. */
import { recordTerms } from "#app/terms/index.ts";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { contentKeys, readVaultDescription, rebuildSearch, type ObjectStore } from "#app/vault/index.ts";
import { repairVaultAndLedger, type Repaired } from "#app/workflows/repair/repair-vault.ts";
import { checkVault } from "#app/workflows/verify/check-vault.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { findingLines } from "../findings.ts";
import { HostKeyring } from "../host-keyring.ts";
import { readKeptCheckpoint } from "../kept-checkpoint.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { openerFrom, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export interface VaultRepairOptions extends IdentityOptions {
  readonly from?: string;
  readonly addParity?: boolean;
  readonly checkpoint?: string;
  readonly vaultId?: string;
}

const BY: Readonly<Record<string, string>> = {
  parity: "from parity",
  "earlier-version": "what somebody had deleted or written over it was taken away",
  "second-store": "from the second store",
  search: "by finding the flipped bit",
  "left-over": "from an earlier repair",
  encoded: "parity made anew",
  records: "made anew from the records",
};

export async function vaultRepair(cli: Cli, address: string, options: VaultRepairOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const store = await openStore(address);
    const from = options.from === undefined ? null : new ReadOnlyStore(await openStore(options.from));
    const checkpoint = await readKeptCheckpoint(options.checkpoint);
    const opener = await openerFrom(cli, options);
    await mustBeVault(store, from);
    const repaired = await repairVaultAndLedger({
      store,
      from,
      addParity: options.addParity === true,
      vaultId: options.vaultId,
      checkpoint,
      ledger: (of, vaultId) => ledgerOf(cli, of, vaultId),
      missingSnapshots: async () => (await check(cli, store, scratchDirectory, checkpoint)).filter(({ code }) => code === "snapshot.missing"),
      remakeSearch:
        opener === null
          ? null
          : async (description) => (await rebuildSearch({ store, description, contentKeys: contentKeys(store, opener, description), terms: recordTerms, random: cli.random, compare: true, signal: cli.signal, onProgress: ({ done, total }) => cli.progress(`looking through packs · ${count(done)} of ${count(total)}`) })).written,
      onProgress: ({ phase, done, total, bytesRead }) => cli.progress(`checking ${phase} · ${count(done)} of ${count(total)} · ${size(bytesRead)} read`),
    });
    const entered = await enter(cli, store, repaired);
    const { mended, unmended, refused, parityWritten } = repaired;
    const ok = unmended.length === 0;
    return {
      json: { ok, mended, unmended, refused, parityWritten, entered },
      text: [
        mended.length === 0 && parityWritten === 0 ? "Nothing was mended." : `Mended ${plural(mended.length, "object")}${parityWritten === 0 ? "" : `, wrote ${plural(parityWritten, "parity object")}`}.`,
        ...mended.slice(0, 50).map(({ object, by }) => `  ${object}  (${BY[by] ?? by})`),
        ...(mended.length > 50 ? [`  and ${count(mended.length - 50)} more (--json lists them all)`] : []),
        ...refused.map(({ object, code }) => `The good bytes of ${object} are known, but the storage keeps the bad ones (${code}).`),
        ...(ok ? ["Everything is as it was written."] : ["Not everything could be mended.", ...findingLines(unmended), ...(from === null ? ["A copy of the vault elsewhere may have what is missing here: --from ADDRESS."] : []), ...(opener === null && unmended.some(({ code }) => code.startsWith("search.")) ? ["What packs are searched by can be made anew by whoever opens them: --identity FILE."] : [])]),
        ...(entered || (mended.length === 0 && parityWritten === 0) ? [] : ["This was not entered into the ledger: this host has no keys for the vault."]),
      ].join("\n"),
      finding: !ok,
    };
  });
}

/** An address without anything of a vault is a mistake of the person's, not damage; the vault's own may be, when there is a copy. Throws vault.not_found. */
async function mustBeVault(store: ObjectStore, from: ObjectStore | null): Promise<void> {
  if (from !== null && !(await holdsSomething(from))) await readVaultDescription(from);
  if (from === null && !(await holdsSomething(store))) await readVaultDescription(store);
}

async function holdsSomething(store: ObjectStore): Promise<boolean> {
  for (const prefix of ["vault.json", "snapshots/", "keys/", "packs/"]) for await (const _ of store.list(prefix)) return true;
  for await (const _ of store.locks?.hidden("vault.json") ?? []) return true;
  return false;
}

async function check(cli: Cli, store: ObjectStore, scratchDirectory: string, keptCheckpoint: string | undefined): Promise<readonly { readonly code: string; readonly object: string }[]> {
  const { findings } = await checkVault({ store, readData: false, opener: null, hostKeys: null, scratchDirectory, keptCheckpoint, ledger: (vaultId) => ledgerOf(cli, store, vaultId), onProgress: () => undefined });
  return findings;
}

/** Whether the ledger now says that the vault was repaired. A ledger that does not hold together takes no entry. */
async function enter(cli: Cli, store: ObjectStore, { mended, unmended, refused, parityWritten, vaultId }: Repaired): Promise<boolean> {
  if (vaultId === null || (mended.length === 0 && parityWritten === 0 && refused.length === 0)) return false;
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  if (hostKeys === null || unmended.some(({ code }) => code.startsWith("ledger."))) return false;
  const subject = { vault: vaultId, mended: mended.length, unmended: unmended.length, parity: parityWritten };
  await ledgerOf(cli, store, vaultId, hostKeys).append([{ actor: "cli", action: "vault.repaired", subject, outcome: unmended.length === 0 ? "done" : "failed" }]);
  return true;
}
