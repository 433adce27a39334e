/** Mends what can be mended, from parity, a second store, or by search; says what could not be. Takes no key (docs/design.md 2.7). */
import { DESCRIPTION, lockClassOf } from "../format/names.ts";
import { OBJECT_KEY, StoreError } from "../object-store.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Finding, VerifyProgress, VerifyReport } from "../types.ts";
import { verifyVault } from "../verify/verify.ts";
import { Expectations } from "./expectations.ts";
import { findGood, isVaultFault, replace, spareKey } from "./mend.ts";
import type { MendedBy } from "./mend.ts";
import { encodeParity, readParity } from "./parity.ts";
import { hasParity, parityKey } from "./parity-store.ts";

export interface RepairVault {
  readonly store: ObjectStore;
  /** A copy of the same vault; only read. */
  readonly from?: ObjectStore;
  /** Write the parity that is not there, for vaults made without it too. */
  readonly addParity?: boolean;
  /** Known from elsewhere: another vault's description is not taken for this one's. */
  readonly vaultId?: string;
  /** Faults that others found, such as snapshots that the ledger names and the store lacks (`snapshots/*-<id>`). */
  readonly also?: readonly Pick<Finding, "object">[];
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface RepairReport {
  readonly mended: readonly { readonly object: string; readonly by: MendedBy | "encoded" }[];
  /** Findings that stand after everything was tried. */
  readonly unmended: readonly Finding[];
  /** Objects whose good bytes are known, and which the storage does not let be replaced. */
  readonly refused: readonly { readonly object: string; readonly code: string }[];
  /** Parity objects written where there were none. */
  readonly parityWritten: number;
  /** The verification after it all. */
  readonly report: VerifyReport;
}

/** Each round can only find what the one before made readable: description, manifests, pack lists, the rest. One more confirms. */
const ROUNDS = 6;

/** Throws StoreError when a store cannot be read; vault.unsupported_format for a vault of a later format. */
export async function repairVault(options: RepairVault): Promise<RepairReport> {
  const repair = new Repair(options);
  await repair.sweep();
  let report = await repair.round(options.also ?? []);
  for (let i = 1; i < ROUNDS && repair.progressed; i++) report = await repair.round(options.also ?? []);
  if (options.addParity === true) await repair.addParity(new Set(report.findings.map((finding) => finding.object)));
  return { mended: repair.mended, unmended: report.findings, refused: [...repair.refused].map(([object, code]) => ({ object, code })), parityWritten: repair.parityWritten, report };
}

class Repair {
  readonly mended: { object: string; by: MendedBy | "encoded" }[] = [];
  readonly refused = new Map<string, string>();
  parityWritten = 0;
  progressed = false;
  private readonly options: RepairVault;
  private readonly store: ObjectStore;
  private readonly from: ObjectStore | null;
  constructor(options: RepairVault) {
    this.options = options;
    this.store = options.store;
    this.from = options.from ?? null;
  }

  /** Spares of a repair that was broken off: put in place where the object is bad, removed where it is good. */
  async sweep(): Promise<void> {
    const prefix = spareKey("");
    const spares: string[] = [];
    for await (const { key } of this.store.list(prefix)) spares.push(key.slice(prefix.length));
    if (spares.length === 0) return;
    const expectations = await this.expectations();
    for (const key of spares) {
      const there = await this.store.get(key);
      const good = there !== null && (key.startsWith(parityKey("")) ? isWholeParity(there) : await expectations.holds(key, there));
      if (good) await this.store.remove(spareKey(key));
      else await this.mend(key, expectations);
    }
  }

  private expectations(): Promise<Expectations> {
    return Expectations.read(this.store, this.options.vaultId ?? null);
  }

  /** Verifies, and mends what is found. Answers what was found before it mended. */
  async round(also: readonly Pick<Finding, "object">[]): Promise<VerifyReport> {
    this.progressed = false;
    const { onProgress } = this.options;
    const report = await verifyVault({ store: this.store, readData: true, ...(onProgress === undefined ? {} : { onProgress }) });
    const expectations = await this.expectations();
    const objects = new Set([...report.findings.filter(({ code }) => code !== "object.unknown").map((finding) => finding.object), ...also.map((finding) => finding.object)]);
    if (expectations.description === null) objects.add(DESCRIPTION);
    for (const object of await this.brokenRecords(expectations)) objects.add(object);
    // A lock keeps a name's bytes, not its face: a listing does not show what was deleted on top of them.
    for await (const name of this.store.locks?.hidden("") ?? []) if (lockClassOf(name) !== null) objects.add(name);
    // As long as a prune cannot be read, nobody can tell a manifest that was lost from one that was pruned.
    const inDoubt = report.findings.some(({ code }) => code.startsWith("prune."));
    const orphaned = new Set(report.findings.filter(({ code }) => code === "manifest.parent_missing" && !inDoubt).map(({ object }) => object));
    for (const object of [...objects, ...(await this.lostManifests(expectations, objects, orphaned))]) {
      // Some findings are about a class of objects.
      if (!OBJECT_KEY.test(object) || this.refused.has(object)) continue;
      await this.mend(object, expectations);
    }
    return report;
  }

