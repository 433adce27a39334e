/** Manifests: the signed objects that make snapshots exist (docs/design.md 2.6). */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, VaultError } from "../errors.ts";
import { manifestKey } from "../format/names.ts";
import type { Jwk } from "../ports.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const KeyId = z.string().regex(/^[0-9a-f]{32}$/);
const SnapshotId = z.string().regex(/^[0-9a-f]{16}$/);
const Count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const Time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const Block = z.object({ object: Count, block: Count, offset: Count, length: Count });
const Run = z.object({
  id: Digest,
  entries: Count.min(1),
  removals: Count,
  leaves: Count.min(1),
  height: Count.max(6),
  objects: z.array(z.object({ id: Digest, size: Count })).min(1),
  root: Block,
  locator: z.object({ height: Count.max(6), leaves: Count.min(1), root: Block, hash: z.literal("half-siphash-2-4").optional() }).nullable(),
});

const GapShape = z.object({
  // Any code of this shape: a later program may know gaps that this one does not.
  code: z.string().regex(/^[a-z]+\.[a-z0-9_]+$/),
  stream: z.string(),
  kind: z.string().optional(),
  line: Count.optional(),
  id: z.string().optional(),
  expected: Count.optional(),
  found: Count.optional(),
  reason: z.string().max(64).optional(),
});

const Manifest = z.object({
  format: z.literal(1),
  vaultId: KeyId,
  snapshotId: SnapshotId,
  sequence: Count.min(1),
  takenAt: Time,
  startedAt: Time,
  source: z.object({ type: z.string(), name: z.string(), apiVersion: z.string().optional() }),
  root: Digest,
  records: Count,
  complete: z.boolean(),
  kinds: z.record(z.string(), z.object({ records: Count, expected: Count.optional(), at: z.string().optional() })),
  gaps: z.array(GapShape).max(1000),
  gapCount: Count,
  added: Count,
  changed: Count,
  removed: Count,
  unchanged: Count,
  moved: Count.optional(),
  carried: Count,
  bytesRead: Count,
  bytesWritten: Count,
  parent: z.object({ snapshotId: SnapshotId, digest: Digest }).nullable(),
  checkpoint: z.object({ size: Count, root: z.string() }).nullable(),
  recipients: z.object({ sequence: Count.min(1), digest: Digest }).optional(),
  keys: z.array(z.object({ id: KeyId, digest: Digest })),
  runs: z.array(Run),
  packs: z.object({ object: Digest, size: Count, count: Count, bytes: Count }),
  orderedKinds: z.array(z.string()),
});

/** What is signed: a manifest without what follows from its bytes. */
export type ManifestPayload = Omit<SnapshotManifest, "keyIds" | "objectKey" | "digest">;

export async function signManifest(payload: ManifestPayload, signingKey: Jwk): Promise<{ manifest: SnapshotManifest; bytes: Buffer }> {
  const bytes = await signJson(payload, "holdfast-snapshot", signingKey);
  return { manifest: complete(payload, bytes), bytes };
}

function complete(payload: ManifestPayload, bytes: Uint8Array): SnapshotManifest {
  return { ...payload, keyIds: payload.keys.map((key) => key.id), objectKey: manifestKey(payload.takenAt, payload.snapshotId), digest: sha256(bytes) };
}

/** Throws vault.damaged_object unless the vault's key signed these bytes for this name. */
export async function parseManifest(bytes: Uint8Array, objectKey: string, description: VaultDescription): Promise<SnapshotManifest> {
  const payload = await verifySigned(bytes, "holdfast-snapshot", description.signingPublicKey, objectKey);
  const format = (payload as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > 1) throw new VaultError("vault.unsupported_format", `${objectKey} is of format ${format}; this program reads format 1`, { object: objectKey });
  const parsed = Manifest.safeParse(payload);
  if (!parsed.success) throw damaged(objectKey, "it lacks what a manifest has", parsed.error);
  const manifest = complete(parsed.data as ManifestPayload, bytes);
  if (manifest.vaultId !== description.vaultId) throw damaged(objectKey, "it belongs to another vault");
  if (manifest.objectKey !== objectKey) throw damaged(objectKey, "its name does not follow from its contents");
  return manifest;
}
