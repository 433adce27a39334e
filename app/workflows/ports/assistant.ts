/** Runs of the assistant, as they are kept: the tree of that day, and step after step what was answered. Ids, codes and times; a reason only where an order is set aside. */
import type { RunStep } from "#app/response/index.ts";

export type AssistantState = "open" | "decided" | "finished" | "abandoned";

export interface AssistantRunRow {
  readonly id: string;
  readonly shop: string;
  readonly scenario: string;
  readonly treeVersion: string;
  /** SHA-256 of the canonical tree, hex. */
  readonly treeDigest: string;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly state: AssistantState;
  /** Of the last step; of the start before there is one. */
  readonly lastAt: Date;
  readonly lastBy: string;
  readonly steps: number;
  readonly endedAt: Date | null;
}

export interface KeptRun extends AssistantRunRow {
  /** The tree as it was, to be checked against its digest. */
  readonly tree: unknown;
}

export interface KeptStep {
  readonly step: RunStep;
  /** 32 hex digits, random: what is entered into the ledger about a step can be checked with it, and not guessed without. */
  readonly salt: string;
}

export interface AssistantRuns {
  create(run: Pick<KeptRun, "id" | "shop" | "scenario" | "treeVersion" | "treeDigest" | "tree" | "startedBy" | "startedAt">): Promise<void>;
  get(shop: string, id: string): Promise<KeptRun | null>;
  /** Newest first. */
  list(shop: string, limit: number): Promise<readonly AssistantRunRow[]>;
  /** In order. */
  steps(shop: string, id: string): Promise<readonly KeptStep[]>;
  /** Adds one step behind the others. False: there is a step of that number already; nothing was changed. Steps are never changed or removed. */
  append(shop: string, id: string, kept: KeptStep, state: AssistantState): Promise<boolean>;
  /** When a shop's data is erased: answers may name records. */
  forget(shop: string): Promise<void>;
}
