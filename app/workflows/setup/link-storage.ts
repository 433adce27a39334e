/**
 * Links a shop to its storage: tries the storage out, makes the vault sealed to the public key that the browser made, keeps the host's half of the
 * keys, and only then remembers the link. The private half never comes here; a key that carries one is refused.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { createVault, readVaultDescription, type ObjectStore, type Recipient } from "#app/vault/index.ts";
import type { Ports, StorageCredential, StorageUser, VaultLink } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { keepRecovery } from "../shared/keep-recovery.ts";
import { recordEvent } from "../shared/outbox.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { checkStorage, type StorageStep } from "./check-storage.ts";

export type LinkedStorage =
  /** `created: false`: this host's own vault was there already and is linked again. */
  | { readonly kind: "linked"; readonly link: VaultLink; readonly created: boolean }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  /** The shop has a vault; linking another would leave its snapshots behind. */
  | { readonly kind: "already-linked"; readonly link: VaultLink }
  /** The storage could not be used, and at which step. */
  | { readonly kind: "storage-refused"; readonly step: StorageStep | "open"; readonly code: string }
  /** A vault of somebody else's lies there. */
  | { readonly kind: "occupied"; readonly code: "vault.exists" }
  | { readonly kind: "bad-recipient"; readonly code: "vault.bad_recipient" | "setup.private_key" };

export async function linkStorage(
  ports: Pick<Ports, "links" | "keyring" | "stores" | "credentials" | "signer" | "recovery" | "clock" | "random" | "log">,
  o: { readonly shop: string; readonly actor: Actor; readonly storageUrl: string; readonly recipient: Recipient; /** For storage that asks for some; kept once it was found to work. */ readonly credential?: StorageCredential },
): Promise<LinkedStorage> {
  const { shop, actor, storageUrl, recipient } = o;
  const decision = mayRequest("storage.link", actor, shop);
  if (!decision.allowed) return { kind: "refused", code: decision.code };
  const before = await ports.links.get(shop);
  if (before !== null) return { kind: "already-linked", link: before };
  if (hasPrivateHalf(recipient.jwk)) return { kind: "bad-recipient", code: "setup.private_key" };

  const { credential } = o;
  const opened = await openAndCheck(ports, storageUrl, { shop, ...(credential === undefined ? {} : { credential }) });
  if (opened.kind !== "usable") return opened;
  if (credential !== undefined) await ports.credentials.save(shop, storageUrl, credential);
  const there = await vaultThere(opened.store);
  if (there !== null) {
    // A vault whose keys this host has may be another shop's: that its folder was guessed is no reason to hand it over.
    if ((await ports.keyring.get(there.vaultId)) === null || (await ports.links.shopsOf(there.vaultId)).some((other) => other !== shop)) return { kind: "occupied", code: "vault.exists" };
    const link: VaultLink = { shop, storageUrl, ...there, linkedAt: ports.clock.now() };
    await ports.links.save(link);
    await recordEvent(ports, shop, { actor: actorName(actor), action: "vault.linked", subject: { vault: there.vaultId, shop }, outcome: "done" });
    return { kind: "linked", link, created: false };
  }
  return create(ports, o, opened.store, actorName(actor));
}

async function create(
  ports: Pick<Ports, "links" | "keyring" | "signer" | "recovery" | "clock" | "random" | "log">,
  { shop, storageUrl, recipient }: { readonly shop: string; readonly storageUrl: string; readonly recipient: Recipient },
  store: ObjectStore,
  actor: string,
): Promise<LinkedStorage> {
  try {
    // With parity, because most merchants have one storage and nobody at a command line: what rots can be mended all the same, for a thirtieth more room.
    const { vaultId, hostKeys } = await createVault({ store, recipients: [recipient], clock: ports.clock, random: ports.random, parity: true });
    await ports.keyring.keep(hostKeys);
    const ledger = await vaultLedger(ports, vaultId, store);
    await ledger.append([{ actor, action: "vault.created", subject: { vault: vaultId, shop, recipient: recipient.keyId }, outcome: "done" }]);
    const recovery = await keepRecovery({ store, hostKeys, ledger, kit: ports.recovery, clock: ports.clock, actor });
    if (recovery?.outcome === "failed") ports.log.error("recovery.not_written", { shop, vault: vaultId, code: recovery.code });
    const link: VaultLink = { shop, storageUrl, vaultId, recipients: [recipient], linkedAt: ports.clock.now() };
    await ports.links.save(link);
    ports.log.info("vault.created", { shop, vault: vaultId });
    return { kind: "linked", link, created: true };
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.code === "vault.exists") return { kind: "occupied", code: "vault.exists" };
    if (failure?.code === "vault.bad_recipient") return { kind: "bad-recipient", code: "vault.bad_recipient" };
    if (failure === null) throw error;
    return { kind: "storage-refused", step: "write", code: failure.code };
  }
}

async function openAndCheck(
  ports: Pick<Ports, "stores" | "random">,
  storageUrl: string,
  user: StorageUser,
): Promise<{ kind: "usable"; store: ObjectStore } | { kind: "storage-refused"; step: StorageStep | "open"; code: string }> {
  let store: ObjectStore;
  try {
    store = await ports.stores.open(storageUrl, user);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "storage-refused", step: "open", code: failure.code };
  }
  const check = await checkStorage(store, ports.random);
  return check.ok ? { kind: "usable", store } : { kind: "storage-refused", step: check.step, code: check.code };
}

async function vaultThere(store: ObjectStore): Promise<{ vaultId: string; recipients: readonly Recipient[] } | null> {
  try {
    const { vaultId, recipients } = await readVaultDescription(store);
    return { vaultId, recipients };
  } catch (error) {
    if (failureOf(error)?.code === "vault.not_found") return null;
    throw error;
  }
}

/** Members that only a private or secret JWK has (RFC 7518 sections 6.2.2, 6.3.2, 6.4). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

function hasPrivateHalf(jwk: object): boolean {
  return PRIVATE_MEMBERS.some((member) => member in jwk);
}
