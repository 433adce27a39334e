/**
 * A run for an auditor: the tree as it was, every step, and for each the ledger's entry with its leaf hash and its place in the log. Whoever has the ledger checks
 * the leaf; whoever has this file checks, with the salt, that the entry speaks of this step. Ids of records are left out: their number stays, and the digest.
 */
import { mayRequest, type Actor } from "#app/access/index.ts";
import { encodeEntry, leafHash, type Ledger, type LedgerEntry } from "#app/ledger/index.ts";
import { codeOfAnswer, replay, type RunState, type RunStep } from "#app/response/index.ts";
import type { AssistantRunRow, KeptStep, Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { enterShopEvents } from "../shared/outbox.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { digestOfStep, entriesOf } from "./entries.ts";
import { readRun } from "./read-run.ts";

export interface ExportedRun {
  readonly format: "holdfast-assistant-run/1";
  readonly run: Omit<AssistantRunRow, "startedAt" | "lastAt" | "endedAt"> & { readonly startedAt: string; readonly endedAt: string | null };
  /** Canonical JSON of it has the SHA-256 `run.treeDigest`. */
  readonly tree: unknown;
  readonly steps: readonly {
    /** As it happened; an answer that names records says only how many. */
    readonly step: unknown;
    /** What the answer is called in the tree. */
    readonly answer: string | null;
    /** The answer stands; false: it was taken back later. */
    readonly stands: boolean;
    /** SHA-256 of canonical {salt, step}; the salt is given where the step is given whole. */
    readonly digest: string;
    readonly salt: string | null;
  }[];
  readonly ledger: {
    /** The log's head when this was written; null: the storage did not answer, or there is no vault. */
    readonly checkpoint: { readonly size: number; readonly root: string } | null;
    /** First the start, then one for each step. place: null while it waits to be entered. */
    readonly entries: readonly { readonly entry: LedgerEntry; readonly leaf: string; readonly place: number | null }[];
  };
}

export type ExportedOutcome = { readonly kind: "exported"; readonly file: ExportedRun } | { readonly kind: "not-found" };

export async function exportRun(ports: Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock"> & Required<Pick<Ports, "assistantRuns">>, { shop, actor, runId }: { readonly shop: string; readonly actor: Actor; readonly runId: string }): Promise<ExportedOutcome> {
  if (!mayRequest("assistant.run", actor, shop).allowed) return { kind: "not-found" };
  const read = await readRun(ports.assistantRuns, shop, runId);
  if (read === null) return { kind: "not-found" };
  const { row, frozen, steps } = read;
  const states = steps.reduce<RunState[]>((all, _, at) => [...all, replay(frozen.tree, steps.slice(0, at + 1).map(({ step }) => step))], [replay(frozen.tree, [])]);
  const entries = entriesOf(row, states, steps).map((entry) => ({ ...entry, at: entry.at! }));
  const leaves = entries.map((entry) => Buffer.from(leafHash(encodeEntry(entry))).toString("hex"));
  const log = await placesOf(ports, shop, entries, leaves);
  const { tree: _tree, startedAt, endedAt, lastAt: _lastAt, ...rest } = row;
  const answers = codesOf(steps, states);
  return {
    kind: "exported",
    file: {
      format: "holdfast-assistant-run/1",
      run: { ...rest, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null },
      tree: frozen.tree,
      steps: steps.map((kept, at) => ({ ...withoutRecords(kept), answer: answers[at]!, stands: !read.run.corrected.has(kept.step.n), digest: digestOfStep(kept) })),
      ledger: { checkpoint: log?.checkpoint ?? null, entries: entries.map((entry, at) => ({ entry, leaf: leaves[at]!, place: log?.places.get(leaves[at]!) ?? null })) },
    },
  };
}

/** An id of a record is a person's, to whoever can ask the shop. Without the salt the digest says nothing of it. */
function withoutRecords({ step, salt }: KeptStep): { readonly step: unknown; readonly salt: string | null } {
  if (step.what !== "answered" || step.answer.kind !== "what" || step.answer.selection.what !== "records") return { step, salt };
  return { step: { ...step, answer: { kind: "what", selection: { what: "records", count: step.answer.selection.ids.length } } }, salt: null };
}

function codesOf(steps: readonly KeptStep[], states: readonly RunState[]): readonly (string | null)[] {
  return steps.map(({ step }: { step: RunStep }, at) => (step.what === "answered" ? codeOfAnswer(step.answer, states[at]!.lookup) : null));
}

type LogPorts = Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock">;

async function placesOf(ports: LogPorts, shop: string, entries: readonly LedgerEntry[], leaves: readonly string[]): Promise<{ readonly places: ReadonlyMap<string, number>; readonly checkpoint: { readonly size: number; readonly root: string } | null } | null> {
  const link = await ports.links.get(shop);
  if (link === null) return null;
  try {
    await enterShopEvents(ports, shop);
    const ledger = await vaultLedger(ports, link.vaultId, await ports.stores.open(link.storageUrl, { shop }));
    // A process that ended between keeping a step and telling of it left the entry out. It is the same entry now: it has the step's own time.
    const known = await find(ledger, leaves);
    const missing = entries.filter((_, at) => !known.has(leaves[at]!));
    if (missing.length > 0) await ledger.append(missing);
    const head = await ledger.head();
    return { places: missing.length > 0 ? await find(ledger, leaves) : known, checkpoint: head === null ? null : { size: head.size, root: head.root } };
  } catch (error) {
    // Without its storage a run can still be read; the file says that nothing was found in the log.
    if (failureOf(error) === null) throw error;
    return null;
  }
}

async function find(ledger: Ledger, leaves: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const wanted = new Set(leaves);
  const places = new Map<string, number>();
  for await (const { place, leaf } of ledger.leaves(0)) {
    const hex = Buffer.from(leaf).toString("hex");
    if (wanted.has(hex) && !places.has(hex)) places.set(hex, place);
  }
  return places;
}
