/** Recovers a vault into a folder and writes down how it went. The same code behind `holdfast recover` and the program that lies in the vault. */
import { salvage, StoreError, VaultError } from "#app/vault/index.ts";
import type { Clock, KeyOpener, ObjectStore, SalvageFinding, SalvageProgress, SalvageReport } from "#app/vault/index.ts";
import { RecoverError } from "./errors.ts";
import type { WrittenFile } from "./lines-file.ts";
import { Results } from "./results.ts";

export interface RecoverOptions {
  readonly store: ObjectStore;
  /** Called once the results' folder stands, so that a wrong key is reported there too. */
  readonly opener: () => Promise<KeyOpener>;
  readonly out: string;
  readonly snapshot: string;
  readonly vaultId?: string | undefined;
  readonly program: { readonly name: string; readonly version: string };
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SalvageProgress & { readonly bytes: number }) => void;
}

/** What report.json holds. */
export interface RecoverReport {
  readonly format: 1;
  readonly program: { readonly name: string; readonly version: string };
  readonly startedAt: string;
  readonly finishedAt: string;
  /** "whole": everything of the snapshot, proven. "partial": something is damaged, lost or unproven. "failed": nothing was recovered, `error` says why. */
  readonly outcome: "whole" | "partial" | "failed";
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly vaultId: string | null;
  readonly signaturesChecked: boolean;
  readonly snapshot: {
    readonly snapshotId: string;
    readonly takenAt: string;
    readonly source: string;
    readonly records: number;
    readonly root: string;
    readonly rootProven: boolean;
    /** Of the snapshot as it was taken: whether the source was read without gaps. */
    readonly complete: boolean;
    readonly gapCount: number;
    readonly gaps: readonly object[];
  } | null;
  readonly unreadableSnapshots: readonly string[];
  readonly records: number;
  readonly recordsByPackList: number;
  readonly unproven: number;
  readonly lost: number | null;
  readonly erased: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly files: readonly WrittenFile[];
  readonly findings: readonly SalvageFinding[];
  readonly findingCount: number;
}

/**
 * Ends with a report in the folder whatever the state of the vault. Throws RecoverError recover.out_exists, recover.out_failed when that folder cannot be
 * written, recover.interrupted; all else that stops it is `error` in the report.
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  const startedAt = options.clock.now().toISOString();
  const results = await Results.open(options.out);
  const known = { format: 1, program: options.program, startedAt } as const;
  const finished = () => ({ finishedAt: options.clock.now().toISOString() });
  let report: RecoverReport;
  let thrown: unknown;
  try {
    const found = await salvage({
      store: options.store,
      opener: await options.opener(),
      snapshot: options.snapshot,
      sink: results.sink,
      signal: options.signal,
      onProgress: (progress) => {
        options.onProgress({ ...progress, bytes: results.bytes });
      },
      ...(options.vaultId === undefined ? {} : { vaultId: options.vaultId }),
    });
    const files = await results.finish();
    report = { ...known, ...finished(), outcome: found.whole ? "whole" : "partial", error: null, ...told(found), files };
  } catch (error) {
    if (options.signal.aborted || error instanceof RecoverError) {
      await results.discard();
      throw options.signal.aborted ? options.signal.reason : error;
    }
    thrown = error;
    // What was got out before it stopped is not thrown away.
    const files = results.bytes > 0 ? await results.finish() : [];
    if (files.length === 0) await results.discard();
    report = { ...known, ...finished(), outcome: files.length > 0 ? "partial" : "failed", error: errorOf(error), ...NOTHING, files };
  }
  await results.report(report);
  return { report, thrown };
}

export interface Recovered {
  readonly report: RecoverReport;
  /** What `report.error` was made of. */
  readonly thrown: unknown;
}

const NOTHING = {
  vaultId: null,
  signaturesChecked: false,
  snapshot: null,
  unreadableSnapshots: [],
  records: 0,
  recordsByPackList: 0,
  unproven: 0,
  lost: null,
  erased: 0,
  kinds: {},
  findings: [],
  findingCount: 0,
} as const;

function told(found: SalvageReport): Omit<RecoverReport, "format" | "program" | "startedAt" | "finishedAt" | "outcome" | "error" | "files"> {
  const { manifest } = found;
  return {
    vaultId: found.vaultId,
    signaturesChecked: found.signaturesChecked,
    snapshot:
      manifest === null
        ? null
        : {
            snapshotId: manifest.snapshotId,
            takenAt: manifest.takenAt,
            source: `${manifest.source.type}:${manifest.source.name}`,
            records: manifest.records,
            root: manifest.root,
            rootProven: found.rootProven,
            complete: manifest.complete,
            gapCount: manifest.gapCount,
            gaps: manifest.gaps,
          },
    unreadableSnapshots: found.unreadableSnapshots,
    records: found.members,
    recordsByPackList: found.membersByPackList,
    unproven: found.unproven,
    lost: found.lost,
    erased: found.erased,
    kinds: found.kinds,
    findings: found.findings,
    findingCount: found.findingCount,
  };
}

/** Our own errors speak for themselves; what nobody foresaw is named by its class only, because its message could hold anything. */
function errorOf(error: unknown): { code: string; message: string } {
  if (error instanceof VaultError || error instanceof StoreError || isKeyError(error)) return { code: error.code, message: error.message };
  return { code: "unexpected", message: `Something unexpected went wrong (${error instanceof Error ? error.name : "unknown"}).` };
}

function isKeyError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && error.name === "KeyError" && "code" in error && typeof error.code === "string";
}
