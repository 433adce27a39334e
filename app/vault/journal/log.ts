/** Reads the journal's chain: its newest segment, and segments by number, each checked to be the vault's own. */
import { damaged, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { VaultDescription } from "../types.ts";
import { journalObject, journalSequenceOf } from "./names.ts";
import { entriesOf, parseSegment } from "./segment.ts";
import type { JournalEntry, JournalHead, JournalSegment } from "./types.ts";

/** Segments fetched at once when many are read. */
const FETCHES = 8;

export class JournalLog {
  private readonly store: ObjectStore;
  private readonly description: VaultDescription;
  constructor(store: ObjectStore, description: VaultDescription) {
    this.store = store;
    this.description = description;
  }

  /** Null: there is no such object. Throws vault.damaged_object. */
  async segment(sequence: number): Promise<JournalSegment | null> {
    const bytes = await this.store.get(journalObject(sequence));
    return bytes === null ? null : parseSegment(bytes, sequence, this.description);
  }

  /** Numbers that have an object, in order. Nothing about them is believed yet. */
  async sequences(): Promise<number[]> {
    const found: number[] = [];
    for await (const { key } of this.store.list("journal/")) {
      const sequence = journalSequenceOf(key);
      if (sequence !== null) found.push(sequence);
    }
    return found.sort((a, b) => a - b);
  }

  /**
   * The newest sound segment. With `known`, what this host saw last, only what follows is asked for, which is one small read in the usual case.
   * Throws vault.journal_rolled_back when `known` is not there as it was.
   */
  async head(known?: JournalHead | null): Promise<JournalSegment | null> {
    if (known) {
      let head = await this.sound(known.sequence);
      if (head === null || head.digest !== known.digest) throw new VaultError("vault.journal_rolled_back", `${journalObject(known.sequence)} is not there as this host wrote it`, { object: journalObject(known.sequence) });
      for (;;) {
        const next: JournalSegment | null = await this.sound(head.sequence + 1);
        if (next === null) return head;
        head = next;
      }
    }
    // Anybody who writes the store may put an object under a high number: the newest that the vault's key signed counts.
    for (const sequence of (await this.sequences()).reverse()) {
      const segment = await this.sound(sequence);
      if (segment !== null) return segment;
    }
    return null;
  }

  private async sound(sequence: number): Promise<JournalSegment | null> {
    try {
      return await this.segment(sequence);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      return null;
    }
  }

  /**
   * Sound segments sealed after `after` and not after `until`, oldest first. `onFault` hears of objects that are damaged, and of numbers that are
   * missing between others; without it either throws.
   */
  async *between(after: Date, until: Date, onFault?: (object: string, fault: "damaged" | "missing") => void): AsyncGenerator<JournalSegment> {
    const numbers = await this.sequences();
    const first = await this.firstAfter(numbers, after);
    let before = first > 0 ? (numbers[first - 1] as number) : null;
    const expected = new Set(numbers);
    for (let i = first; i < numbers.length; i += FETCHES) {
      const window = numbers.slice(i, i + FETCHES);
      const segments = await Promise.all(window.map((sequence) => this.sound(sequence)));
      for (const [n, segment] of segments.entries()) {
        const sequence = window[n] as number;
        if (segment === null) {
          if (onFault === undefined) throw damaged(journalObject(sequence), "it is not what the vault's key signed");
          onFault(journalObject(sequence), "damaged");
          continue;
        }
        const link = segment.previous?.sequence ?? 0;
        if (before !== null && link !== before && !expected.has(link)) {
          if (onFault === undefined) throw new VaultError("vault.missing_object", `${journalObject(link)} is missing from the store`, { object: journalObject(link) });
          onFault(journalObject(link), "missing");
        }
        before = sequence;
        if (segment.at > until.toISOString()) return;
        yield segment;
      }
    }
  }

  /** Index of the first number whose segment was sealed after `after`: times rise with numbers. */
  private async firstAfter(numbers: readonly number[], after: Date): Promise<number> {
    const text = after.toISOString();
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // A damaged one says no time: the one before it, which was sealed earlier, decides as well.
      let at = middle;
      let segment = await this.sound(numbers[at] as number);
      while (segment === null && at > low) segment = await this.sound(numbers[--at] as number);
      if (segment === null || segment.at > text) high = segment === null ? low : at;
      else low = middle + 1;
    }
    return low;
  }

  /** Throws vault.damaged_object. */
  entries(segment: JournalSegment, indexKey: Uint8Array): JournalEntry[] {
    return entriesOf(segment, this.description.vaultId, indexKey);
  }
}
