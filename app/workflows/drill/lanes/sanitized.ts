/**
 * The newest snapshot with nobody recognisable in it, put through a whole restore. Every record is opened in this process, made into another (app/phi), looked through for what
 * identified anybody, and only then written into a scratch vault of the run's own. A record with anything left in it ends the lane before a shop has seen any.
 */
import { hkdfSync } from "node:crypto";
import { residue, sanitizer, type PhiRecord } from "#app/phi/index.ts";
import { contentKeys, createVault, openVault, type ContentKeys, type HostKeys, type SnapshotManifest, type SourceRecord, type Vault } from "#app/vault/index.ts";
import type { Ports, RunProgress } from "../../ports.ts";
import { RunFailed } from "../../shared/failure.ts";
import { rehearse, timedStep } from "../rehearse.ts";
import { restorable } from "../restorable.ts";
import { kindsOf, type LaneWork } from "./lane.ts";

export type SanitizedPorts = Pick<Ports, "sandboxShops" | "scratch" | "clock" | "random">;

export interface SanitizedInput {
  readonly vault: Vault;
  readonly hostKeys: HostKeys;
  readonly manifest: SnapshotManifest;
  readonly keys: ContentKeys;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

export function sanitizedLane(ports: SanitizedPorts, { vault, hostKeys, manifest, keys, signal, onProgress }: SanitizedInput): LaneWork {
  return async ({ steps, seen }) => {
    const scratch = await ports.scratch.open();
    try {
      const { clock, random } = ports;
      const { store, directory } = scratch;
      const types = new Set<string>();
      let scanned = 0;
      const made = await timedStep(clock, { steps, onProgress }, "sanitize", async () => {
        const own = await createVault({ store, recipients: [scratch.recipient], clock, random });
        const copy = await openVault({ store, hostKeys: own.hostKeys, clock, random, scratchDirectory: directory });
        const writer = await copy.beginSnapshot({ source: { type: "drill", name: "sanitized" }, orderedKinds: new Set(manifest.orderedKinds) });
        const asOf = new Date(manifest.takenAt);
        const { family } = sanitizer({ key: pseudonymKey(hostKeys), asOf });
        try {
          const reader = restorable(vault.read(manifest, keys), await vault.tombstones());
          for await (const records of families(reader.records({ order: "key" }))) {
            signal.throwIfAborted();
            const sanitized = family(records);
            const [left] = residue(records, sanitized, { asOf });
            // Kind, field and sort of identifier: all that may be said of it.
            if (left !== undefined) throw new RunFailed("drill.identifiers_left", `a sanitized record still has a ${left.identifier} in ${left.kind}.${left.path}`);
            for (const { kind, fields } of sanitized) if (kind === "Metafield" && typeof fields["type"] === "string") types.add(fields["type"]);
            await writer.write(sanitized.map(recordOf), "sanitized");
            scanned += sanitized.length;
            onProgress({ step: "sanitize", records: scanned, expected: manifest.records });
          }
          return { copy, manifest: (await writer.commit()).manifest };
        } catch (error) {
          await writer.abort();
          throw error;
        }
      });
      const outcome = await rehearse(ports, { vault: made.copy, manifest: made.manifest, keys: contentKeys(store, scratch.opener), signal, steps, seen, onProgress });
      return { outcome, through: { kinds: kindsOf(made.manifest), types: [...types].sort(), scanned } };
    } finally {
      await scratch.remove();
    }
  };
}

/** Of this vault and of no other use. The host has it, as it has the key it follows from; without it nobody gets from a pseudonym to a guess. */
function pseudonymKey({ indexKey, vaultId }: HostKeys): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", indexKey, Buffer.from(vaultId, "hex"), "holdfast pseudonym v1", 32));
}

/** Each root with its descendants, in key order. */
async function* families(batches: AsyncIterable<readonly SourceRecord[]>): AsyncGenerator<PhiRecord[]> {
  let family: PhiRecord[] = [];
  for await (const batch of batches) {
    for (const record of batch) {
      if (record.parentId === null && family.length > 0) {
        yield family;
        family = [];
      }
      family.push(parsed(record));
    }
  }
  if (family.length > 0) yield family;
}

function parsed({ kind, id, parentId, bytes }: SourceRecord): PhiRecord {
  return { kind, id, parentId, fields: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as PhiRecord["fields"] };
}

function recordOf({ kind, id, parentId, fields }: PhiRecord): SourceRecord {
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify(fields), "utf8") };
}
