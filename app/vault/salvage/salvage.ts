/**
 * Gets out all that is left of a vault. Where an export ends with an error, this goes on: it names what is damaged, passes over it, and proves of each record
 * that it belongs to the snapshot as long as anything is left to prove it with. In order: the index (name, place and digest of every record); without it
 * the signed list of packs, for packs the snapshot uses whole; without that, records come out as "unproven". Memory does not grow with the vault.
 */
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { VaultError } from "../errors.ts";
import { packKey } from "../format/names.ts";
import { fromByteString } from "../format/sort-key.ts";
import type { FrameRecord } from "../pack/frame.ts";
import type { SourceRecord } from "../record.ts";
import type { SnapshotManifest } from "../types.ts";
import { readErasures, type Erasures } from "./erasures.ts";
import { Findings } from "./findings.ts";
import { Membership, type Address, type Belongs } from "./membership.ts";
import { throughParity } from "./parity-mender.ts";
import { findDescription, makePlan, type Plan, type PlannedPack } from "./plan.ts";
import { SalvageKeys } from "./salvage-keys.ts";
import { contentKeys } from "../snapshot/content-keys.ts";
import { salvageJournal } from "./salvage-journal.ts";
import { salvagePack } from "./salvage-pack.ts";
import type { SalvageOptions, SalvageReport, UnprovenRecord } from "./types.ts";

/** Throws vault.not_found (nothing of a vault is there), vault.no_such_snapshot, vault.ambiguous_snapshot, vault.unsupported_format, and what the sink throws. */
export async function salvage(asked: SalvageOptions): Promise<SalvageReport> {
  const findings = new Findings();
  const store = await throughParity(asked.store, findings);
  const options = { ...asked, store };
  const description = await findDescription(store, findings, options.vaultId);
  const keys = await SalvageKeys.list(store, options.opener, findings);
  if (description === null && keys.objects.size === 0) throw new VaultError("vault.not_found", "there is no vault here: neither vault.json nor any wrapped key");
  const vaultId = description?.vaultId ?? options.vaultId ?? (await onlyClaim(keys));
  if (description === null) findings.add("description.lost", "vault.json", "no copy is left; no signature can be checked, and nothing proves which snapshot a record belongs to");
  const erasures = await readErasures(store, findings, description);
  const plan = await makePlan(store, findings, description, erasures, options.snapshot);
  if (vaultId === null) return reportOf({ findings, plan, vaultId: null, signaturesChecked: false }, new Tally(), null);
  keys.vaultId = vaultId;
  const run = new Run(options, findings, keys, Buffer.from(vaultId, "hex"), plan, erasures);
  const indexKeyId = description === null ? null : (/index-([0-9a-f]{32})/.exec(description.indexKeyObject)?.[1] ?? null);
  const report = await run.go(indexKeyId, description !== null);
  const { change } = options.sink;
  // Without the description nothing says whose signature to believe, without the index key what a segment says.
  const indexKey = change === undefined || description === null ? null : await keys.index(indexKeyId);
  if (change === undefined || description === null || indexKey === null) return report;
  const before = findings.count;
  const changes = await salvageJournal({ store, description, indexKey, keys: contentKeys(store, options.opener, description), findings, signal: options.signal }, change);
  return { ...report, changes, whole: report.whole && findings.count === before, findings: findings.list, findingCount: findings.count };
}

/** The vault id that every wrapped key claims, when they agree. It is what seals are bound to, so a false one opens nothing. */
async function onlyClaim(keys: SalvageKeys): Promise<string | null> {
  const [first, ...others] = await keys.claimedVaultIds();
  return first === undefined || others.length > 0 ? null : first;
}

class Tally {
  members = 0;
  byPackList = 0;
  unproven = 0;
  packs = 0;
  readonly kinds = new Map<string, number>();
}

class Run {
  private readonly options: SalvageOptions;
  private readonly findings: Findings;
  private readonly keys: SalvageKeys;
  private readonly vaultId: Buffer;
  private readonly plan: Plan;
  private readonly erasures: Erasures;
  private readonly tally = new Tally();
  private readonly names = new Map<string, string>();
  private membership: Membership | null = null;
  constructor(options: SalvageOptions, findings: Findings, keys: SalvageKeys, vaultId: Buffer, plan: Plan, erasures: Erasures) {
    this.options = options;
    this.findings = findings;
    this.keys = keys;
    this.vaultId = vaultId;
    this.plan = plan;
    this.erasures = erasures;
  }

