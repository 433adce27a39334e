/**
 * What one person does with `restore` is not done unseen: it takes their reason, it is in the vault's ledger before anything is written or leaves, and what their own shop had
 * is in the vault by then. Nobody at a command line can be told from anybody else there, so no second person is asked: whoever reads the log sees that none was.
 */
import type { ChangesOf } from "#app/sources/port.ts";
import type { LedgerAction } from "#app/ledger/index.ts";
import { keepBefore } from "#app/workflows/restore/apply-before.ts";
import { failureOf } from "#app/workflows/shared/failure.ts";
import type { Cli } from "../cli.ts";
import { enterDeed } from "../enter-deed.ts";
import { CliError } from "../errors.ts";
import { HostKeyring } from "../host-keyring.ts";
import type { Sides } from "./restore-sides.ts";

export interface RecordedPlan {
  readonly planId: string;
  readonly digest: string;
  /** The vault's address. */
  readonly vault: string;
  readonly vaultId: string;
  readonly at: string;
  readonly families: readonly { readonly kind: string }[];
  readonly recipient?: { readonly keyId: string } | undefined;
  readonly disclosedTo?: string | undefined;
}

/** As the ledger has a shop: a file's name, or an address of a rehearsal, is none. */
const SHOP = /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/;

export class RestoreRecord {
  readonly #cli: Cli;
  readonly #plan: RecordedPlan;
  readonly #about: Readonly<Record<string, string>>;

  /** `shop`: whose records they are, as its snapshots name it. */
  constructor(cli: Cli, plan: RecordedPlan, shop: string) {
    this.#cli = cli;
    this.#plan = plan;
    const { vaultId, planId, recipient, disclosedTo } = plan;
    this.#about = { vault: vaultId, plan: planId, ...(SHOP.test(shop) ? { shop } : {}), ...(recipient === undefined ? {} : { recipient: recipient.keyId }), ...(disclosedTo === undefined || !SHOP.test(disclosedTo) ? {} : { disclosedTo }) };
  }

  /** False: kept on this machine only, and the person was told. */
  planned(): Promise<boolean> {
    const { at, families } = this.#plan;
    return this.#enter("restore.planned", { moment: new Date(at).toISOString(), records: families.length, conflicts: 0 });
  }

  /** Enters that it begins, does it, and enters how it ended. Answers whether the beginning is in the ledger. */
  async carriedOut<T>(reason: string, work: () => Promise<{ readonly done: T; readonly code: string; readonly counts: Counts }>): Promise<{ readonly done: T; readonly recorded: boolean }> {
    const { digest } = this.#plan;
    const recorded = await this.#enter("restore.applied", { digest }, { reason });
    try {
      const { done, code, counts } = await work();
      await this.#enter("restore.finished", { digest, code, ...counts }, { outcome: counts.differing > 0 ? "failed" : "done" });
      return { done, recorded };
    } catch (error) {
      const code = this.#cli.signal.aborted ? "restore.cancelled" : (failureOf(error)?.code ?? "unexpected");
      await this.#enter("restore.stopped", { code }, { outcome: "failed" });
      throw error;
    }
  }

  #enter(action: Extract<LedgerAction, `restore.${string}`>, more: Readonly<Record<string, unknown>>, o: { readonly reason?: string; readonly outcome?: "done" | "failed" } = {}): Promise<boolean> {
    return enterDeed(this.#cli, this.#plan.vault, this.#plan.vaultId, { action, subject: { ...this.#about, ...more } as never, ...o });
  }
}

export interface Counts {
  readonly restored: number;
  readonly restoredWithLosses: number;
  readonly refused: number;
  readonly skipped: number;
  readonly differing: number;
}

/** What is to be typed with --apply. */
export function statedReason(reason: string | undefined): string {
  const text = reason?.trim() ?? "";
  if (text === "") throw new CliError("cli.usage", "carrying a plan out is one person's act here, and its reason goes into the log: give --reason");
  if (text.length > 500 || /[\p{Cc}@]/u.test(text)) throw new CliError("cli.usage", "a reason is one line of at most 500 characters, without an e-mail address and without anybody's name");
  return text;
}

/** What the records' own shop has of them goes into the vault's journal, once for a plan. Another shop's records have no place in this vault. */
export async function keepWhatWasThere(cli: Cli, { vault, store, keeper, target, ids, base, vaultId }: Sides, planId: string, changes: ChangesOf, kinds: ReadonlySet<string>): Promise<boolean> {
  if (!ids.same) return false;
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  if (hostKeys === null) throw new CliError("cli.no_host_keys", `This host has no keys for vault ${vaultId}, so what the shop has now cannot be kept`);
  await keepBefore({ ports: { clock: cli.clock, random: cli.random }, orderedKinds: target.orderedKinds, shop: base.source.name, vault, hostKeys, store, planId, keeper, changes, kinds, signal: cli.signal });
  return true;
}
