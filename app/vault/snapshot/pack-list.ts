/** The list of packs a snapshot needs: a clear object, so that checks and collection need no key (docs/design.md 2.5). */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { damaged, missing } from "../errors.ts";
import { treeKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { PutObject } from "../tree/blocks.ts";
import type { PackInfo, SnapshotManifest } from "../types.ts";

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();
/** After the pack's id in the names of its search parts. */
export const SearchNames = z.array(z.string().regex(/^0\.[0-9a-f]{32}$/)).max(255);
const Head = z.object({ format: z.literal(1), type: z.literal("pack-list"), vault: z.string(), count: Count });
const Line = z.object({ id: Digest, size: Count, keyId: z.string().regex(/^[0-9a-f]{32}$/), keyDigest: Digest, records: Count, live: Count, search: SearchNames.optional() });

export async function writePackList(packs: readonly PackInfo[], vaultId: string, put: PutObject): Promise<SnapshotManifest["packs"]> {
  const lines = [{ format: 1, type: "pack-list", vault: vaultId, count: packs.length }, ...packs];
  const bytes = Buffer.from(lines.map((line) => JSON.stringify(line) + "\n").join(""), "utf8");
  const object = sha256(bytes);
  await put(treeKey(object), bytes);
  return { object, size: bytes.length, count: packs.length, bytes: packs.reduce((sum, pack) => sum + pack.size, 0) };
}

export function parsePackList(bytes: Uint8Array, manifest: Pick<SnapshotManifest, "packs" | "vaultId">): PackInfo[] {
  const name = treeKey(manifest.packs.object);
  if (sha256(bytes) !== manifest.packs.object) throw damaged(name, "its digest is not its name");
  try {
    const lines = Buffer.from(bytes).toString("utf8").split("\n");
    if (lines.pop() !== "") throw new TypeError("no line end");
    const head = Head.parse(JSON.parse(lines.shift() ?? ""));
    const packs = lines.map((line) => Line.parse(JSON.parse(line)));
    if (head.vault !== manifest.vaultId || head.count !== packs.length || manifest.packs.count !== packs.length) throw new TypeError("count or vault differ");
    return packs;
  } catch (cause) {
    throw damaged(name, "it is no pack list of this snapshot", cause);
  }
}

export async function readPackList(store: ObjectStore, manifest: SnapshotManifest): Promise<PackInfo[]> {
  const name = treeKey(manifest.packs.object);
  const bytes = await store.get(name);
  if (bytes === null) throw missing(name);
  return parsePackList(bytes, manifest);
}
