/**
 * The lane that anybody may run at any time: a sandbox shop with made-up records of every kind and a value of every type, in the shape of the real shop's configuration, is
 * copied into a scratch vault sealed to a key of this run's own, opened, put into a second, empty sandbox shop and compared. No key of the merchant's is asked for and no record
 * of the merchant's is read.
 */
import { detectIn, isSynthetic } from "#app/phi/index.ts";
import { contentKeys, createVault, openVault, type SourceRecord } from "#app/vault/index.ts";
import type { Ports, RunProgress } from "../../ports.ts";
import { RunFailed } from "../../shared/failure.ts";
import { copySource } from "../../snapshot/copy-source.ts";
import { rehearse, timedStep } from "../rehearse.ts";
import { kindsOf, type LaneWork, type Through } from "./lane.ts";

export type SyntheticPorts = Pick<Ports, "sandboxShops" | "scratch" | "clock" | "random" | "platforms">;

export interface SyntheticInput {
  readonly shop: string;
  /** Names the run: each has data of its own. */
  readonly seed: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

export function syntheticLane(ports: SyntheticPorts, { shop, seed, signal, onProgress }: SyntheticInput): LaneWork {
  return async ({ steps, seen }) => {
    const scratch = await ports.scratch.open();
    try {
      const { clock, random } = ports;
      const { store, directory } = scratch;
      const known = (await ports.platforms?.get(shop))?.surroundings.definitions ?? [];
      const definitions = known.filter(({ readable }) => readable).map(({ owner, namespace, key, type }) => ({ owner, namespace, key, type }));
      const scan = { scanned: 0 };
      const { vault, manifest, types } = await timedStep(clock, { steps, onProgress }, "make", async () => {
        const filled = await ports.sandboxShops.startFilled(signal, { seed, definitions });
        try {
          const { hostKeys } = await createVault({ store, recipients: [scratch.recipient], clock, random });
          const made = await openVault({ store, hostKeys, clock, random, scratchDirectory: directory });
          const summary = await copySource({
            vault: made,
            source: filled.source,
            checkpoint: null,
            signal,
          });
          if (summary.manifest.gapCount > 0) throw new RunFailed("drill.not_made", "the synthetic shop could not be read whole");
          for await (const batch of made.read(summary.manifest, contentKeys(store, scratch.opener)).records()) for (const record of batch) check(record, scan);
          return { vault: made, manifest: summary.manifest, types: filled.types };
        } finally {
          await filled.stop();
        }
      });
      const outcome = await rehearse(ports, { vault, manifest, keys: contentKeys(store, scratch.opener), signal, steps, seen, onProgress });
      const through: Through = { kinds: kindsOf(manifest), types: [...types].sort(), scanned: scan.scanned };
      return { outcome, through };
    } finally {
      await scratch.remove();
    }
  };
}

/** Of what is made up every address and number is one that is set aside for examples; else somebody's may have got in. */
const SOMEBODYS = new Set(["email", "phone", "fax", "ssn", "ip", "url", "account", "health_plan"]);

function check({ kind, bytes, parentId }: SourceRecord, scan: { scanned: number }): void {
  const fields: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  scan.scanned++;
  if (parentId === null && kind === "Customer" && !isSynthetic(fields)) throw new RunFailed("drill.not_synthetic", "a record of the synthetic shop does not say that it is made up");
  const found = detectIn(fields, { skip: (path, text) => /^gid:/.test(text) || /(?:^|\.)(?:base64|sha256|pieces\[\])$/.test(path) }).find(({ identifier }) => SOMEBODYS.has(identifier));
  if (found !== undefined) throw new RunFailed("drill.not_synthetic", `a record of the synthetic shop has what looks like somebody's ${found.identifier} in ${kind}.${found.path}`);
}
