/** Checks the journal: every segment signed, in its place, and naming the one before it; with keys, entries and records too (docs/design.md 9.6). */
import { VaultError } from "../errors.ts";
import { packKey } from "../format/names.ts";
import type { ContentKeys } from "../ports.ts";
import type { Redactions } from "../retention/redactions.ts";
import type { PackInfo, VaultDescription } from "../types.ts";
import { faultOf, type Audit } from "../verify/audit.ts";
import { numberOf } from "../retention/sequence.ts";
import { cutThrough, readCuts } from "./cut.ts";
import { JOURNAL_CUTS, journalObject, journalSequenceOf } from "./names.ts";
import { EntryRecords } from "./records.ts";
import { entriesOf, parseSegment } from "./segment.ts";
import type { JournalHead, JournalSegment } from "./types.ts";

export interface CheckedJournal {
  /** Sound segments, oldest first. */
  readonly segments: readonly JournalSegment[];
  readonly packs: readonly PackInfo[];
  /** Content keys by id, with the digest of the first generation. */
  readonly keys: ReadonlyMap<string, string>;
  /** Objects that are the journal's own. */
  readonly named: readonly string[];
}

/** Numbers have no gaps, but one who writes the store may make one as wide as he likes. */
const MOST_MISSING = 100;

/** `known`: a segment that is known from elsewhere (the log of events, the host) to have been written. */
export async function checkJournal(audit: Audit, sizes: ReadonlyMap<string, number>, description: VaultDescription, known?: JournalHead): Promise<CheckedJournal> {
  const named: string[] = [];
  const numbers = new Set<number>();
  for (const key of sizes.keys()) {
    if (!key.startsWith("journal/")) continue;
    const sequence = journalSequenceOf(key);
    if (sequence !== null) numbers.add(sequence);
    else if (numberOf(JOURNAL_CUTS, key) === null) audit.find("object.unknown", key, "no program of ours writes such a name here");
    if (sequence !== null || numberOf(JOURNAL_CUTS, key) !== null) named.push(key);
  }
  const cuts = await readCuts(audit.store, description);
  for (const object of cuts.damaged) audit.find("journal.damaged", object, "it is not what the vault's key signed");
  for (const object of cuts.missing) audit.find("journal.missing", object, "later cuts were written after it");
  const through = cutThrough(cuts);

  const segments: JournalSegment[] = [];
  const digests = new Map<number, string>(cuts.records.flatMap(({ record }) => (record.through.digest === null ? [] : [[record.through.sequence, record.through.digest] as const])));
  const damaged = new Set<number>();
  for (const sequence of [...numbers].sort((a, b) => a - b)) {
    // What was cut and could not be removed is nobody's any more.
    if (sequence <= through) continue;
    const object = journalObject(sequence);
    const bytes = await audit.read(object);
    try {
      if (bytes === null) throw new VaultError("vault.missing_object", "it was listed but is not there");
      const segment = await parseSegment(bytes, sequence, description);
      checkLink(audit, segment, { through, numbers, digests, before: segments.at(-1) });
      segments.push(segment);
      digests.set(sequence, segment.digest);
    } catch (error) {
      damaged.add(sequence);
      audit.find("journal.damaged", object, faultOf(error).message);
    }
  }
  // What comes after the last sound one and is not ours says nothing about what was written.
  if (known !== undefined && known.sequence > through && !damaged.has(known.sequence)) {
    const there = digests.get(known.sequence);
    if (there === undefined) audit.find("journal.rolled_back", journalObject(known.sequence), "it was written, and it and what follows are gone");
    else if (there !== known.digest) audit.find("journal.mismatch", journalObject(known.sequence), "another segment of this number was written before");
  }
  const keys = new Map<string, string>();
  for (const segment of segments) for (const { id, digest } of segment.keys) keys.set(id, digest);
  return { segments, packs: segments.flatMap(({ pack, kept }) => [...(pack === null ? [] : [pack]), ...kept]), keys, named };
}

interface Chain {
  readonly through: number;
  readonly numbers: ReadonlySet<number>;
  readonly digests: ReadonlyMap<number, string>;
  readonly before: JournalSegment | undefined;
}

function checkLink(audit: Audit, segment: JournalSegment, { through, numbers, digests, before }: Chain): void {
  const { previous, sequence, objectKey } = segment;
  const link = previous?.sequence ?? 0;
  // Numbers between that have no object: somebody took them away.
  let told = 0;
  for (let gone = Math.max(through, before?.sequence ?? 0) + 1; gone < sequence && told < MOST_MISSING; gone++) {
    if (numbers.has(gone)) continue;
    audit.find("journal.missing", journalObject(gone), "later segments were written after it");
    told++;
  }
  const digest = digests.get(link);
  if (previous !== null && digest !== undefined && digest !== previous.digest) audit.find("journal.mismatch", objectKey, `it was written after another segment ${link}`);
  // It passes over a sound segment: two programs wrote at once, or somebody made a second chain.
  else if (before !== undefined && link < before.sequence) audit.find("journal.mismatch", objectKey, `it was not written after segment ${before.sequence}`);
  else if (before !== undefined && segment.at <= before.at) audit.find("journal.mismatch", objectKey, "it says that it was sealed before the segment before it");
}

/** With the index key: every segment's entries open. With content keys: every record they point at opens and has its digest. Answers how many records were opened. `keyObjects`: the object of each content key: what a damaged one wraps is told once, of it. */
export async function checkJournalEntries(audit: Audit, journal: CheckedJournal, keys: { readonly vaultId: Uint8Array; readonly indexKey: Uint8Array }, content: ContentKeys | null, redactions: Redactions, keyObjects: ReadonlyMap<string, string> = new Map()): Promise<number> {
  const keyIds = new Map(journal.packs.map(({ id, keyId }) => [id, redactions.replacement(id)?.keyId ?? keyId]));
  const vaultId = Buffer.from(keys.vaultId).toString("hex");
  const records = content === null ? null : new EntryRecords(audit.store, keys.vaultId, keys.indexKey, content, redactions);
  let checked = 0;
  for (const segment of journal.segments) {
    try {
      const entries = entriesOf(segment, vaultId, keys.indexKey);
      if (records === null) continue;
      for (const entry of entries) {
        for (const record of entry.records) {
          const pack = packKey(redactions.packFor(record.pack));
          // One fault per pack: the rest of it may open all the same, but what is told of it is enough to look for.
          if (audit.faulty(pack) || audit.faulty(`${pack}.key`) || audit.faulty(keyObjects.get(keyIds.get(record.pack) ?? "") ?? "")) continue;
          try {
            if ((await records.open(record)) !== null) checked++;
          } catch (error) {
            if (error instanceof VaultError && error.code === "vault.no_key") audit.find("key.unopenable", error.object ?? pack, "this identity does not open it");
            else audit.find("record.damaged", pack, faultOf(error).message);
          }
        }
      }
    } catch (error) {
      audit.find("journal.damaged", segment.objectKey, faultOf(error).message);
    }
  }
  return checked;
}
