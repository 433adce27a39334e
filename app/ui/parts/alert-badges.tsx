/** Severity and state of an alert, as icon and word: the colour only underlines. */
import { Badge } from "@shopify/polaris";
import { AlertDiamondIcon, AlertTriangleIcon, CheckCircleIcon, PersonIcon, XCircleIcon, ClockIcon, MinusCircleIcon } from "@shopify/polaris-icons";
import type { AlertRow, DeliveryRow, RunRow } from "../models.ts";
import { ALERT_STATE_WORD, SEVERITY_WORD } from "../wording/alerts.ts";
import { DELIVERY_STATE_WORD } from "../wording/deliveries.ts";
import { RUN_STATE_WORD } from "../wording/runs.ts";

export function SeverityBadge({ severity }: Pick<AlertRow, "severity">) {
  return <Badge tone={severity === "critical" ? "critical" : "warning"} icon={severity === "critical" ? AlertDiamondIcon : AlertTriangleIcon}>{SEVERITY_WORD[severity]}</Badge>;
}

const STATES = { open: { tone: "attention", icon: AlertTriangleIcon }, acknowledged: { tone: "info", icon: PersonIcon }, resolved: { tone: "success", icon: CheckCircleIcon } } as const;

export function AlertStateBadge({ state }: Pick<AlertRow, "state">) {
  const { tone, icon } = STATES[state];
  return <Badge tone={tone} icon={icon}>{ALERT_STATE_WORD[state]}</Badge>;
}

const DELIVERIES = { waiting: { tone: "info", icon: ClockIcon }, sent: { tone: "success", icon: CheckCircleIcon }, failed: { tone: "critical", icon: XCircleIcon }, unneeded: { tone: undefined, icon: MinusCircleIcon } } as const;

export function DeliveryBadge({ state }: Pick<DeliveryRow, "state">) {
  const { tone, icon } = DELIVERIES[state];
  return <Badge tone={tone} icon={icon}>{DELIVERY_STATE_WORD[state]}</Badge>;
}

const RUNS = { queued: { tone: undefined, icon: ClockIcon }, running: { tone: "info", icon: ClockIcon }, succeeded: { tone: "success", icon: CheckCircleIcon }, failed: { tone: "critical", icon: XCircleIcon }, cancelled: { tone: undefined, icon: MinusCircleIcon } } as const;

/** `gaps`: it succeeded, and something is missing. That is never green. */
export function RunBadge({ state, gaps }: Pick<RunRow, "state"> & { readonly gaps: boolean }) {
  if (gaps && state === "succeeded") return <Badge tone="warning" icon={AlertTriangleIcon}>With gaps</Badge>;
  const { tone, icon } = RUNS[state];
  return <Badge tone={tone} icon={icon}>{RUN_STATE_WORD[state]}</Badge>;
}
