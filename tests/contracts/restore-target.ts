/** What every target of a restore promises: one judgement, nothing done twice, everything told once. Run against each adapter and against the fakes that stand for one. */
import { afterEach, describe, expect, it } from "@jest/globals";
import type { ChangesOf, FamilyChange, RestoreTarget, ReviseResult } from "#app/sources/port.ts";
import { MemoryRestoreLog } from "#tests/support/fakes-revision.ts";

export interface TargetWorld {
  readonly target: Pick<RestoreTarget, "assess" | "read" | "revise">;
  /** One record that was changed since, one that is gone, one that is as it was; in this order. */
  readonly changes: readonly [FamilyChange, FamilyChange, FamilyChange];
  close(): Promise<void>;
}

export function restoreTargetContract(name: string, open: () => Promise<TargetWorld>): void {
  describe(`a restore into ${name}`, () => {
    let world: TargetWorld;
    afterEach(() => world.close());
    const signal = new AbortController().signal;
    const passOf = (changes: readonly FamilyChange[]): ChangesOf =>
      async function* (kinds) {
        await Promise.resolve();
        for (const change of changes) if (kinds.has(change.kind)) yield change;
      };
    const revise = async (log: MemoryRestoreLog): Promise<{ readonly results: readonly ReviseResult[]; readonly ids: ReadonlyMap<string, string> }> => {
      const results: ReviseResult[] = [];
      const { ids } = await world.target.revise(passOf(world.changes), { signal, extras: "keep", log, ids: { known: new Map(), same: true }, ifChanged: () => "overwrite", onResult: (result) => void results.push(result) });
      return { results, ids };
    };

    it("is judged before it is written: a change, a creation, and nothing", async () => {
      world = await open();
      expect(world.changes.map((change) => world.target.assess(change, { extras: "keep" }).action)).toEqual(["update", "create", "none"]);
      expect(world.target.assess({ ...world.changes[0], then: null }, { extras: "keep" }).action).toBe("none");
      expect(world.target.assess({ ...world.changes[0], then: null }, { extras: "remove" }).action).toBe("remove");
    });

    it("tells of each record once, and leaves nothing to be written", async () => {
      world = await open();
      const { results, ids } = await revise(new MemoryRestoreLog());
      expect(results.map(({ id }) => id).sort()).toEqual(world.changes.map(({ id }) => id).sort());
      expect([...ids.keys()]).toContain(world.changes[1].id);
      const now = new Map(world.changes.map(({ id }) => [ids.get(id) ?? id, id]));
      for await (const { id, records } of world.target.read([...now.keys()].map((one) => ({ kind: world.changes[0].kind, id: one })), signal)) {
        const change = world.changes.find((one) => one.id === now.get(id))!;
        expect([change.id, world.target.assess({ ...change, now: records }, { extras: "keep", ids: { known: ids, same: true } }).changes]).toEqual([change.id, []]);
      }
    });

    it("does nothing twice when it is asked again with the same log", async () => {
      world = await open();
      const log = new MemoryRestoreLog();
      const first = await revise(log);
      const again = await revise(log);
      expect([...again.ids]).toEqual([...first.ids]);
      expect(again.results.map(({ id, outcome }) => [id, outcome]).sort()).toEqual(first.results.map(({ id, outcome }) => [id, outcome]).sort());
    });

    it("answers null for a record that it has not", async () => {
      world = await open();
      const found = [];
      for await (const { records } of world.target.read([{ kind: world.changes[1].kind, id: world.changes[1].id }], signal)) found.push(records);
      expect(found).toEqual([null]);
    });
  });
}
