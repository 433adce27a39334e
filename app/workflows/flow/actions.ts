/**
 * What a workflow in Shopify Flow may ask for, in one table: the extensions (extensions/action-*), the parser of what comes and the value that is given back all come
 * from here, and a test holds the extensions to it. An action stands here once what it asks for exists.
 *
 * No field takes free text: a workflow can put anything into one, a customer's name too, and what is asked for is kept. A number from elsewhere has a pattern that
 * names, phone numbers and ids of records do not fit.
 */
import { z } from "zod";
import { EMERGENCY_REASONS } from "../ports/capture.ts";

export type ActionFieldType = "single_line_text_field" | "number_integer" | "boolean";

export interface ActionField {
  readonly key: string;
  readonly name: string;
  readonly type: ActionFieldType;
  readonly required: boolean;
  readonly description: string;
  /** Words it may be, or what a number from elsewhere looks like; a number's bounds. */
  readonly oneOf?: readonly string[];
  readonly pattern?: RegExp;
  readonly from?: number;
  readonly to?: number;
  /** What is meant when the merchant leaves it empty. */
  readonly otherwise: string | number | boolean;
}

export interface ReturnField {
  readonly type: "String" | "Boolean" | "Int" | "Float";
  readonly description: string;
}

export interface Action {
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, ActionField>>;
  readonly returns: { readonly type: string; readonly description: string; readonly fields: Readonly<Record<string, ReturnField>> };
}

const says = (type: ReturnField["type"], description: string): ReturnField => ({ type, description });
const PAGE = says("String", "The address of the screen in Holdfast.");