  async go(indexKeyId: string | null, signaturesChecked: boolean): Promise<SalvageReport> {
    const { plan, findings, vaultId, options } = this;
    const { manifest } = plan;
    const indexKey = manifest === null ? null : await this.keys.index(indexKeyId);
    if (manifest !== null && indexKey !== null) {
      this.membership = new Membership(options.store, { vaultId, indexKey }, new KeyedDigest(deriveKey(indexKey, null, "holdfast digest v1")), manifest, findings);
    }
    for (const [number, pack] of plan.packs.entries()) {
      await this.readPack(pack);
      this.tally.packs++;
      options.onProgress?.({ packs: number + 1, packsTotal: plan.packs.length, records: this.tally.members + this.tally.unproven });
    }
    const settled = this.membership === null ? null : await this.membership.settle(({ pack, frame, ordinal }) => this.erasures.isErased(pack, frame, ordinal), (lost) => options.sink.lost(lost));
    return reportOf({ findings, plan, vaultId: vaultId.toString("hex"), signaturesChecked }, this.tally, settled);
  }

  private async readPack(pack: PlannedPack): Promise<void> {
    const { options, findings, keys, vaultId, tally } = this;
    /** Every record of this pack is one of the snapshot: a signed list says so, whatever became of the index. */
    const usedWhole = pack.listed !== null && pack.listed.live === pack.listed.records;
    for await (const { frame, records } of salvagePack({ store: options.store, vaultId, keys, findings }, pack.stored)) {
      options.signal?.throwIfAborted();
      const members: SourceRecord[] = [];
      const unproven: UnprovenRecord[] = [];
      for (const [ordinal, record] of records.entries()) {
        // Erased, or, where the old pack still lies under a lock, to be treated as erased.
        if (record.kind === "" || this.erasures.isErased(pack.id, frame, ordinal)) continue;
        const address = { pack: pack.id, frame, ordinal };
        const asked = this.belongs(record, address, pack.mayBelong);
        const belongs = typeof asked === "string" ? asked : await asked;
        if (belongs === "no") continue;
        const named = this.named(record);
        if (belongs === "member" || (belongs === "unknown" && usedWhole)) {
          members.push(named);
          tally.kinds.set(named.kind, (tally.kinds.get(named.kind) ?? 0) + 1);
          if (belongs === "unknown") tally.byPackList++;
        } else unproven.push({ ...named, ...address });
        if (belongs === "altered") findings.add("record.damaged", packKey(pack.id), `frame ${frame}, record ${ordinal}: its digest is not the one the index vouches for`);
      }
      if (members.length > 0) await options.sink.members(members);
      if (unproven.length > 0) await options.sink.unproven(unproven);
      tally.members += members.length;
      tally.unproven += unproven.length;
    }
  }

  private belongs(record: FrameRecord, address: Address, mayBelong: boolean): Belongs | Promise<Belongs> {
    if (!mayBelong || this.membership === null) return "unknown";
    return this.membership.of(record, address);
  }

  private named(record: FrameRecord): SourceRecord {
    let kind = this.names.get(record.kind);
    if (kind === undefined) this.names.set(record.kind, (kind = fromByteString(record.kind)));
    return { kind, id: fromByteString(record.id), parentId: record.parentId === null ? null : fromByteString(record.parentId), bytes: record.bytes };
  }
}

type Settled = Awaited<ReturnType<Membership["settle"]>>;

function reportOf(known: { findings: Findings; plan: Plan; vaultId: string | null; signaturesChecked: boolean }, tally: Tally, settled: Settled): SalvageReport {
  const { findings, plan } = known;
  const { manifest } = plan;
  const rootProven = manifest !== null && settled !== null && settled.root === manifest.root && settled.records === manifest.records;
  if (manifest !== null && settled !== null && !rootProven) findings.add("tree.root_mismatch", manifest.objectKey, "the index does not lead to the root that was signed");
  const lost = lostOf(manifest, tally, settled);
  return {
    whole: findings.count === 0 && rootProven && lost === 0 && tally.unproven === 0,
    vaultId: known.vaultId,
    signaturesChecked: known.signaturesChecked,
    manifest,
    unreadableSnapshots: plan.unreadableSnapshots,
    members: tally.members,
    membersByPackList: tally.byPackList,
    unproven: tally.unproven,
    lost,
    erased: settled?.erased ?? 0,
    kinds: Object.fromEntries([...tally.kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    rootProven,
    packsRead: tally.packs,
    changes: 0,
    findings: findings.list,
    findingCount: findings.count,
  };
}

/** Without the index, what is not among the members may still be among the unproven. */
function lostOf(manifest: SnapshotManifest | null, tally: Tally, settled: Settled): number | null {
  if (settled !== null) return settled.lost;
  if (manifest === null) return null;
  return tally.unproven === 0 || tally.members === manifest.records ? manifest.records - tally.members : null;
}
