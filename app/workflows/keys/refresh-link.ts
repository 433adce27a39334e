/** Brings what the database says of a vault's recipients up to what the vault itself says: a rotation may have been made on another machine. */
import { readRecipients, readVaultDescription, type ObjectStore } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";

export async function refreshLink({ links }: Pick<Ports, "links">, shop: string, store: ObjectStore): Promise<void> {
  const link = await links.get(shop);
  if (link === null) return;
  const description = await readVaultDescription(store);
  if (description.vaultId !== link.vaultId) return;
  const { recipients } = await readRecipients(store, description);
  const known = link.recipients.map((recipient) => recipient.keyId).join(" ");
  if (recipients.map((recipient) => recipient.keyId).join(" ") !== known) await links.save({ ...link, recipients });
}
