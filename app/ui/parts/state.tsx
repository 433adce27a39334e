/** A state as icon, word and colour: the colour only underlines. */
import { Badge, Icon } from "@shopify/polaris";
import { AlertDiamondIcon, AlertTriangleIcon, CheckCircleIcon, ClockIcon, MinusCircleIcon, QuestionCircleIcon, XCircleIcon } from "@shopify/polaris-icons";
import type { DrillRow, SafetyState } from "../models.ts";
import { STATE_WORD } from "../wording/safety.ts";
import { count } from "../wording/numbers.ts";

const STATES = {
  safe: { tone: "success", icon: CheckCircleIcon },
  "at-risk": { tone: "warning", icon: AlertTriangleIcon },
  "not-safe": { tone: "critical", icon: AlertDiamondIcon },
  "not-observed": { tone: undefined, icon: QuestionCircleIcon },
} as const;

export function StateBadge({ state }: { state: SafetyState }) {
  const { tone, icon } = STATES[state];
  return <Badge tone={tone} icon={icon} size="large">{STATE_WORD[state]}</Badge>;
}

export function WholenessBadge({ complete, gapCount, changesOnly = false }: { complete: boolean; gapCount: number; changesOnly?: boolean | undefined }) {
  if (changesOnly && gapCount === 0) return <Badge tone="info" icon={ClockIcon}>Changes only</Badge>;
  if (complete) return <Badge tone="success" icon={CheckCircleIcon}>Whole</Badge>;
  return <Badge tone="warning" icon={AlertTriangleIcon}>{gapCount > 0 ? count(gapCount, "gap") : "Not whole"}</Badge>;
}

const DRILLS = {
  passed: { tone: "success", icon: CheckCircleIcon, word: "Passed" },
  failed: { tone: "critical", icon: AlertDiamondIcon, word: "Failed" },
  running: { tone: "info", icon: ClockIcon, word: "Running" },
  stopped: { tone: undefined, icon: MinusCircleIcon, word: "Stopped" },
} as const;

export function DrillBadge({ state }: { state: DrillRow["state"] }) {
  const { tone, icon, word } = DRILLS[state];
  return <Badge tone={tone} icon={icon}>{word}</Badge>;
}

const STEPS = {
  done: { source: CheckCircleIcon, tone: "success", word: "Done" },
  failed: { source: XCircleIcon, tone: "critical", word: "Failed" },
  running: { source: ClockIcon, tone: "info", word: "Under way" },
  waiting: { source: MinusCircleIcon, tone: "subdued", word: "Not yet" },
  absent: { source: MinusCircleIcon, tone: "subdued", word: "Not promised" },
} as const;

/** An icon that says its state to screen readers as well. */
export function StepIcon({ state }: { state: keyof typeof STEPS }) {
  const { source, tone, word } = STEPS[state];
  return <span className="hf-step-icon"><Icon source={source} tone={tone} accessibilityLabel={word} /></span>;
}
