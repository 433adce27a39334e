/** Which record of the target stands for which record of the snapshot. One per life of a run. */

export interface IdentitiesOptions {
  /** Old to new, of earlier restores and of this one. */
  readonly known: ReadonlyMap<string, string>;
  /** The target is the shop that the snapshot is of: what nobody created anew stands for itself. */
  readonly home: boolean;
}

export class Identities {
  readonly home: boolean;
  readonly #known = new Map<string, string>();
  readonly #back = new Map<string, string>();
  /** Roots that are not in the target any more, by their old ids. */
  readonly #gone = new Set<string>();

  constructor({ known, home }: IdentitiesOptions) {
    this.home = home;
    for (const [old, now] of known) this.pair(old, now);
  }

  /** `now` stands for `old` from here on. */
  pair(old: string, now: string): void {
    this.#known.set(old, now);
    this.#back.set(now, old);
  }

  lost(old: string): void {
    this.#gone.add(old);
  }

  newId(old: string): string | undefined {
    return this.#known.get(old) ?? (this.home && !this.#gone.has(old) ? old : undefined);
  }

  oldId(now: string): string | undefined {
    return this.#back.get(now) ?? (this.home && !this.#gone.has(now) ? now : undefined);
  }

  /** It will be there before the run is over, and is not yet. */
  isAwaited(old: string): boolean {
    return this.#gone.has(old) && !this.#known.has(old);
  }

  /** It stands for a record of the snapshot: it is not free to be taken for another. */
  isTaken(now: string): boolean {
    return this.#back.has(now);
  }
}
