import { describe, expect, test } from "@jest/globals";
import { ReadBudget, type BudgetRules } from "#app/viewer/session/budget.ts";

const RULES: BudgetRules = { size: 10, refillMs: 1_000, attempts: 3, most: 40, windowMs: 60_000, suspendedMs: 30_000 };

describe("what one responder may read", () => {
  test("is granted up to the size, then throttled with the time to wait, then granted again", () => {
    const budget = new ReadBudget(0, RULES);
    expect(budget.draw(10, 0)).toEqual({ kind: "granted" });
    expect(budget.draw(2, 400)).toEqual({ kind: "throttled", waitMs: 1_600 });
    expect(budget.draw(2, 2_000)).toEqual({ kind: "granted" });
    expect(budget.drawn).toBe(12);
  });

  test("is suspended for whoever keeps on drawing from an empty one, and only that attempt begins it", () => {
    const budget = new ReadBudget(0, RULES);
    budget.draw(10, 0);
    expect([budget.draw(1, 0).kind, budget.draw(1, 0).kind]).toEqual(["throttled", "throttled"]);
    expect(budget.draw(1, 0)).toEqual({ kind: "suspended", until: 30_000, began: true });
    expect(budget.draw(1, 29_999)).toEqual({ kind: "suspended", until: 30_000, began: false });
    expect(budget.draw(1, 30_000)).toEqual({ kind: "granted" });
  });

  test("forgets a moment's haste once something was granted", () => {
    const budget = new ReadBudget(0, RULES);
    budget.draw(10, 0);
    budget.draw(1, 0);
    budget.draw(1, 0);
    expect(budget.draw(1, 1_000).kind).toBe("granted");
    expect(budget.draw(1, 1_000).kind).toBe("throttled");
  });

  test("is suspended for whoever reads slowly and never stops", () => {
    const budget = new ReadBudget(0, RULES);
    let now = 0;
    let granted = 0;
    for (; granted < 100; now += 1_000) {
      const drawn = budget.draw(1, now);
      if (drawn.kind === "suspended") break;
      granted++;
    }
    expect(granted).toBe(40);
    expect(budget.draw(1, now + 1).kind).toBe("suspended");
    // The window is over as well by then.
    expect(budget.draw(1, now + 60_000).kind).toBe("granted");
  });
});
