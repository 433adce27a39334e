/** Checks a vault and trusts nothing: docs/design.md 6 says what is checked with which keys, and names the findings. */
import { tmpdir } from "node:os";
import { sha256 } from "../crypto/digest.ts";
import { publicHalf } from "../crypto/jwk.ts";
import { VaultError } from "../errors.ts";
import { DESCRIPTION, MANIFEST_NAME, packKey, packSecretKey, promisedDigest, recipientsSequenceOf, searchPartOf, treeKey, wrappedKeyOf } from "../format/names.ts";
import { StoreError } from "../object-store.ts";
import type { ObjectStore } from "../object-store.ts";
import type { HostKeys, KeyOpener } from "../ports.ts";
import { checkJournal, checkJournalEntries } from "../journal/check.ts";
import type { CheckedJournal } from "../journal/check.ts";
import type { JournalHead } from "../journal/types.ts";
import { hasParity } from "../repair/parity-store.ts";
import { damagedCertificates } from "../retention/certificate.ts";
import { readDrillObjects } from "../attest/drills.ts";
import { readHolds } from "../retention/holds.ts";
import { readRequests } from "../retention/requests.ts";
import { damagedRestoreObjects } from "../restores/objects.ts";
import { damagedLists, readPrunes } from "../retention/prunes.ts";
import { readRosterObjects } from "../roster/roster.ts";
import { readRedactions } from "../retention/redactions.ts";
import type { Redactions } from "../retention/redactions.ts";
import { Scratch } from "../scratch/scratch.ts";
import { contentKeys, openIndexKey } from "../snapshot/content-keys.ts";
import { parseDescription } from "../snapshot/description.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import { parsePackList } from "../snapshot/pack-list.ts";
import type { TermSource } from "../search/terms.ts";
import type { PackInfo, SnapshotManifest, VaultDescription, VerifyProgress, VerifyReport } from "../types.ts";
import { Audit, faultOf } from "./audit.ts";
import type { PackLists } from "./audit.ts";
import { checkIndex } from "./check-index.ts";
import { checkKeys } from "./check-keys.ts";
import { checkParity } from "./check-parity.ts";
import { checkSearch } from "./check-search.ts";
import type { SearchedBy } from "./check-search.ts";
import { SearchCheck } from "./check-search-records.ts";
import { RecordCheck } from "./check-records.ts";

