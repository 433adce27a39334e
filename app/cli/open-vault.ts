/** Opens a vault for a command: with this host's keys, or, to read only, with an identity and nothing else. */
import { openHolder, readPassphraseFile, type KeyHolder } from "#app/keys/index.ts";
import { MeasuredStore, ReadOnlyStore } from "#app/stores/index.ts";
import { openVault, openVaultWithIdentity, readVaultDescription } from "#app/vault/index.ts";
import type { HostKeys, KeyOpener, ObjectStore, Vault } from "#app/vault/index.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { HostKeyring } from "./host-keyring.ts";
import { openStore } from "./open-store.ts";

export interface IdentityOptions {
  readonly identity?: string | undefined;
  readonly passphraseFile?: string | undefined;
}

export interface ReadableVault {
  readonly vault: Vault;
  readonly store: MeasuredStore;
}

/** Nothing is written to the store. Throws cli.no_host_keys when there is neither an identity nor host keys. */
export async function openToRead(cli: Cli, address: string, options: IdentityOptions, scratchDirectory: string): Promise<ReadableVault & { opener: KeyOpener | null }> {
  // The identity is read while the store is opened; what is wrong with the store is said first.
  const identity = openerFrom(cli, options);
  identity.catch(() => undefined);
  const store = new MeasuredStore(new ReadOnlyStore(await openStore(address)));
  const surroundings = { store, clock: cli.clock, random: cli.random, scratchDirectory };
  const opener = await identity;
  if (opener !== null) return { store, opener, vault: await openVaultWithIdentity({ ...surroundings, opener }) };
  const hostKeys = await hostKeysFor(cli, store);
  return { store, opener, vault: await openVault({ ...surroundings, hostKeys }) };
}

/** As above, with the identity that opening records takes. */
export async function openToDecrypt(cli: Cli, address: string, options: IdentityOptions & { readonly identity: string }, scratchDirectory: string): Promise<ReadableVault & { opener: KeyOpener }> {
  const { opener, ...opened } = await openToRead(cli, address, options, scratchDirectory);
  if (opener === null) throw new CliError("cli.usage", "Opening records takes --identity FILE");
  return { ...opened, opener };
}

export async function openToWrite(cli: Cli, address: string, scratchDirectory: string): Promise<{ store: ObjectStore; vault: Vault; hostKeys: HostKeys }> {
  const store = await openStore(address);
  const hostKeys = await hostKeysFor(cli, store);
  return { store, hostKeys, vault: await openVault({ store, hostKeys, clock: cli.clock, random: cli.random, scratchDirectory }) };
}

export async function openerFrom(cli: Cli, options: IdentityOptions): Promise<KeyOpener | null> {
  return options.identity === undefined ? null : (await holderFrom(cli, { ...options, identity: options.identity })).opener;
}

/** Of a file or of a key in a service. Throws KeyError. */
export async function holderFrom(cli: Cli, { identity, passphraseFile }: IdentityOptions & { readonly identity: string }): Promise<KeyHolder> {
  const passphrase = passphraseFile === undefined ? undefined : await readPassphraseFile(passphraseFile);
  return openHolder(identity, { passphrase, onLooseMode: () => cli.warn("Other users of this machine may read the identity file; run chmod 600 on it.") });
}

async function hostKeysFor(cli: Cli, store: ObjectStore): Promise<HostKeys> {
  const { vaultId } = await readVaultDescription(store);
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  if (hostKeys === null) throw new CliError("cli.no_host_keys", `This host has no keys for vault ${vaultId}, which was made elsewhere`);
  return hostKeys;
}
