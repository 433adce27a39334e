/**
 * Which things come before which. As data: a rule names what must have been recorded before something else may be. A deviation is possible, with a written
 * reason that a second person approves; it stays visible in the timeline.
 */
import type { Act, Source } from "./tree.ts";

export interface OrderRule {
  readonly id: string;
  readonly first: Act;
  readonly then: Act;
  readonly says: string;
  readonly sources: readonly Source[];
}

export const ORDER_RULES = [
  {
    id: "restore-before-failover",
    first: "restore",
    then: "failover",
    says: "Restoring from backup comes before switching over to a redundant system: a second system that runs on damaged data spreads the damage.",
    sources: [
      { cite: "45 CFR 164.308(a)(7)(ii)(B)", says: "Procedures to restore any loss of data.", status: "in_force" },
      { cite: "NIST SP 800-34 Rev. 1, 4.3.1", says: "Recovery follows a planned sequence.", status: "guidance" },
      { cite: "The store's contingency plan", says: "Backup restoration before failover to redundant systems.", status: "contract" },
    ],
  },
] as const satisfies readonly OrderRule[];

export type OrderRuleId = (typeof ORDER_RULES)[number]["id"];

export type OrderDecision = { readonly allowed: true; /** The rule that an approved reason sets aside. */ readonly setAside: string | null } | { readonly allowed: false; readonly rule: OrderRule };

/** May this be recorded now? `recorded`: what stands in the timeline. `waived`: rules for which a second person has approved a reason, and that nothing has used yet. */
export function mayRecord(act: Act, { recorded, waived }: { readonly recorded: readonly Act[]; readonly waived: readonly string[] }, rules: readonly OrderRule[] = ORDER_RULES): OrderDecision {
  let setAside: string | null = null;
  for (const rule of rules) {
    if (rule.then !== act || recorded.includes(rule.first)) continue;
    if (!waived.includes(rule.id)) return { allowed: false, rule };
    setAside = rule.id;
  }
  return { allowed: true, setAside };
}
