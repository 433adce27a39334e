/** The Exposure screen in every state. Invented figures and names, no records. */
import type { ExposureModel, FieldRow, KindRow, PlatformModel, TaskRow } from "#app/ui/models-exposure.ts";
import { ago, NOW } from "./fixtures.ts";

const DAY = 86_400_000;
const kind = (name: string, records: number, bytes: number, shop?: number): KindRow => ({ kind: name, records, bytes, readAt: ago(120_000), ...(shop === undefined ? {} : { shop }) });
const kinds = [kind("Customer", 12_400, 9_800_000, 12_400), kind("Metafield", 31_000, 14_200_000), kind("Order", 4_811, 12_100_000, 4_811), kind("DraftOrder", 12, 21_000, 12)];
const fields: FieldRow[] = [
  { owner: "Customer", namespace: "health_intake", key: "intake_form", type: "json", readable: true, records: 11_000, bytes: 8_000_000, readAt: ago(120_000) },
  { owner: "Order", namespace: "custom", key: "rx", readable: true, records: 2_000, bytes: 90_000, readAt: ago(120_000) },
  { owner: "COMPANY_LOCATION", namespace: "custom", key: "site", type: "single_line_text_field", readable: true, records: 0, bytes: 0 },
  { owner: "CUSTOMER", namespace: "app--77--labs", key: "result", type: "json", readable: false, records: 0, bytes: 0 },
];
const platform: PlatformModel = { version: "2026-10", checkedAt: ago(3_600_000), apps: 3, definitions: 14, missingScopes: [], findings: [], extractor: "0123456789abcdef", fingerprint: "ab".repeat(32), revalidation: { required: false } };
const task = (o: Partial<TaskRow>): TaskRow => ({ id: "task_1", kind: "app", subject: "app:reviews", state: "open", raisedAt: ago(DAY), dueAt: new Date(Date.parse(NOW) + 6 * DAY).toISOString(), overdue: false, facts: { title: "Synthetic Reviews", scopes: 2 }, ...o });
const base: ExposureModel = { now: NOW, view: "inventory", state: "safe", reasons: [], records: 48_223, bytes: 36_121_000, readAt: ago(120_000), kinds, fields, platform, gaps: [], gapCount: 0, tasks: [] };

const tasks: TaskRow[] = [
  task({ overdue: true, raisedAt: ago(9 * DAY), dueAt: ago(2 * DAY) }),
  task({ id: "task_2", subject: "app:reviews:scopes:1", facts: { title: "Synthetic Reviews", scopes: 3, added: "read_orders" } }),
  task({ id: "task_3", kind: "namespace", subject: "namespace:CUSTOMER/labs", facts: { keys: 2, seen: "records" } }),
  task({ id: "task_4", kind: "definition", subject: "definition:PRODUCTVARIANT/custom.dose", facts: { type: "number_integer" } }),
  task({ id: "task_5", kind: "definition", subject: "definition:METAOBJECTDEFINITION/care_plan", facts: { type: "metaobject" } }),
  task({ id: "task_6", kind: "scope", subject: "scope:read_files", facts: { scope: "read_files", granted: false } }),
  task({ id: "task_7", kind: "unreadable", subject: "unreadable:CUSTOMER/app--77--labs", facts: { definitions: 1 } }),
  task({ id: "task_8", subject: "app:forms", state: "accepted", decidedAt: ago(3_600_000), reason: "the vendor signed for its own copies" }),
  task({ id: "task_9", subject: "app:old", state: "done", decidedAt: ago(3_600_000) }),
];

export const exposures: Record<string, ExposureModel> = {
  empty: { ...base, state: "not-observed", reasons: [{ code: "coverage.not_checked" }, { code: "coverage.no_snapshot" }], records: 0, bytes: 0, readAt: null, kinds: [], fields: [], platform: null },
  emptyCoverage: { ...base, view: "coverage", state: "not-observed", reasons: [{ code: "coverage.not_checked" }, { code: "coverage.no_snapshot" }], records: 0, bytes: 0, readAt: null, kinds: [], fields: [], platform: null },
  inventory: base,
  coverage: { ...base, view: "coverage" },
  broken: {
    ...base, view: "coverage", state: "not-safe", reasons: [{ code: "coverage.api_broken", amount: 1 }, { code: "coverage.gaps", amount: 2 }, { code: "revalidation.required", detail: "revalidation.schema" }],
    gaps: [{ code: "stream.failed", stream: "customers", reason: "SCHEMA_MISMATCH" }, { code: "stream.partial", stream: "orders", reason: "incremental" }], gapCount: 2,
    platform: {
      ...platform, apps: null, missingScopes: ["read_files"], revalidation: { required: true, since: ago(2 * DAY), why: "revalidation.schema" },
      findings: [
        { code: "schema.removed", member: "Customer.note", use: "read", version: "2026-10", streams: ["customers"] },
        { code: "schema.deprecated", member: "QueryRoot.customers(sortKey)", use: "read", version: "2027-01", streams: ["a", "b", "c", "d", "e", "f"] },
        { code: "schema.required", member: "CustomerInput.why", use: "restore", version: "2026-10", streams: ["every"] },
      ],
    },
  },
  tasks: { ...base, view: "tasks", state: "not-safe", reasons: [{ code: "coverage.tasks_overdue", amount: 1 }, { code: "coverage.tasks_open", amount: 6 }], tasks },
  noTasks: { ...base, view: "tasks" },
  stale: { ...base, state: "at-risk", reasons: [{ code: "coverage.check_overdue", amount: 16 * DAY }] },
  open: { ...base, state: "at-risk", reasons: [{ code: "coverage.tasks_open", amount: 1 }], tasks: [task({})] },
  unproven: { ...base, view: "coverage", state: "at-risk", reasons: [{ code: "revalidation.required", detail: "revalidation.version" }], platform: { ...platform, revalidation: { required: true, since: ago(DAY), why: "revalidation.version" } } },
};
