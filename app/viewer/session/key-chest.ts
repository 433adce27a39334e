/** Keys that a responder's browser unwrapped for this session: by name, in memory, wiped when it ends. Remembers what was asked for and is not there, so that the browser can be asked for exactly that. */
import type { ContentKeys } from "#app/vault/index.ts";

/** More than the newest state of any vault takes. */
const MOST_KEYS = 5_000;

export class KeyChest implements ContentKeys {
  readonly #keys = new Map<string, Uint8Array>();
  readonly #missing = new Set<string>();
  /** Asked for, and nowhere to be had: a key that an erasure destroyed. */
  readonly #gone = new Set<string>();

  /** As ContentKeys: null is "not at hand". */
  get(keyId: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.find(keyId));
  }

  find(name: string): Uint8Array | null {
    const key = this.#keys.get(name);
    if (key === undefined && !this.#gone.has(name)) this.#missing.add(name);
    return key ?? null;
  }

  has(name: string): boolean {
    return this.#keys.has(name);
  }

  /** Takes a copy. False: full. */
  put(name: string, key: Uint8Array): boolean {
    if (this.#keys.size >= MOST_KEYS && !this.#keys.has(name)) return false;
    this.#keys.get(name)?.fill(0);
    // Not slice(): of a Buffer that is a window on the same bytes, which the giver wipes.
    this.#keys.set(name, Uint8Array.from(key));
    this.#missing.delete(name);
    return true;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** There is no such key: it is not asked for again. */
  giveUp(name: string): void {
    this.#gone.add(name);
  }

  get lacks(): boolean {
    return this.#missing.size > 0;
  }

  /** What was asked for in vain since the last call. */
  takeMissing(): readonly string[] {
    const names = [...this.#missing];
    this.#missing.clear();
    return names;
  }

  wipe(): void {
    for (const key of this.#keys.values()) key.fill(0);
    this.#keys.clear();
    this.#missing.clear();
    this.#gone.clear();
  }
}