/** As the app's own (app/workflows/capture/emergency.ts), with a figure and never seven of them in a row. */
const INCIDENT_NUMBER = /^(?!\d{4}-\d\d-\d\d)(?=.*\d)(?!.*\d{7})[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

export const ACTIONS = {
  "take-snapshot": {
    handle: "take-snapshot",
    name: "Take snapshot",
    description: "Takes a snapshot of the store now, ahead of all other work, and holds it so that no rule removes it for a while.",
    fields: {
      reason: { key: "reason", name: "Reason", type: "single_line_text_field", required: false, oneOf: EMERGENCY_REASONS, otherwise: "other", description: `One of: ${EMERGENCY_REASONS.join(", ")}. Empty means other.` },
      holdHours: { key: "hold hours", name: "Hold it for hours", type: "number_integer", required: false, from: 1, to: 8784, otherwise: 72, description: "How long the snapshot is held, 1 to 8784 hours. Empty means 72." },
      incident: { key: "incident number", name: "Incident number", type: "single_line_text_field", required: false, pattern: INCIDENT_NUMBER, otherwise: "", description: "The number your incident has elsewhere, such as 2026-014. The snapshot is then held until you close that incident in Holdfast, whatever the hours." },
    },
    returns: {
      type: "SnapshotTaken",
      description: "The snapshot that was taken.",
      fields: {
        snapshotId: says("String", "Names the snapshot."), takenAt: says("String", "When it was sealed, ISO 8601 in UTC."), complete: says("Boolean", "Whether everything that was to be copied was copied."),
        records: says("Float", "How many records it holds."), gaps: says("Int", "How many gaps it names."), page: PAGE,
      },
    },
  },
  "verify-vault": {
    handle: "verify-vault",
    name: "Verify vault",
    description: "Checks that everything in your storage is there and is what was written.",
    fields: {
      readEverything: { key: "read everything", name: "Read everything", type: "boolean", required: false, otherwise: true, description: "Reads every object to its end. If not, it checks that all are there and that lists and signatures agree. Empty means yes." },
    },
    returns: {
      type: "VaultVerified",
      description: "What the check of the storage found.",
      fields: { sound: says("Boolean", "Whether nothing was found."), verifiedAt: says("String", "When the check ended, ISO 8601 in UTC."), page: PAGE },
    },
  },
  "run-drill": {
    handle: "run-drill",
    name: "Run drill",
    description: "Rehearses a restore: made-up data through the whole of it into a practice store. With a key service it can open your snapshots too.",
    fields: {
      realSnapshots: { key: "real snapshots too", name: "Real snapshots too", type: "boolean", required: false, otherwise: false, description: "Also opens a real snapshot and compares every record. Needs a key service that is set up for Holdfast. Empty means no." },
    },
    returns: {
      type: "DrillResult",
      description: "What the drill came to.",
      fields: {
        drillId: says("String", "Names the drill."), passed: says("Boolean", "Whether every record that was compared agreed."), code: says("String", "Stable code of the result."),
        compared: says("Float", "How many records were compared."), restoreSeconds: says("Float", "How long the restore took."), page: PAGE,
      },
    },
  },
  "hold-snapshots": {
    handle: "hold-snapshots",
    name: "Hold snapshots",
    description: "Keeps snapshots from being removed by any rule until a stated time. Requests of customers to be erased are still carried out.",
    fields: {
      which: { key: "which snapshots", name: "Which snapshots", type: "single_line_text_field", required: false, oneOf: ["newest", "all"], otherwise: "all", description: "newest: the newest snapshot. all: every snapshot there is, and every one that is taken while the hold lasts. Empty means all." },
      holdDays: { key: "hold days", name: "Hold them for days", type: "number_integer", required: true, from: 1, to: 366, otherwise: 30, description: "How long they are held, 1 to 366 days." },
    },
    returns: {
      type: "SnapshotsHeld",
      description: "The hold that was placed.",
      fields: { holdId: says("String", "Names the hold."), heldUntil: says("String", "When it ends by itself, ISO 8601 in UTC."), page: PAGE },
    },
  },
} as const satisfies Readonly<Record<string, Action>>;

export type FlowActionName = keyof typeof ACTIONS;
export const FLOW_ACTIONS = Object.keys(ACTIONS) as readonly FlowActionName[];

type InputField<F> = F extends { readonly type: "number_integer" } ? number : F extends { readonly type: "boolean" } ? boolean : F extends { readonly oneOf: readonly (infer W)[] } ? W : string;
/** What a request says, with what was left empty filled in. */
export type InputOf<A extends FlowActionName> = { readonly [K in keyof (typeof ACTIONS)[A]["fields"]]: InputField<(typeof ACTIONS)[A]["fields"][K]> };

export type ReturnOf<A extends FlowActionName> = A extends FlowActionName ? Readonly<Record<keyof (typeof ACTIONS)[A]["returns"]["fields"], string | number | boolean>> : never;

export function isAction(name: string): name is FlowActionName {
  return Object.hasOwn(ACTIONS, name);
}

export type ParsedInput<A extends FlowActionName> = { readonly kind: "ok"; readonly input: InputOf<A> } | { readonly kind: "bad"; readonly field: ActionField };

/** What Flow sends: numbers and flags as such or as text (a merchant may put a variable in), nothing for what was left empty. The first field that does not fit is named. */
export function parseInput<A extends FlowActionName>(action: A, properties: Readonly<Record<string, unknown>>): ParsedInput<A> {
  const input: Record<string, string | number | boolean> = {};
  for (const [name, field] of Object.entries<ActionField>(ACTIONS[action].fields)) {
    const given = properties[field.key];
    const empty = given === undefined || given === null || given === "";
    if (empty && field.required) return { kind: "bad", field };
    const parsed = shapeOf(field).safeParse(empty ? field.otherwise : given);
    if (!parsed.success) return { kind: "bad", field };
    input[name] = parsed.data;
  }
  return { kind: "ok", input: input as InputOf<A> };
}

function shapeOf(field: ActionField): z.ZodType<string | number | boolean> {
  const { oneOf, pattern, from, to } = field;
  switch (field.type) {
    case "boolean":
      return z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);
    case "number_integer":
      return z.union([z.number(), z.string().regex(/^\d{1,9}$/).transform(Number)]).pipe(z.number().int().min(from ?? 0).max(to ?? Number.MAX_SAFE_INTEGER));
    case "single_line_text_field":
      if (pattern !== undefined) return z.string().trim().refine((number) => number === "" || pattern.test(number));
      return z.string().trim().toLowerCase().refine((word) => oneOf?.includes(word) ?? false);
    default:
      field.type satisfies never;
      return z.never();
  }
}
