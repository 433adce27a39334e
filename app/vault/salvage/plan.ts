/** What to recover from: the description or a copy, the manifest asked for, and the packs in the order they were written as far as that is known. */
import { vaultIdOf } from "../crypto/jwk.ts";
import { VaultError } from "../errors.ts";
import { DESCRIPTION, MANIFEST_NAME, treeKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { parseDescription } from "../snapshot/description.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import { parsePackList } from "../snapshot/pack-list.ts";
import type { PackInfo, SnapshotManifest, VaultDescription } from "../types.ts";
import type { Erasures } from "./erasures.ts";
import { faultOf, type Findings } from "./findings.ts";

/** A readable manifest, cut down to what ordering takes. */
interface Known {
  readonly name: string;
  readonly packs: SnapshotManifest["packs"];
  readonly vaultId: string;
}

export interface Plan {
  readonly manifest: SnapshotManifest | null;
  readonly unreadableSnapshots: readonly string[];
  /** To be read in this order. */
  readonly packs: readonly PlannedPack[];
}

export interface PlannedPack {
  /** As the index names it. */
  readonly id: string;
  /** As it lies on the store: itself, or what a redaction put in its place. */
  readonly stored: string;
  /** Named by the snapshot's own signed list of packs. */
  readonly listed: PackInfo | null;
  /** False: the index does not know it by this name. */
  readonly mayBelong: boolean;
}

/** vault.json, or, when that is damaged, the first copy beside a recovery program that holds. Null when none is left. */
export async function findDescription(store: ObjectStore, findings: Findings, vaultId: string | undefined): Promise<VaultDescription | null> {
  const copies: string[] = [];
  for await (const { key } of store.list("recover/")) if (key.endsWith(`/${DESCRIPTION}`)) copies.push(key);
  for (const name of [DESCRIPTION, ...copies.sort().reverse()]) {
    try {
      const bytes = await store.get(name);
      if (bytes === null) findings.add("description.missing", name);
      else {
        const description = await parseDescription(bytes);
        if (vaultId === undefined || (await vaultIdOf(description.signingPublicKey)) === vaultId) return description;
        findings.add("description.damaged", name, `it describes vault ${description.vaultId}; ${vaultId} was asked for`);
      }
    } catch (error) {
      if (error instanceof VaultError && error.code === "vault.unsupported_format") throw error;
      const fault = faultOf(error, name);
      findings.add(fault.unreadable ? "object.unreadable" : "description.damaged", name, fault.message);
    }
  }
  return null;
}

/** Throws vault.no_such_snapshot, vault.ambiguous_snapshot for a name that nothing on the store answers to, damaged manifests included. */
export async function makePlan(store: ObjectStore, findings: Findings, description: VaultDescription | null, erasures: Erasures, reference: string): Promise<Plan> {
  const names: string[] = [];
  for await (const { key } of store.list("snapshots/")) if (MANIFEST_NAME.test(key)) names.push(key);
  names.sort();
  const known: Known[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    const manifest = await readManifest(store, findings, description, name);
    if (manifest === null) unreadable.push(name);
    else known.push({ name, packs: manifest.packs, vaultId: manifest.vaultId });
  }
  const { ids: onStore, openable } = await packsOnStore(store, erasures);
  const wanted = choose(reference, names, unreadable, onStore.length > 0);
  const manifest = wanted === null ? null : await readManifest(store, findings, description, wanted);
  const list = manifest === null ? null : await packList(store, findings, manifest);
  const newerUnreadable = unreadable.some((name) => manifest === null || (reference.startsWith("latest") && name > manifest.objectKey));

  const listed = new Map((list ?? []).map((pack) => [pack.id, pack]));
  const packs = [...listed.values()].map((pack): PlannedPack => ({ id: pack.id, stored: erasures.packFor(pack.id), listed: pack, mayBelong: true }));
  const there = new Set(onStore);
  // A pack that is gone may lie there under another name: put in its place by a redaction whose record is gone too.
  const someGone = list?.some((pack) => !openable.has(pack.id)) === true;
  if (list === null || newerUnreadable || someGone) {
    const elsewhere = new Set<string>();
    for (const other of known) if (other.name !== manifest?.objectKey) for (const pack of (await packList(store, findings, other)) ?? []) elsewhere.add(pack.id);
    // With the snapshot's own list at hand, only packs that no readable snapshot names can be what is missing.
    const rest = list === null ? [...[...elsewhere].filter((id) => there.has(id)), ...onStore.filter((id) => !elsewhere.has(id))] : onStore.filter((id) => !elsewhere.has(id));
    for (const id of rest) if (!listed.has(id)) packs.push({ id, stored: erasures.packFor(id), listed: null, mayBelong: list === null });
  }
  return { manifest, unreadableSnapshots: unreadable.reverse(), packs };
}

async function readManifest(store: ObjectStore, findings: Findings, description: VaultDescription | null, name: string): Promise<SnapshotManifest | null> {
  // Without a description nothing says whose signature to believe.
  if (description === null) return null;
  try {
    const bytes = await store.get(name);
    if (bytes !== null) return await parseManifest(bytes, name, description);
    findings.add("manifest.missing", name);
  } catch (error) {
    if (error instanceof VaultError && error.code === "vault.unsupported_format") throw error;
    findings.fault(error, name);
  }
  return null;
}

/** The name of a readable manifest; null when only unreadable ones answer, or there is none and packs are left. */
function choose(reference: string, names: readonly string[], unreadable: readonly string[], packs: boolean): string | null {
  const readable = names.filter((name) => !unreadable.includes(name));
  const relative = /^latest(?:~(\d{1,6}))?$/.exec(reference);
  if (relative !== null) {
    const found = readable.at(-1 - Number(relative[1] ?? 0));
    if (found !== undefined) return found;
    if (unreadable.length > 0 || (packs && names.length === 0)) return null;
    throw new VaultError("vault.no_such_snapshot", `there is no snapshot ${reference}`);
  }
  const start = MANIFEST_NAME.exec(reference)?.[1] ?? reference;
  if (!/^[0-9a-f]{1,16}$/.test(start)) throw new VaultError("vault.no_such_snapshot", "a snapshot is named by latest, latest~N, or its id");
  const matches = names.filter((name) => (MANIFEST_NAME.exec(name)?.[1] ?? "").startsWith(start));
  if (matches.length > 1) throw new VaultError("vault.ambiguous_snapshot", `${matches.length} snapshots have ids that start with ${start}`);
  if (matches[0] === undefined) throw new VaultError("vault.no_such_snapshot", `there is no snapshot ${start}`);
  return unreadable.includes(matches[0]) ? null : matches[0];
}

async function packList(store: ObjectStore, findings: Findings, manifest: Pick<SnapshotManifest, "packs" | "vaultId">): Promise<PackInfo[] | null> {
  const name = treeKey(manifest.packs.object);
  try {
    const bytes = await store.get(name);
    if (bytes !== null) return parsePackList(bytes, manifest);
    findings.add("pack_list.missing", name);
  } catch (error) {
    const fault = faultOf(error, name);
    findings.add(fault.unreadable ? "object.unreadable" : "pack_list.damaged", name, fault.message);
  }
  return null;
}

/** As the index names them; `openable`: those whose key is there too. */
async function packsOnStore(store: ObjectStore, erasures: Erasures): Promise<{ ids: string[]; openable: Set<string> }> {
  const ids = new Set<string>();
  const keyed = new Set<string>();
  for await (const { key } of store.list("packs/")) {
    const match = /^packs\/([0-9a-f]{2})\/(\1[0-9a-f]{62})(\.key)?$/.exec(key);
    if (match !== null) (match[3] === undefined ? ids : keyed).add(erasures.originOf(match[2] as string));
  }
  return { ids: [...ids], openable: new Set([...ids].filter((id) => keyed.has(id))) };
}
