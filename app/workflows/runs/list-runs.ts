/** The runs of a shop with what they made: what the app is doing, and how it went. */
import type { CatalogSnapshot, Ports, Run } from "../ports.ts";

export interface ListedRun {
  readonly run: Run;
  /** The snapshot it made, while the vault still has it. */
  readonly made: CatalogSnapshot | null;
}

const MOST = 50;
const LATELY_MS = 30 * 24 * 3_600_000;

/** Newest first; the marked one first of all, when it is older than those. */
export async function listRuns(ports: Pick<Ports, "runs" | "catalog" | "clock">, { shop, marked = null }: { readonly shop: string; readonly marked?: string | null }): Promise<{ readonly runs: readonly ListedRun[]; readonly failed: number }> {
  const runs = [...(await ports.runs.list(shop, { limit: MOST }))];
  if (marked !== null && !runs.some(({ id }) => id === marked)) {
    const one = await ports.runs.get(marked);
    // Another shop's run is as unknown as one that never was.
    if (one?.shop === shop) runs.unshift(one);
  }
  const since = ports.clock.now().getTime() - LATELY_MS;
  return {
    runs: await Promise.all(runs.map(async (run) => ({ run, made: run.kind === "snapshot" && run.result !== null ? await ports.catalog.snapshot(shop, run.result) : null }))),
    failed: runs.filter(({ state, requestedAt }) => state === "failed" && requestedAt.getTime() > since).length,
  };
}
