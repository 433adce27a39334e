/** The database's list of events, in memory: in order, each place given once. */
import type { KeptEntry, LedgerOutbox, WaitingEntry } from "#app/workflows/ports.ts";

export class FakeOutbox implements LedgerOutbox {
  rows: { id: string; vaultId: string; entry: string; leaf: string; tried: number | null; place: number | null }[] = [];
  #last: Promise<unknown> = Promise.resolve();
  add = (vaultId: string, entries: readonly KeptEntry[]): Promise<void> => {
    for (const entry of entries) this.rows.push({ id: String(this.rows.length + 1), vaultId, ...entry, tried: null, place: null });
    return Promise.resolve();
  };
  waiting = (vaultId: string): Promise<readonly WaitingEntry[]> => Promise.resolve(this.rows.filter((row) => row.vaultId === vaultId && row.place === null).slice(0, 1000));
  trying = (ids: readonly string[], size: number): Promise<void> => {
    for (const row of this.rows) if (ids.includes(row.id)) row.tried ??= size;
    return Promise.resolve();
  };
  entered = (places: readonly { id: string; place: number }[]): Promise<void> => {
    for (const { id, place } of places) {
      const row = this.rows.find((one) => one.id === id)!;
      if (row.place !== null) throw new Error("a place is given once");
      row.place = place;
    }
    return Promise.resolve();
  };
  placed = (vaultId: string, from: number, to: number): Promise<{ place: number; entry: string }[]> =>
    Promise.resolve(this.rows.flatMap(({ place, entry, vaultId: of }) => (of === vaultId && place !== null && place >= from && place < to ? [{ place, entry }] : [])).sort((a, b) => a.place - b.place));
  exclusively = <T>(_: string, work: () => Promise<T>): Promise<T> => {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  };
}
