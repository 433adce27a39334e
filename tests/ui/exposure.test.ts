/** What the Exposure screen says, from what is known. */
import { describe, expect, test } from "@jest/globals";
import { COVERAGE_REASONS, exposureAnswer, findingSentence, taskWords } from "#app/ui/wording/exposure.ts";
import { COVERAGE_ERRORS } from "#app/ui/wording/errors-coverage.ts";
import { errorWords } from "#app/ui/wording/errors.ts";
import { presentExposure } from "#app/ui/present/exposure.ts";
import type { Exposure } from "#app/workflows/coverage/exposure.ts";
import type { CatalogSnapshot, InventoryRow, PlatformRecord } from "#app/workflows/ports.ts";
import { NOW } from "./fixtures.ts";
import { exposures } from "./fixtures-exposure.ts";

describe("the first line", () => {
  test.each([
    ["empty", "We do not know yet what this store holds: nothing has been read."],
    ["inventory", "Everything we know of is copied: 48,223 records of 4 kinds, read 2 minutes ago."],
    ["broken", "Not all of it can be read any more: Shopify's API lacks 1 thing that we need."],
    ["tasks", "Not certain: 1 question about something new in the store was left unanswered."],
    ["open", "Everything known until now is copied (48,223 records of 4 kinds, read 2 minutes ago). 1 new thing in the store waits for your answer."],
    ["unproven", "Copied: 48,223 records of 4 kinds, read 2 minutes ago. Not proven since a change: revalidation required."],
  ])("answers its question (%s)", (state, line) => expect(exposureAnswer(exposures[state]!, NOW)).toBe(line));
});

test("every reason, task and finding is a sentence without a hole", () => {
  for (const model of Object.values(exposures)) {
    const said = [...model.reasons.map((reason) => COVERAGE_REASONS[reason.code](reason)), ...model.tasks.flatMap((task) => Object.values(taskWords(task))), ...(model.platform?.findings ?? []).map((finding) => findingSentence(finding, "2026-10"))];
    for (const sentence of said) {
      expect(sentence).toMatch(/^[A-Z0-9]/);
      expect(sentence).not.toMatch(/undefined|NaN|\[object/);
    }
  }
  expect(findingSentence({ code: "schema.removed", member: "Customer.note", use: "read", version: "2027-01", streams: ["customers"] }, "2026-10")).toBe("Customer.note is gone in version 2027-01, which is not read with yet. Needed to read customers.");
});

test("what an answer may run into has words of its own", () => {
  for (const code of Object.keys(COVERAGE_ERRORS)) expect(errorWords(code)).toBe(COVERAGE_ERRORS[code]);
});

describe("the model", () => {
  const at = new Date(NOW);
  const row = (kind: string, o: Partial<InventoryRow> = {}): InventoryRow => ({ kind, owner: "", namespace: "", key: "", records: 2, bytes: 20, firstSeenAt: at, readAt: at, snapshotId: "a", ...o });
  const platform = {
    apiVersion: "2026-10", extractor: "e", fingerprint: "f", findings: [], checkedAt: at,
    surroundings: { scopes: ["write_customers"], needed: ["read_customers", "read_files"], apps: null, definitions: [{ owner: "CUSTOMER", namespace: "custom", key: "rx", type: "json", readable: true }, { owner: "COMPANY_LOCATION", namespace: "custom", key: "site", type: "json", readable: true }, { owner: "METAOBJECT_DEFINITION", namespace: "", key: "care_plan", type: "metaobject", readable: true }] },
  } as unknown as PlatformRecord;
  const known: Exposure = {
    state: "safe", reasons: [], platform, revalidation: { required: false, since: null, why: null }, tasks: [],
    inventory: [row("Customer"), row("Metafield", { owner: "Customer", namespace: "custom", key: "rx" }), row("Metafield", { owner: "Order", namespace: "x", key: "y", records: 5 })],
    full: { takenAt: at, gaps: [], gapCount: 0, kinds: { Customer: { records: 2, expected: 3 } } } as unknown as CatalogSnapshot, newest: null, now: at,
  };

  test("sums metafields up as one kind, and sets the shop's count beside ours", () => {
    const model = presentExposure(known, "inventory");
    expect(model.kinds.map(({ kind, records, shop }) => [kind, records, shop])).toEqual([["Customer", 2, 3], ["Metafield", 7, undefined]]);
    expect(model.records).toBe(9);
  });

  test("brings fields that are defined and fields that are seen together, however the owner is spelt", () => {
    expect(presentExposure(known, "inventory").fields.map(({ namespace, key, type, records }) => [`${namespace}.${key}`, type, records])).toEqual([["custom.site", "json", 0], ["custom.rx", "json", 2], ["x.y", undefined, 5]]);
  });

  test("takes the permission to write for one to read", () => expect(presentExposure(known, "coverage").platform?.missingScopes).toEqual(["read_files"]));
});
