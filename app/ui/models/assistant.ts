/** What the assistant's screens are given: the words of a decision tree, and who said what when. Nothing of a record but the ids that somebody chose. */
import type { RestoreOutcomeModel, RestoreStateModel } from "./restore.ts";
import type { Act, Answer, Facts, Outcome, Source, TreeNode } from "#app/response/index.ts";

export type { Act, Answer, Facts, TreeNode } from "#app/response/index.ts";
export type AssistantStateName = "open" | "decided" | "finished" | "abandoned";

export interface ScenarioRow {
  readonly id: string;
  readonly title: string;
  readonly when: string;
}

export interface AssistantRunLine {
  readonly id: string;
  readonly title: string;
  readonly state: AssistantStateName;
  readonly startedAt: string;
  readonly lastAt: string;
  readonly steps: number;
}

export interface AssistantModel {
  readonly now: string;
  readonly scenarios: readonly ScenarioRow[];
  /** Newest first. */
  readonly runs: readonly AssistantRunLine[];
}

export interface AssistantStepModel {
  readonly n: number;
  readonly at: string;
  /** "You", a name of the response team, or "a colleague". */
  readonly who: string;
  readonly what: "answered" | "looked-up" | "went-back" | "recorded" | "waiver-asked" | "waiver-decided" | "finished" | "abandoned";
  readonly asked: string | null;
  readonly said: string | null;
  readonly answer: Answer | null;
  readonly facts: Facts;
  readonly act: Act | null;
  readonly reason: string | null;
  readonly approved: boolean | null;
  readonly waiver: number | null;
  readonly snapshot: string | null;
  readonly corrected: boolean;
  readonly onTheWay: boolean;
}

export interface OrderModel {
  readonly rule: string;
  readonly then: Act;
  readonly says: string;
  readonly sources: readonly Source[];
  readonly waiver: { readonly n: number; readonly who: string; readonly mine: boolean; readonly at: string; readonly reason: string; readonly approved: boolean | null } | null;
}

export interface AssistantRunModel {
  readonly now: string;
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly digest: string;
  readonly sources: readonly Source[];
  readonly state: AssistantStateName;
  readonly startedAt: string;
  readonly startedBy: string;
  /** The last step this page has seen. */
  readonly steps: number;
  readonly node: TreeNode;
  readonly lookup: { readonly n: number; readonly at: string; readonly outcome: string; readonly say: string; readonly facts: Facts } | null;
  readonly before: Answer | null;
  readonly progress: { readonly done: number; readonly least: number; readonly most: number };
  readonly shown: readonly AssistantStepModel[];
  readonly acts: readonly Act[];
  readonly orders: readonly OrderModel[];
  readonly outcome: { readonly outcome: Outcome; readonly plan: boolean; readonly at: string | null } | null;
  readonly kinds: readonly string[];
  readonly namespaces: readonly string[];
  /** Plans of restores that were made from this run, oldest first. */
  readonly restores: readonly AssistantRestoreModel[];
}

export interface AssistantRestoreModel {
  readonly id: string;
  readonly state: RestoreStateModel;
  /** When each step was reached; null: not yet. */
  readonly plannedAt: string;
  readonly approvedAt: string | null;
  readonly begunAt: string | null;
  readonly reportAt: string | null;
  readonly outcome: RestoreOutcomeModel | null;
}
