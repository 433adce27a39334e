/** What the screen of Shopify Flow is given. */
import type { FlowActionState, FlowDeliveryState } from "#app/workflows/ports/flow.ts";
import type { ProblemModel } from "../models.ts";

export interface FlowTriggerRow {
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  /** Whether a workflow starts with it; null: Flow has not told us. */
  readonly listening: boolean | null;
  readonly lastSentAt: string | null;
}

export interface FlowActionRow {
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly lastAskedAt: string | null;
}

export interface FlowDeliveryRow {
  readonly id: string;
  /** Of the trigger. */
  readonly name: string;
  /** Our screen about it. */
  readonly page: string;
  readonly state: FlowDeliveryState;
  readonly at: string;
  readonly nextAt: string;
  readonly attempts: number;
  readonly code: string | null;
}

export interface FlowStepRow {
  readonly id: string;
  /** Of the action. */
  readonly name: string;
  readonly state: FlowActionState;
  readonly at: string;
  readonly code: string | null;
  /** Our screen about what it led to. */
  readonly page: string | null;
}

export interface FlowModel {
  readonly now: string;
  /** Where Shopify Flow is opened. */
  readonly flowUrl: string;
  readonly triggers: readonly FlowTriggerRow[];
  readonly actions: readonly FlowActionRow[];
  /** Those that failed first, then newest first. */
  readonly deliveries: readonly FlowDeliveryRow[];
  readonly steps: readonly FlowStepRow[];
  readonly failed: number;
  readonly waiting: number;
  readonly problem?: ProblemModel;
}
