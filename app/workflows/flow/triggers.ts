/**
 * What Shopify Flow can be told, in one table: the extensions (extensions/trigger-*), the payloads that are sent and the shapes that facts must have all
 * come from here, and a test holds the extensions to it. A trigger stands here once what it tells of exists.
 *
 * Keys are letters and spaces only and types are those of a trigger's fields (https://shopify.dev/docs/apps/build/flow/triggers/reference). A shop's staff and
 * its other apps can read what a workflow was started with, so a field is an id, a count, a code, a time or the address of one of our screens: never a value of a record.
 */

export type TriggerFieldType = "single_line_text_field" | "number_decimal" | "boolean" | "url";

export interface TriggerField {
  /** What the merchant sees and the payload is keyed by. */
  readonly key: string;
  readonly type: TriggerFieldType;
  readonly description: string;
}

export interface Trigger {
  /** Never changes once an app was deployed with it. */
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  /** By the name of the fact; `reason`, `page` and `eventId` are made when the payload is. */
  readonly fields: Readonly<Record<string, TriggerField>>;
  /** The screen to look at. */
  readonly page: (facts: Readonly<Record<string, unknown>>) => string;
}

const text = (key: string, description: string) => ({ key, type: "single_line_text_field", description }) as const;
const number = (key: string, description: string) => ({ key, type: "number_decimal", description }) as const;
const flag = (key: string, description: string) => ({ key, type: "boolean", description }) as const;

const EVENT = { eventId: text("Event id", "Names this event. Should the same event ever reach you twice, both carry the same id.") };
const page = (description: string) => ({ page: { key: "Page", type: "url", description } as const });
const CODE = text("Code", "Stable code of what went wrong, for conditions.");
const REASON = text("Reason", "What went wrong, in a sentence.");
const CRITICAL = flag("Critical", "Whether a restore may not bring everything back as long as this lasts.");
const SINCE = text("Since", "When it was first seen, ISO 8601 in UTC.");
const ALERT = text("Alert id", "Names the alert in Holdfast.");

export const TRIGGERS = {
  "snapshot.completed": {
    handle: "snapshot-completed",
    name: "Snapshot completed",
    description: "Starts when a snapshot of the store has been sealed into your storage. Holds counts and ids only, no customer data.",
    fields: {
      snapshotId: text("Snapshot id", "Names the snapshot."),
      takenAt: text("Taken at", "When the snapshot was sealed, ISO 8601 in UTC."),
      complete: flag("Complete", "Whether everything that was to be copied was copied. If not, the snapshot names its gaps."),
      gaps: number("Gaps", "How many gaps the snapshot names."),
      records: number("Records", "How many records the snapshot holds."),
      added: number("Added", "Records that are new since the snapshot before."),
      changed: number("Changed", "Records that changed since the snapshot before."),
      removed: number("Removed", "Records that are gone since the snapshot before."),
      emergency: flag("Emergency", "Whether it was taken as an emergency snapshot."),
      ...page("The snapshot in Holdfast."),
      ...EVENT,
    },
    page: (facts) => `/app/snapshots/${String(facts["snapshotId"])}`,
  },
  "snapshot.failed": {
    handle: "snapshot-failed",
    name: "Snapshot failed",
    description: "Starts when a snapshot of the store could not be taken. Snapshots taken before are not touched.",
    fields: {
      runId: text("Run id", "Names the attempt."),
      code: CODE,
      reason: REASON,
      failedAt: text("Failed at", "When the attempt ended, ISO 8601 in UTC."),
      emergency: flag("Emergency", "Whether it was to be an emergency snapshot."),
      ...page("The attempt in Holdfast."),
      ...EVENT,
    },
    page: (facts) => `/app/runs?run=${String(facts["runId"])}`,
  },
  "recovery_point.missed": {
    handle: "recovery-point-missed",
    name: "Recovery point missed",
    description: "Starts when the newest state that could be brought back is older than you allow for a kind of data.",
    fields: {
      stream: text("Kind of data", "Which kind of data it is: customers, orders and so on."),
      ageMinutes: number("Age in minutes", "How old the newest state is that could be brought back; 0 when there is none at all."),
      goalMinutes: number("Goal in minutes", "How old you allow it to be."),
      critical: CRITICAL,
      since: SINCE,
      alertId: ALERT,
      ...page("The recovery points in Holdfast."),
      ...EVENT,
    },
    page: () => "/app/recovery-points",
  },
  "drill.passed": {
    handle: "drill-passed",
    name: "Drill passed",
    description: "Starts when a drill has brought a snapshot back and every record that was compared agreed.",
    fields: {
      drillId: text("Drill id", "Names the drill."),
      snapshotId: text("Snapshot id", "Names the snapshot that was brought back."),
      finishedAt: text("Finished at", "When the drill ended, ISO 8601 in UTC."),
      compared: number("Records compared", "How many records were opened and compared."),
      restored: number("Records restored", "How many records were put into the practice store."),
      restoreSeconds: number("Restore seconds", "How long it took from opening the vault to a restored store."),
      stateAgeSeconds: number("State age seconds", "How old the restored state was when the drill began."),
      ...page("The drill in Holdfast."),
      ...EVENT,
    },
    page: (facts) => `/app/drills/${String(facts["drillId"])}`,
  },
  "drill.failed": {
    handle: "drill-failed",
    name: "Drill failed",
    description: "Starts when a drill did not bring a snapshot back as it was, or could not be carried out.",
    fields: {
      drillId: text("Drill id", "Names the drill."),
      code: CODE,
      reason: REASON,
      finishedAt: text("Finished at", "When the drill ended, ISO 8601 in UTC."),
      compared: number("Records compared", "How many records were opened and compared; 0 when the drill could not begin."),
      differences: number("Differences", "How many records came back other than they were."),
      ...page("The drill in Holdfast."),
      ...EVENT,
    },
    page: (facts) => `/app/drills/${String(facts["drillId"])}`,
  },
  "storage.problem": {
    handle: "storage-problem",
    name: "Storage problem",
    description: "Starts when your storage cannot be reached, is not encrypted as it should be, or no longer holds what was written there.",
    fields: {
      code: text("Code", "Stable code of the problem, for conditions."),
      reason: text("Reason", "What is wrong, in a sentence."),
      critical: CRITICAL,
      since: SINCE,
      alertId: ALERT,
      ...page("The alert in Holdfast."),
      ...EVENT,
    },
    page: (facts) => `/app/alerts/${String(facts["alertId"])}`,
  },
} as const satisfies Readonly<Record<string, Trigger>>;

export type FlowEventName = keyof typeof TRIGGERS;
export const FLOW_EVENTS = Object.keys(TRIGGERS) as readonly FlowEventName[];

/** Made when the payload is: from the code, from the trigger, from the delivery. */
export const MADE = ["reason", "page", "eventId"] as const;
type Made = (typeof MADE)[number];

type Fields<E extends FlowEventName> = (typeof TRIGGERS)[E]["fields"];
type ValueOf<F> = F extends { readonly type: "number_decimal" } ? number : F extends { readonly type: "boolean" } ? boolean : string;

/** What whoever tells of an event must know about it. */
export type FactsOf<E extends FlowEventName> = { readonly [K in Exclude<keyof Fields<E>, Made>]: ValueOf<Fields<E>[K]> };

export function eventOf(handle: string): FlowEventName | null {
  return FLOW_EVENTS.find((event) => TRIGGERS[event].handle === handle) ?? null;
}
