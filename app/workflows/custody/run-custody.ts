/**
 * Does what a custody run asks for, with the keys that were handed in for this run only, or with the key service that is set up for this host. The keys live in
 * this call and are zeroed when it ends. A run whose worker died cannot go on: the person is asked for the identity again, and the work, which is safe to
 * repeat, is finished then.
 */
import type { ContentKeys, KeyOpener } from "#app/vault/index.ts";
import { contentKeys } from "#app/vault/index.ts";
import type { Lease, Ports, Run } from "../ports.ts";
import { failureOf, RunFailed } from "../shared/failure.ts";
import { keepLease, type LeaseKeeper } from "../shared/lease-keeper.ts";
import { openShopVault, type ShopVault } from "../shared/open-shop-vault.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import type { Ledger } from "#app/ledger/index.ts";
import { discloseWork } from "./work/disclose.ts";
import { pruneWork } from "./work/prune.ts";
import { eraseWork } from "./work/erase.ts";
import { requestsWork } from "./work/requests.ts";
import { rotateWork } from "./work/rotate.ts";

export type RunCustodyPorts = Pick<
  Ports,
  "runs" | "links" | "keyring" | "stores" | "credentials" | "signer" | "outbox" | "catalog" | "custody" | "compliance" | "retention" | "scratch" | "clock" | "random" | "log" | "unattended" | "current"
>;

export type CustodyOutcome =
  | { readonly kind: "finished"; readonly code: string; readonly result: string | null }
  | { readonly kind: "failed"; readonly code: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "not-claimed" };

/** The same words as a drill's: the keys went with the process that had them. */
export const IDENTITY_NEEDED = "custody.identity_needed_again";

/** What a piece of work is given. */
export interface CustodyContext extends ShopVault {
  readonly ports: RunCustodyPorts;
  readonly run: Run;
  readonly ledger: Ledger;
  readonly contentKeys: ContentKeys;
  /** Opens wrapped keys as an identity would: those that were handed in, and no others. */
  readonly opener: KeyOpener;
  readonly signal: AbortSignal;
  readonly keeper: LeaseKeeper;
}

/** `passed` false: it came to an end, and what was asked for was not done. */
export interface WorkDone {
  readonly passed: boolean;
  readonly code: string;
  readonly result?: string;
}

const WORK: Readonly<Record<string, (context: CustodyContext) => Promise<WorkDone>>> = { requests: requestsWork, erase: eraseWork, disclose: discloseWork, rotate: rotateWork, prune: pruneWork };

/** Work that opens nothing: it takes no keys. */
const KEYLESS: ReadonlySet<string> = new Set(["prune"]);

export async function runCustody(ports: RunCustodyPorts, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<CustodyOutcome> {
  const lease = await ports.runs.claim(runId);
  if (lease === null) return { kind: "not-claimed" };
  const keys = await ports.custody.take(runId);
  const keeper = keepLease(lease, ports.clock);
  try {
    return await underLease(ports, lease, keeper, signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]), keys);
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await lease.finish({ state: "cancelled", code: "custody.cancelled" });
      return { kind: "cancelled" };
    }
    const failure = failureOf(error);
    const code = signal?.aborted === true ? IDENTITY_NEEDED : (failure?.code ?? "unexpected");
    await lease.finish({ state: "failed", code });
    ports.log.error("custody.failed", { shop: lease.run.shop, run: lease.run.id, code });
    if (failure === null && signal?.aborted !== true) throw error;
    return { kind: "failed", code };
  } finally {
    keys?.forEach((key) => key.fill(0));
    keeper.stop();
  }
}

async function underLease(ports: RunCustodyPorts, lease: Lease, keeper: LeaseKeeper, signal: AbortSignal, keys: ReadonlyMap<string, Uint8Array> | null): Promise<CustodyOutcome> {
  const { run } = lease;
  keeper.report({ step: "open" });
  await keeper.beat();
  const unattended = keys === null && run.input["keys"] !== true && !KEYLESS.has(String(run.input["what"])) ? ((await ports.unattended?.openerFor(run.shop)) ?? null) : null;
  const keyless = KEYLESS.has(String(run.input["what"]));
  if (keys === null && unattended === null && !keyless) throw new RunFailed(IDENTITY_NEEDED, "the keys for this run are not in this process");
  const scratch = await ports.scratch.open();
  try {
    const opened = await openShopVault(ports, run.shop, scratch.directory);
    const ledger = await vaultLedger(ports, opened.vault.description.vaultId, opened.store);
    const opener = unattended ?? handedIn(keys ?? new Map());
    const content: ContentKeys = unattended === null ? { get: (keyId) => Promise.resolve(keys?.get(keyId) ?? null) } : contentKeys(opened.store, unattended);
    const work = WORK[String(run.input["what"])];
    if (work === undefined) throw new RunFailed("custody.unknown_work", "a run asks for something that this program does not do");
    const { passed, code, result } = await work({ ...opened, ports, run, ledger, contentKeys: content, opener, signal, keeper });
    await lease.finish({ state: passed ? "succeeded" : "failed", code, ...(result === undefined ? {} : { result }) });
    ports.log.info("custody.finished", { shop: run.shop, run: run.id, what: String(run.input["what"]), code });
    return { kind: "finished", code, result: result ?? null };
  } finally {
    await scratch.remove();
  }
}

/** A wrapped key says in its header which it is; its bytes were unwrapped elsewhere. */
function handedIn(keys: ReadonlyMap<string, Uint8Array>): KeyOpener {
  return {
    open: (jwe) => {
      const { protected: header } = JSON.parse(Buffer.from(jwe).toString("utf8")) as { protected?: string };
      const { key, use } = JSON.parse(Buffer.from(header ?? "", "base64url").toString("utf8")) as { key?: string; use?: string };
      const name = use === "content" ? String(key) : `${String(use)}-${String(key)}`;
      const found = keys.get(name);
      // A copy: whoever opens a key zeroes it when done.
      return Promise.resolve(found === undefined ? null : found.slice());
    },
  };
}
