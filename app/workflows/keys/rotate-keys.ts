/** Changes who can open a vault, and enters it into the ledger; a change whose entry was lost with the process that made it is entered by the next one. */
import { checkAction, type Ledger } from "#app/ledger/index.ts";
import { readVaultDescription, recipientHistory, rotateRecipients, type Clock, type Jwk, type KeyOpener, type ObjectStore, type Recipient, type RecipientList, type Rotated } from "#app/vault/index.ts";
import { failureOf } from "../shared/failure.ts";

export const KEYS_ROTATED = "keys.rotated";
export const KEYS_REFUSED = "keys.refused";

export interface RotateKeys {
  readonly store: ObjectStore;
  readonly opener: KeyOpener;
  readonly add: readonly Recipient[];
  readonly remove: readonly string[];
  /** Opens records of nobody; signs the list and the entry. */
  readonly signingKey: Jwk;
  readonly ledger: Pick<Ledger, "entries" | "append">;
  readonly clock: Clock;
  /** Who does it: "cli", a shop's staff member. */
  readonly actor: string;
  readonly reason?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Throws what rotateRecipients throws, after a refusal was entered, and LedgerError. */
export async function rotateKeys(o: RotateKeys): Promise<Rotated> {
  const { vaultId } = await readVaultDescription(o.store);
  // A reason that the ledger does not take must be known before anything is changed, not after.
  checkAction({ actor: o.actor, action: KEYS_REFUSED, subject: { vault: vaultId, code: "ledger.bad_entry" }, reason: o.reason });
  let rotated: Rotated;
  try {
    rotated = await rotateRecipients(o);
  } catch (error) {
    const failure = failureOf(error);
    // What can be tried again is no refusal: nobody decided anything.
    if (failure !== null && failure.retry === "never") await enterRefusal(o, vaultId, failure.code);
    throw error;
  }
  await enterRotations(o);
  return rotated;
}

async function enterRefusal({ ledger, actor, reason, add, remove }: RotateKeys, vaultId: string, code: string): Promise<void> {
  const subject = { vault: vaultId, code, added: add.length, removed: remove.length };
  await ledger.append([{ actor, action: KEYS_REFUSED, subject, outcome: "refused", ...(reason === undefined ? {} : { reason }) }]);
}

/** Every list that the ledger does not know, oldest first. */
async function enterRotations({ store, ledger, actor, reason }: RotateKeys): Promise<void> {
  const description = await readVaultDescription(store);
  const history = await recipientHistory(store, description);
  const entered = new Set<string>();
  for await (const entry of ledger.entries()) if (entry.action === KEYS_ROTATED) entered.add(String(entry.subject["digest"]));
  const missing = history.flatMap((list, i) => (list.digest === null || entered.has(list.digest) ? [] : [subjectOf(description.vaultId, history[i - 1], list)]));
  if (missing.length === 0) return;
  await ledger.append(missing.map((subject) => ({ actor, action: KEYS_ROTATED, subject, outcome: "done" as const, ...(reason === undefined ? {} : { reason }) })));
}

function subjectOf(vault: string, before: RecipientList | undefined, list: RecipientList): Record<string, string | number> {
  const ids = (of: RecipientList | undefined): string[] => (of?.recipients ?? []).map((recipient) => recipient.keyId);
  const without = (some: string[], others: string[]): string | number => inOneText(some.filter((keyId) => !others.includes(keyId)));
  return {
    vault,
    sequence: list.sequence,
    generation: list.generation,
    recipients: list.recipients.length,
    added: without(ids(list), ids(before)),
    removed: without(ids(before), ids(list)),
    keys: list.keys?.count ?? 0,
    digest: list.digest ?? "",
  };
}

/** An entry's text has at most 1000 characters, which is room for 22 key ids; of more there is their number, and the signed list has them all. */
function inOneText(keyIds: readonly string[]): string | number {
  const text = keyIds.join(" ");
  return text.length <= 1000 ? text : keyIds.length;
}
