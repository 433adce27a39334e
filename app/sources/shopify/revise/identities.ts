/** Which record of the target stands for which record of the snapshot. One per life of a run; while a plan is made, one per family over what all have in common. */

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
  readonly #beneath: Identities | null;

  constructor({ known, home }: IdentitiesOptions, beneath: Identities | null = null) {
    this.home = home;
    this.#beneath = beneath;
    for (const [old, now] of known) this.pair(old, now);
  }

  /** As they will be when everything in `gone` was created anew: each under an id that nothing has yet. */
  static planned(options: IdentitiesOptions, gone: ReadonlySet<string> = new Set()): Identities {
    const identities = new Identities(options);
    for (const old of gone) {
      identities.lost(old);
      identities.pair(old, `${old}-anew`);
    }
    return identities;
  }

  /** The same, and whatever is paired from here on is known to the answer alone. */
  apart(): Identities {
    return new Identities({ known: new Map(), home: this.home }, this);
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
    return this.#pairedNew(old) ?? (this.home && !this.#isGone(old) ? old : undefined);
  }

  oldId(now: string): string | undefined {
    return this.#pairedOld(now) ?? (this.home && !this.#isGone(now) ? now : undefined);
  }

  /** It will be there before the run is over, and is not yet. */
  isAwaited(old: string): boolean {
    return this.#isGone(old) && this.#pairedNew(old) === undefined;
  }

  /** It stands for a record of the snapshot: it is not free to be taken for another. */
  isTaken(now: string): boolean {
    return this.#pairedOld(now) !== undefined;
  }

  #pairedNew(old: string): string | undefined {
    return this.#known.get(old) ?? (this.#beneath === null ? undefined : this.#beneath.#pairedNew(old));
  }

  #pairedOld(now: string): string | undefined {
    return this.#back.get(now) ?? (this.#beneath === null ? undefined : this.#beneath.#pairedOld(now));
  }

  #isGone(id: string): boolean {
    return this.#gone.has(id) || (this.#beneath !== null && this.#beneath.#isGone(id));
  }
}
