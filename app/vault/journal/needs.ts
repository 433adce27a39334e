/** What the journal needs of the vault's other folders: packs and content keys. For prune, erasure, verify and repair. */
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { PackInfo, VaultDescription } from "../types.ts";
import { JournalLog } from "./log.ts";
import { journalObject } from "./names.ts";
import type { JournalSegment } from "./types.ts";

/** Segments fetched at once. */
const FETCHES = 16;

/** Reads segments as they come to be: each is read once, however often it is asked. */
export class JournalNeeds {
  /** Names of segments whose bytes are not what the vault's key signed: what they need is not known, so nothing may be called garbage. */
  readonly damaged = new Set<string>();
  private readonly seen = new Set<number>();
  private readonly log: JournalLog;
  private readonly wanted: (sequence: number) => boolean;
  /** `wanted`: segments that are looked at; default: all. */
  constructor(store: ObjectStore, description: VaultDescription, wanted: (sequence: number) => boolean = () => true) {
    this.log = new JournalLog(store, description);
    this.wanted = wanted;
  }

  /** Segments that were not answered before, oldest first. */
  async *fresh(): AsyncGenerator<JournalSegment> {
    const numbers = (await this.log.sequences()).filter((sequence) => !this.seen.has(sequence) && this.wanted(sequence));
    for (let at = 0; at < numbers.length; at += FETCHES) {
      const window = numbers.slice(at, at + FETCHES);
      for (const segment of await Promise.all(window.map((sequence) => this.read(sequence)))) if (segment !== null) yield segment;
    }
  }

  private async read(sequence: number): Promise<JournalSegment | null> {
    try {
      const segment = await this.log.segment(sequence);
      this.seen.add(sequence);
      return segment;
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      this.damaged.add(journalObject(sequence));
      return null;
    }
  }

  /** Packs of segments that were not answered before. A pack may come several times. */
  async *packs(): AsyncGenerator<PackInfo> {
    for await (const segment of this.fresh()) yield* packsOf(segment);
  }
}

function packsOf({ pack, kept }: JournalSegment): PackInfo[] {
  return [...(pack === null ? [] : [pack]), ...kept];
}

/** Every sound segment, oldest first. */
export function journalSegments(store: ObjectStore, description: VaultDescription): AsyncGenerator<JournalSegment> {
  return new JournalNeeds(store, description).fresh();
}

/** Packs that kept segments need: their own, and those in which a tombstone's last state lies. A pack may come several times. */
export function journalPacks(store: ObjectStore, description: VaultDescription): AsyncGenerator<PackInfo> {
  return new JournalNeeds(store, description).packs();
}

/** Content keys by id, with the digest of the first generation of each. */
export async function journalKeys(store: ObjectStore, description: VaultDescription): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { keys } of journalSegments(store, description)) for (const { id, digest } of keys) found.set(id, digest);
  return found;
}