  /** What was signed and is not what it was, whether or not anything depends on it: a certificate is needed by nobody but whoever asks for it. */
  private async brokenRecords(expectations: Expectations): Promise<string[]> {
    const broken: string[] = [];
    if (expectations.description === null) return broken;
    for (const folder of ["redactions/", "prunes/", "holds/", "requests/", "restores/", "recipients/", "drills/", "access/roster/"]) {
      for await (const { key } of this.store.list(folder)) {
        const bytes = await this.store.get(key);
        if (bytes === null || !(await expectations.holds(key, bytes))) broken.push(key);
      }
    }
    return broken;
  }

  /**
   * Names of manifests that are gone: a later one names its parent by id and digest, or the ledger names the id; the whole name is elsewhere.
   * `orphaned`: manifests whose parent is missed. Other parents were pruned, and must not come back.
   */
  private async lostManifests(expectations: Expectations, objects: ReadonlySet<string>, orphaned: ReadonlySet<string>): Promise<string[]> {
    const there = new Set(expectations.manifests.map((manifest) => manifest.snapshotId));
    const missed = expectations.manifests.flatMap(({ objectKey, parent }) => (orphaned.has(objectKey) && parent !== null ? [parent.snapshotId] : []));
    const ids = [...missed, ...[...objects].flatMap((object) => /^snapshots\/\*-([0-9a-f]{16})$/.exec(object)?.[1] ?? [])].filter((id) => !there.has(id));
    if (ids.length === 0) return [];
    const names: string[] = [];
    for await (const { key } of this.store.list(parityKey("snapshots/"))) names.push(key);
    for await (const { key } of this.store.list(spareKey("snapshots/"))) names.push(key.slice(spareKey("").length));
    if (this.from !== null) for await (const { key } of this.from.list("snapshots/")) names.push(key);
    return ids.flatMap((id) => Expectations.nameOf(id, names) ?? []);
  }

  private async mend(object: string, expectations: Expectations): Promise<void> {
    if (object.startsWith(parityKey(""))) {
      await this.encode(object, expectations);
      return;
    }
    const there = await this.store.get(object);
    // A finding that is not about bytes: they are what was written, and nothing here can better them.
    if (there !== null && (await expectations.holds(object, there))) return;
    if (await this.uncover(object, expectations)) return;
    const good = await findGood(object, { store: this.store, from: this.from }, expectations.digestOf(object), (bytes) => expectations.holds(object, bytes));
    if (good !== null) await this.put(object, good.bytes, good.by);
  }

  /** True: the object is there again, or known to be beneath what cannot be taken off it. */
  private async uncover(object: string, expectations: Expectations): Promise<boolean> {
    try {
      if ((await this.store.locks?.bringBack(object, (bytes) => expectations.holds(object, bytes))) !== true) return false;
      this.mended.push({ object, by: "earlier-version" });
      this.progressed = true;
    } catch (error) {
      if (!(error instanceof StoreError) || (error.code !== "store.locked" && error.code !== "store.refused")) throw error;
      this.refused.set(object, error.code);
    }
    return true;
  }

  /** Parity is computed anew, from an object that is good. */
  private async encode(name: string, expectations: Expectations): Promise<void> {
    const key = name.slice(parityKey("").length);
    const bytes = await this.store.get(key);
    if (bytes === null || !hasParity(key) || !(await expectations.holds(key, bytes))) return;
    const parity = encodeParity(bytes);
    const there = await this.store.get(name);
    if (there === null || Buffer.compare(there, parity) !== 0) await this.put(name, parity, "encoded");
  }

  private async put(object: string, bytes: Uint8Array, by: MendedBy | "encoded"): Promise<void> {
    try {
      await replace(this.store, object, bytes);
      this.mended.push({ object, by });
      this.progressed = true;
    } catch (error) {
      if (!(error instanceof StoreError) || (error.code !== "store.locked" && error.code !== "store.refused")) throw error;
      this.refused.set(object, error.code);
      await this.store.remove(spareKey(object)).catch(() => undefined);
    }
  }

  /** `faulty`: objects of which no parity is made, for it would keep their damage. */
  async addParity(faulty: ReadonlySet<string>): Promise<void> {
    const expectations = await this.expectations();
    const keys: string[] = [];
    for await (const { key } of this.store.list("")) if (hasParity(key)) keys.push(key);
    for (const key of keys) {
      const name = parityKey(key);
      if (faulty.has(key)) continue;
      const there = await this.store.get(name);
      if (there !== null && isWholeParity(there)) continue;
      const bytes = await this.store.get(key);
      // What nothing names (an interrupted run's) is prune's to remove, not ours to keep.
      if (bytes === null || !(await expectations.holds(key, bytes))) continue;
      if (there === null) {
        await this.store.putIfAbsent(name, encodeParity(bytes));
        this.parityWritten++;
      } else await this.put(name, encodeParity(bytes), "encoded");
    }
  }
}

function isWholeParity(bytes: Uint8Array): boolean {
  try {
    return readParity(bytes, "parity").whole;
  } catch (error) {
    if (isVaultFault(error)) return false;
    throw error;
  }
}
