import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ACTIONS, checkAction, LedgerError, openLedger, type NewLedgerEntry } from "#app/ledger/index.ts";
import { LedgerMemory, ORIGIN, SIGNER } from "./support.ts";

const VAULT = "0123456789abcdef0123456789abcdef";
const committed: NewLedgerEntry = {
  actor: "schedule",
  action: "snapshot.committed",
  subject: { vault: VAULT, snapshot: "0123456789abcdef", takenAt: "2026-01-02T03:04:05.678Z", root: "ab".repeat(32), manifest: "cd".repeat(32), records: 3, complete: true, gaps: 0 },
  outcome: "done",
};
const refusal = (entry: NewLedgerEntry): string | null => {
  try {
    checkAction(entry);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(LedgerError);
    return (error as LedgerError).message;
  }
};

/** Synthetic values of the sort that must never get into a ledger. */
const VALUES = ["Ada Synthetic", "ada@example.test", "+1 212 555 0100", "12 Synthetic Street", "Penicillin 500 mg", "1980-02-30", "note: allergic", "Müller"];

describe("the catalogue", () => {
  test("lets an entry in that says what its action says", () => {
    expect(refusal(committed)).toBeNull();
  });

  test.each(VALUES)("lets %j into no member of any action, and never repeats it", (value) => {
    for (const [action, shape] of Object.entries(ACTIONS)) {
      // A hold has a label of a person's choosing; it is the one member with words, and takes no address and no @.
      for (const member of Object.keys(shape.shape)) {
        if (action === "hold.placed" && member === "name") continue;
        const parsed = shape.shape[member as keyof typeof shape.shape] as { safeParse(value: unknown): { success: boolean } };
        expect([action, member, parsed.safeParse(value).success]).toEqual([action, member, false]);
      }
      const message = refusal({ ...committed, action, subject: { vault: VAULT, note: value } });
      expect(message).not.toBeNull();
      expect(message).not.toContain(value);
    }
  });

  test.each(VALUES)("lets %j into no name", (value) => {
    const message = refusal({ ...committed, subject: { ...committed.subject, [value]: 1 } });
    expect(message).not.toBeNull();
    expect(message).not.toContain(value);
  });

  test.each([
    ["a member more", { ...committed, subject: { ...committed.subject, email: 1 } }],
    ["a member less", { ...committed, subject: { vault: VAULT } }],
    ["an unknown action", { ...committed, action: "record.read" }],
    ["an action of Object", { ...committed, action: "constructor" }],
    ["a person as actor", { ...committed, actor: "Ada Synthetic" }],
    ["a reason with an address", { ...committed, reason: "asked by ada@example.test" }],
    ["a reason of two lines", { ...committed, reason: "one\ntwo" }],
  ])("refuses %s", async (_, entry) => {
    expect(refusal(entry)).not.toBeNull();
    const store = new LedgerMemory();
    await expect(openLedger({ store, origin: ORIGIN, signer: SIGNER, clock: { now: () => new Date(0) } }).append([entry])).rejects.toMatchObject({ code: "ledger.bad_entry" });
    expect(store.objects.size).toBe(0);
  });

  test("every action that the product enters is in it", () => {
    const used = new Set<string>();
    const app = path.join(import.meta.dirname, "../../app");
    for (const file of readdirSync(app, { recursive: true, encoding: "utf8" })) {
      if (!/^(workflows|cli|platform)\/.*\.ts$/.test(file)) continue;
      for (const match of readFileSync(path.join(app, file), "utf8").matchAll(/\b(?:action: |ACTION = |SNAPSHOT_COMMITTED = )"([a-z_]+\.[a-z_.]+)"/g)) used.add(match[1]!);
    }
    expect(used.size).toBeGreaterThan(4);
    expect([...used].filter((action) => !Object.hasOwn(ACTIONS, action))).toEqual([]);
  });
});