export interface VerifyOptions {
  readonly store: ObjectStore;
  /** Read every byte of every pack. Without it, packs are checked for presence and size only. */
  readonly readData: boolean;
  /** Adds: every index block opens, and counts and roots are recomputed. */
  readonly hostKeys?: HostKeys;
  /** Adds: every record is opened and its digest recomputed. Implies that packs are read. */
  readonly opener?: KeyOpener;
  /** Adds, with an opener: what packs are searched by is made again from their records and compared. */
  readonly terms?: TermSource;
  /** For sealed files when records are checked. Default: the system's own directory for such. */
  readonly scratchDirectory?: string;
  /** That open packs when records are checked. Default: as many as pay for themselves. 0: none. */
  readonly threads?: number;
  /** A segment of the journal that is known from elsewhere to have been written: that it is gone is a finding. */
  readonly journal?: JournalHead;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** Faults are findings, never exceptions; throws StoreError when the store cannot be read. */
export async function verifyVault(options: VerifyOptions): Promise<VerifyReport> {
  const audit = new Audit(options.store, options.onProgress);
  const sizes = new Map<string, number>();
  for await (const { key, size } of options.store.list("")) sizes.set(key, size);
  const report = (more: Partial<VerifyReport> = {}): VerifyReport => ({
    ok: audit.findings.length === 0,
    findings: audit.findings,
    orphans: [],
    snapshots: 0,
    objects: sizes.size,
    bytesRead: audit.bytesRead,
    recordsChecked: 0,
    ...more,
  });
  const description = await checkDescription(audit, options.hostKeys);
  if (description === null) return report();
  const erasures = await checkErasures(audit, description);
  const manifests = await checkManifests(audit, sizes, description, erasures.expired);
  const lists = await checkPackLists(audit, sizes, manifests);
  const journal = await checkJournal(audit, sizes, description, options.journal);
  const { named, keyObjects, searchedBy } = await checkObjects(audit, sizes, { description, manifests, lists, journal, redactions: erasures.redactions, readPacks: options.readData || options.opener !== undefined });
  // They are named by their numbers alone, and their parity is theirs.
  for (const key of sizes.keys()) if (/^(?:redactions|drills|holds)\//.test(key)) named.add(key);
  await checkParity(audit, sizes, named, description.parity === true, options.readData);
  const orphans = checkNames(audit, sizes, named);
  const indexKey = await findIndexKey(audit, options, description);
  if (indexKey === null) return report({ snapshots: manifests.length, orphans });
  const keys = { vaultId: Buffer.from(description.vaultId, "hex"), indexKey };
  if (options.opener === undefined) {
    await checkIndex(audit, keys, manifests, lists);
    await checkJournalEntries(audit, journal, keys, null, erasures.redactions);
    return report({ snapshots: manifests.length, orphans });
  }
  const scratch = new Scratch(options.scratchDirectory ?? tmpdir());
  const content = contentKeys(options.store, options.opener);
  const search = options.terms === undefined ? null : new SearchCheck({ audit, vaultId: keys.vaultId, content, terms: options.terms, searchedBy });
  const check = new RecordCheck({ audit, keys, content, lists, redactions: erasures.redactions, scratch, keyObjects, search, threads: options.threads });
  try {
    await checkIndex(audit, keys, manifests, lists, check.onEntry);
    await check.run();
  } finally {
    await check.close();
    await scratch.remove();
  }
  const inJournal = await checkJournalEntries(audit, journal, keys, content, erasures.redactions, keyObjects);
  await search?.rest();
  return report({ snapshots: manifests.length, orphans, recordsChecked: check.records + inJournal });
}

/** What was erased or pruned on purpose, signed: what is not there because of it is not missing. */
async function checkErasures(audit: Audit, description: VaultDescription): Promise<{ redactions: Redactions; expired: ReadonlyMap<string, string> }> {
  const redactions = await readRedactions(audit.store, description);
  const prunes = await readPrunes(audit.store, description);
  const holds = await readHolds(audit.store, description);
  for (const object of redactions.damaged) audit.find("redaction.damaged", object, "it is not what the vault's key signed");
  for (const object of redactions.missing) audit.find("redaction.missing", object, "later redactions were written after it");
  for (const object of prunes.damaged) audit.find("prune.damaged", object, "it is not what the vault's key signed");
  for (const object of prunes.missing) audit.find("prune.missing", object, "later prunes were written after it");
  for (const object of holds.damaged) audit.find("hold.damaged", object, "it is not what the vault's key signed");
  for (const object of await damagedCertificates(audit.store, description)) audit.find("certificate.damaged", object, "it is not what the vault's key signed; erasing the same records again issues another");
  for (const object of await damagedLists(audit.store)) audit.find("doomed.damaged", object, "its digest is not its name; nothing is removed on its word, and the next prune makes another");
  for (const object of (await readRequests(audit.store, description, null)).damaged) audit.find("request.damaged", object, "it is not what the vault's key signed");
  for (const object of await damagedRestoreObjects(audit.store, description)) audit.find("restore.damaged", object, "it is not what the vault's key signed");
  const rosters = await readRosterObjects(audit.store, description);
  for (const object of rosters.damaged) audit.find("roster.damaged", object, "it is not what the vault's key signed for this number; write another");
  for (const object of rosters.missing) audit.find("roster.missing", object, "later rosters were written after it");
  for (const object of (await readDrillObjects(audit.store, description)).damaged) audit.find("drill.damaged", object, "it is not what the vault's key signed");
  return { redactions, expired: prunes.expired };
}

async function checkDescription(audit: Audit, hostKeys: HostKeys | undefined): Promise<VaultDescription | null> {
  const bytes = await audit.read(DESCRIPTION);
  let description: VaultDescription | null = null;
  if (bytes === null) audit.find("description.missing", DESCRIPTION);
  else {
    try {
      description = await parseDescription(bytes);
    } catch (error) {
      audit.find("description.damaged", DESCRIPTION, faultOf(error).message);
    }
  }
  if (description !== null && hostKeys !== undefined && description.vaultId !== hostKeys.vaultId) {
    audit.find("description.other_vault", DESCRIPTION, `the host's keys are for vault ${hostKeys.vaultId}, this says it is ${description.vaultId}`);
    return null;
  }
  if (description === null && hostKeys !== undefined) {
    // With the host's keys the rest can be checked without it.
    return { format: 1, vaultId: hostKeys.vaultId, createdAt: "", recipients: [], signingPublicKey: publicHalf(hostKeys.signingKey), suite: "A256GCM-HS256-HKDF256-ED25519", indexKeyObject: "", indexKeyDigest: "" };
  }
  return description;
}

/** `expired`: digests of the manifests that a signed prune removed, by snapshot id. */
async function checkManifests(audit: Audit, sizes: ReadonlyMap<string, number>, description: VaultDescription, expired: ReadonlyMap<string, string>): Promise<SnapshotManifest[]> {
  const names = [...sizes.keys()].filter((key) => MANIFEST_NAME.test(key)).sort();
  const byId = new Map<string, SnapshotManifest>();
  for (const [i, name] of names.entries()) {
    const bytes = await audit.read(name);
    try {
      if (bytes === null) throw new VaultError("vault.missing_object", "it was listed but is not there");
      const manifest = await parseManifest(bytes, name, description);
      byId.set(manifest.snapshotId, manifest);
    } catch (error) {
      audit.find("manifest.damaged", name, faultOf(error).message);
    }
    audit.progress("snapshots", i + 1, names.length);
  }
  const damagedIds = new Set(names.map((name) => MANIFEST_NAME.exec(name)?.[1] ?? ""));
  for (const manifest of byId.values()) {
    const { parent } = manifest;
    if (parent === null) {
      if (manifest.sequence !== 1) audit.find("manifest.parent_mismatch", manifest.objectKey, "it names no parent and is not the first");
      continue;
    }
    const found = byId.get(parent.snapshotId);
    if (found === undefined) {
      if (!damagedIds.has(parent.snapshotId) && expired.get(parent.snapshotId) !== parent.digest) audit.find("manifest.parent_missing", manifest.objectKey, `its parent ${parent.snapshotId} is gone`);
    } else if (found.digest !== parent.digest || manifest.sequence !== found.sequence + 1 || manifest.takenAt <= found.takenAt) {
      audit.find("manifest.parent_mismatch", manifest.objectKey, `its parent ${parent.snapshotId} is not the object it was written after`);
    }
  }
  return [...byId.values()];
}

async function checkPackLists(audit: Audit, sizes: ReadonlyMap<string, number>, manifests: readonly SnapshotManifest[]): Promise<PackLists> {
  const lists = new Map<string, readonly PackInfo[]>();
  for (const manifest of manifests) {
    const name = treeKey(manifest.packs.object);
    if (lists.has(manifest.packs.object) || audit.faulty(name)) continue;
    const bytes = sizes.has(name) ? await audit.read(name) : null;
    if (bytes === null) {
      audit.find("pack_list.missing", name, `snapshot ${manifest.snapshotId} needs it`);
      continue;
    }
    try {
      lists.set(manifest.packs.object, parsePackList(bytes, manifest));
    } catch (error) {
      audit.find("pack_list.damaged", name, faultOf(error).message);
    }
  }
  return lists;
}

interface Needs {
  readonly description: VaultDescription;
  readonly manifests: readonly SnapshotManifest[];
  readonly lists: PackLists;
  readonly journal: CheckedJournal;
  readonly redactions: Redactions;
  readonly readPacks: boolean;
}

/** Digests of the first generation of the content keys that the snapshots need: a redaction brings its own, and may have left none of a run's packs. */
function contentKeysOf(manifests: readonly SnapshotManifest[], lists: PackLists, journal: CheckedJournal, redactions: Redactions): Map<string, string> {
  const needed = new Map<string, string>(journal.keys);
  for (const { keys } of manifests) for (const { id, digest } of keys) needed.set(id, digest);
  if (redactions.size === 0) return needed;
  const used = new Set<string>();
  const replaced = new Set<string>();
  for (const list of [...lists.values(), journal.packs]) {
    for (const pack of list) {
      const replacement = redactions.replacement(pack.id);
      if (replacement !== null) replaced.add(pack.keyId);
      used.add(replacement?.keyId ?? pack.keyId);
      const digest = replacement === null ? undefined : redactions.keys.get(replacement.keyId);
      if (replacement !== null && digest !== undefined) needed.set(replacement.keyId, digest);
    }
  }
  for (const id of replaced) if (!used.has(id)) needed.delete(id);
  return needed;
}

/** Everything a manifest names: there, of the right size, and of the right digest. Answers all names that something names. */
async function checkObjects(audit: Audit, sizes: ReadonlyMap<string, number>, { description, manifests, lists, journal, redactions, readPacks }: Needs): Promise<{ named: Set<string>; keyObjects: ReadonlyMap<string, string>; searchedBy: SearchedBy }> {
  const keys = await checkKeys(audit, sizes, description, manifests, contentKeysOf(manifests, lists, journal, redactions));
  const named = new Set<string>([DESCRIPTION, ...keys.named, ...journal.named]);
  const trees = new Map<string, number>();
  const packs = new Map<string, PackInfo>();
  for (const manifest of manifests) {
    named.add(manifest.objectKey).add(treeKey(manifest.packs.object));
    for (const run of manifest.runs) for (const object of run.objects) trees.set(object.id, object.size);
  }
  for (const list of [journal.packs, ...lists.values()]) for (const pack of list) packs.set(pack.id, pack);
  const searched = new Map<string, readonly string[]>();
  const total = trees.size + keys.named.length + packs.size * 2;
  let done = keys.named.length;
  for (const [id, size] of trees) {
    const name = treeKey(id);
    named.add(name);
    const bytes = sizes.has(name) ? await audit.read(name) : null;
    if (bytes === null) audit.find("tree.missing", name);
    else if (bytes.length !== size || sha256(bytes) !== id) audit.find("tree.damaged", name, `${size} bytes of digest ${id.slice(0, 16)}… were written, ${bytes.length} bytes are there`);
    audit.progress("objects", ++done, total);
  }
  for (const listed of packs.values()) {
    // What a redaction has rewritten is checked in its place; of the pack that was erased nothing need be left.
    const replacement = redactions.replacement(listed.id);
    const pack = { ...listed, ...replacement };
    searched.set(pack.id, (replacement ?? listed).search ?? []);
    const secret = packSecretKey(pack.id);
    named.add(packKey(pack.id)).add(secret);
    const wrapped = sizes.has(secret) ? await audit.read(secret) : null;
    if (wrapped === null) audit.find("pack_key.missing", secret, `pack ${pack.id.slice(0, 16)}… cannot be opened without it`);
    else if (sha256(wrapped) !== pack.keyDigest) audit.find("pack_key.damaged", secret);
    audit.progress("objects", ++done, total);
    await checkPack(audit, sizes, pack, readPacks);
    audit.progress("objects", ++done, total);
  }
  const searchedBy = await checkSearch(audit, sizes, searched, named, readPacks);
  return { named, keyObjects: keys.objects, searchedBy };
}

async function checkPack(audit: Audit, sizes: ReadonlyMap<string, number>, pack: PackInfo, read: boolean): Promise<void> {
  const name = packKey(pack.id);
  const size = sizes.get(name);
  if (size === undefined) audit.find("pack.missing", name, `${pack.live} records are lost`);
  else if (size !== pack.size) audit.find("pack.damaged", name, `${pack.size} bytes were written, ${size} are there`);
  else if (read) {
    const digest = await audit.digestOf(name, size);
    if (digest === null) audit.find("pack.missing", name, `${pack.live} records are lost`);
    else if (digest !== pack.id) audit.find("pack.damaged", name, "its digest is not its name");
  }
}

/** Names in the vault's own folders that nothing names: orphans of interrupted runs and of rotations, or strangers. */
function checkNames(audit: Audit, sizes: ReadonlyMap<string, number>, named: ReadonlySet<string>): string[] {
  const orphans: string[] = [];
  for (const key of sizes.keys()) {
    if (named.has(key) || audit.faulty(key) || !/^(?:packs|search|tree|keys|recipients|snapshots|parity)\//.test(key)) continue;
    // Parity of what nothing names is left over as that is.
    const known = (key.startsWith("parity/") && hasParity(key.slice("parity/".length))) || promisedDigest(key) !== null || searchPartOf(key) !== null || (key.endsWith(".key") && promisedDigest(key.slice(0, -4)) !== null) || wrappedKeyOf(key) !== null || /^recipients\/keys-[0-9a-f]{64}$/.test(key) || recipientsSequenceOf(key) !== null || MANIFEST_NAME.test(key);
    if (known) orphans.push(key);
    else audit.find("object.unknown", key, "no program of ours writes such a name here");
  }
  return orphans;
}

async function findIndexKey(audit: Audit, options: VerifyOptions, description: VaultDescription): Promise<Uint8Array | null> {
  if (options.opener === undefined || description.indexKeyObject === "") return options.hostKeys?.indexKey ?? null;
  const name = description.indexKeyObject;
  try {
    const wrapped = audit.faulty(name) ? null : await openIndexKey(options.store, options.opener, description);
    if (wrapped !== null && options.hostKeys !== undefined && Buffer.compare(wrapped, options.hostKeys.indexKey) !== 0) audit.find("key.damaged", name, "it wraps another key than the host has");
    return options.hostKeys?.indexKey ?? wrapped;
  } catch (error) {
    if (error instanceof VaultError && error.code === "vault.no_key") audit.find("key.unopenable", name, "this identity is not a recipient");
    else if (error instanceof StoreError) throw error;
    else audit.find("key.damaged", (error instanceof VaultError ? error.object : undefined) ?? name, error instanceof VaultError ? error.message : "it does not open");
    return options.hostKeys?.indexKey ?? null;
  }
}
