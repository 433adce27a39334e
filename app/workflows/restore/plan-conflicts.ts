/**
 * What would be overwritten although somebody has worked on it since, and what cannot come back because another record has its place.
 *
 * Every record that a restore touches has changed since the chosen moment; that is why it is touched. One change is taken for the damage. A record that was in a
 * third state in between (in the journal, or in a snapshot) has changed more than once: the last change may be somebody's honest work, and a person decides.
 */
import { createHash } from "node:crypto";
import { familyIndex, JournalLog, type FamilyEntry, type FamilyIndex, type ObjectStore, type SnapshotManifest, type SourceRecord, type Vault } from "#app/vault/index.ts";
import { fieldsOf } from "./plan-partial.ts";

/** Snapshots between the moment and now that are asked; of more, the newest. */
const MOST_SNAPSHOTS = 8;
const GONE = "gone";

/** One digest for a family, whatever the order of its records. */
export function stateDigest(family: readonly Pick<FamilyEntry, "kind" | "id" | "parentId" | "digest">[]): string {
  if (family.length === 0) return GONE;
  const lines = family.map(({ kind, id, parentId, digest }) => `${parentId ?? ""}\0${kind}\0${id}\0${digest}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 32);
}

export function digestOfRecords(vault: Pick<Vault, "digest">, records: readonly SourceRecord[] | null): string | null {
  return records === null ? null : stateDigest(records.map(({ kind, id, parentId, bytes }) => ({ kind, id, parentId, digest: Buffer.from(vault.digest(bytes)).toString("hex") })));
}

/** States that a family had between the moment and now. */
export interface StatesBetween {
  of(kind: string, id: string): Promise<ReadonlySet<string>>;
}

export async function statesBetween(o: { readonly vault: Vault; readonly store: ObjectStore; readonly at: Date; readonly until: Date; readonly snapshots: readonly SnapshotManifest[] }): Promise<StatesBetween> {
  const reading = { store: o.store, description: o.vault.description, indexKey: o.vault.indexKey };
  const journal = new Map<string, Set<string>>();
  const log = new JournalLog(o.store, o.vault.description);
  for await (const segment of log.between(o.at, o.until)) {
    for (const entry of log.entries(segment, o.vault.indexKey)) {
      const key = `${entry.kind}\0${entry.id}`;
      const known = journal.get(key) ?? new Set<string>();
      known.add(entry.change === "tombstone" ? GONE : stateDigest(entry.records.map(({ key: own, digest }) => ({ ...own, digest: Buffer.from(digest).toString("hex") }))));
      journal.set(key, known);
    }
  }
  const between: FamilyIndex[] = o.snapshots
    .filter(({ startedAt, takenAt }) => startedAt > o.at.toISOString() && takenAt < o.until.toISOString())
    .slice(0, MOST_SNAPSHOTS)
    .map((manifest) => familyIndex(reading, { manifest }));
  return {
    async of(kind, id) {
      const states = new Set(journal.get(`${kind}\0${id}`));
      for (const index of between) states.add(stateDigest(await index.family(kind, id)));
      return states;
    },
  };
}

/** Whether it was something else in between. What is gone now is overwritten by nobody. */
export function editedSince(between: ReadonlySet<string>, then: string, now: string | null): boolean {
  if (now === null || now === GONE) return false;
  return [...between].some((state) => state !== then && state !== now);
}

/** What only one record of a shop may have, as its records spell it. Keyed digests of it: no value is kept. */
export function uniqueOf(vault: Pick<Vault, "digest">, root: SourceRecord): readonly string[] {
  const fields = fieldsOf(root);
  if (fields === null) return [];
  const inner = (field: string, member: string): unknown => {
    const value = fields[field];
    return typeof value === "object" && value !== null && member in value ? (value as Record<string, unknown>)[member] : undefined;
  };
  const values: [string, unknown][] = [
    ["email", inner("defaultEmailAddress", "emailAddress") ?? fields["email"]],
    ["phone", inner("defaultPhoneNumber", "phoneNumber") ?? fields["phone"]],
    ["handle", fields["handle"]],
    ["code", fields["code"]],
    ["key", typeof fields["namespace"] === "string" && typeof fields["key"] === "string" ? `${fields["namespace"]}.${fields["key"]}.${typeof fields["ownerType"] === "string" ? fields["ownerType"] : ""}` : undefined],
  ];
  const scope = `${root.kind}\0${typeof fields["type"] === "string" ? fields["type"] : ""}`;
  return values.flatMap(([name, value]) => (typeof value === "string" && value !== "" ? [Buffer.from(vault.digest(Buffer.from(`${scope}\0${name}\0${value.toLowerCase()}`, "utf8"))).toString("hex")] : []));
}

