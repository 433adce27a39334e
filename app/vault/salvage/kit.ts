/**
 * The recovery program in the vault itself: `recover/<version>-<first 8 digits of the program's digest>/`, with the description of the format, a copy of
 * vault.json, and a manifest with their digests, signed by the vault's key. `recover/README.txt` says, in ten lines, what to do with it.
 */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, missing } from "../errors.ts";
import { DESCRIPTION } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, HostKeys } from "../ports.ts";
import { parseDescription } from "../snapshot/description.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";

export interface RecoveryKit {
  /** The program's version, for example "0.1.0". */
  readonly version: string;
  /** By file name: recover.mjs, FORMAT.md and whatever else belongs to it. README.txt goes to recover/ itself. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const README = "README.txt";
const PROGRAM = "recover.mjs";

const Manifest = z.object({
  format: z.literal(1),
  vaultId: z.string(),
  version: z.string(),
  writtenAt: z.string(),
  files: z.array(z.object({ name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/), size: z.number().int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});
export type RecoveryManifest = z.infer<typeof Manifest>;

export interface PutRecoveryKit {
  readonly store: ObjectStore;
  readonly hostKeys: HostKeys;
  readonly clock: Clock;
  /** Asked only when the vault has no program of this version yet. */
  readonly kit: { readonly version: string; make(): Promise<RecoveryKit> };
}

/** Writes the kit unless the vault has one of this version. Answers its folder and the program's digest when it wrote, else null. Throws StoreError, vault.damaged_object. */
export async function putRecoveryKit({ store, hostKeys, clock, kit }: PutRecoveryKit): Promise<{ folder: string; digest: string } | null> {
  for await (const { key } of store.list(`recover/${kit.version}-`)) if (key.endsWith("/manifest.json")) return null;
  const { version, files } = await kit.make();
  const program = files.get(PROGRAM);
  if (program === undefined) throw new RangeError("a recovery kit without its program");
  const description = await store.get(DESCRIPTION);
  if (description === null) throw missing(DESCRIPTION);
  // A copy of what may already be damaged would be worse than none.
  await parseDescription(description);
  const digest = sha256(program);
  const folder = `recover/${version}-${digest.slice(0, 8)}`;
  const content = new Map([...files, [DESCRIPTION, description]]);
  const readme = content.get(README);
  content.delete(README);
  for (const [name, bytes] of content) await putExact(store, `${folder}/${name}`, bytes);
  // Another version may have left other words; either will do at 3 a.m.
  if (readme !== undefined) await store.putIfAbsent(`recover/${README}`, readme);
  const manifest: RecoveryManifest = {
    format: 1,
    vaultId: hostKeys.vaultId,
    version,
    writtenAt: clock.now().toISOString(),
    files: [...content].map(([name, bytes]) => ({ name, size: bytes.length, sha256: sha256(bytes) })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  // Last: a folder without it is one whose writer was interrupted. Two writers at once differ in the time only; the first one stands.
  await store.putIfAbsent(`${folder}/manifest.json`, await signJson(manifest, "holdfast-recovery", hostKeys.signingKey));
  return { folder, digest };
}

/** Folders of kits on the store, oldest version first by name. */
export async function recoveryKits(store: ObjectStore): Promise<string[]> {
  const folders = new Set<string>();
  for await (const { key } of store.list("recover/")) {
    const folder = /^(recover\/[^/]+)\/[^/]+$/.exec(key)?.[1];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders].sort();
}

/** Checks a kit's signature and every file's digest. Throws vault.missing_object, vault.damaged_object naming the file. */
export async function checkRecoveryKit(store: ObjectStore, description: VaultDescription, folder: string): Promise<RecoveryManifest> {
  const name = `${folder}/manifest.json`;
  const bytes = await store.get(name);
  if (bytes === null) throw missing(name);
  const parsed = Manifest.safeParse(await verifySigned(bytes, "holdfast-recovery", description.signingPublicKey, name));
  if (!parsed.success || parsed.data.vaultId !== description.vaultId) throw damaged(name, "it is no recovery manifest of this vault");
  for (const file of parsed.data.files) {
    const there = await store.get(`${folder}/${file.name}`);
    if (there === null) throw missing(`${folder}/${file.name}`);
    if (there.length !== file.size || sha256(there) !== file.sha256) throw damaged(`${folder}/${file.name}`, "its digest is not the one that was signed");
  }
  return parsed.data;
}
