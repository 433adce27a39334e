/** The real snapshot. "real": every record is opened and compared with its keyed digest within this process, and goes nowhere. "full": it is put through a whole restore, too. */
import type { ContentKeys, SnapshotManifest, Vault } from "#app/vault/index.ts";
import type { Ports, RunProgress } from "../../ports.ts";
import { openAndCompare, rehearse } from "../rehearse.ts";
import { kindsOf, type LaneWork } from "./lane.ts";

export interface RealInput {
  readonly vault: Vault;
  readonly manifest: SnapshotManifest;
  readonly keys: ContentKeys;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

export function realLane(ports: Pick<Ports, "clock">, input: RealInput): LaneWork {
  return async (progress) => {
    const { erased } = await openAndCompare(ports, { ...input, ...progress });
    const outcome = { passed: true, code: "drill.passed", compared: progress.seen.compared, restored: 0, refused: 0, erased, differences: [], losses: [], costPoints: 0, plusEstimateMs: 0 };
    return { outcome, through: { kinds: kindsOf(input.manifest), types: [], scanned: 0 } };
  };
}

export function fullLane(ports: Pick<Ports, "sandboxShops" | "scratch" | "clock" | "random">, input: RealInput): LaneWork {
  return async (progress) => ({ outcome: await rehearse(ports, { ...input, ...progress }), through: { kinds: kindsOf(input.manifest), types: [], scanned: 0 } });
}
