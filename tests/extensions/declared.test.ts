/** The extensions say what the one table in code says: the same handles, words, fields, keys and types, in the same order. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isObjectType } from "graphql";
import { parse } from "smol-toml";
import { describe, expect, test } from "@jest/globals";
import { ACTIONS, type Action, type ActionField } from "#app/workflows/flow/actions.ts";
import { TRIGGERS, type Trigger } from "#app/workflows/flow/triggers.ts";
import { FOLDER, ofType, read, ROOT, toml } from "./support.ts";

const triggers: readonly Trigger[] = Object.values(TRIGGERS);
const actions: readonly Action[] = Object.values(ACTIONS);

describe("triggers", () => {
  test("are those of the table, field by field", () => {
    const declared = ofType("flow_trigger").map(({ declared: { extension, fields } }) => ({ handle: extension.handle, name: extension.name, description: extension.description, fields }));
    const wanted = triggers.map(({ handle, name, description, fields }) => ({ handle, name, description, fields: Object.values(fields).map(({ key, type, description: says }) => ({ key, type, description: says })) }));
    expect(declared).toEqual([...wanted].sort((a, b) => (a.handle < b.handle ? -1 : 1)));
  });
  test("no field's key comes twice, and every payload names its event and a screen", () => {
    for (const { fields } of triggers) {
      const keys = Object.values(fields).map(({ key }) => key);
      expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(keys.length);
      expect(keys).toEqual(expect.arrayContaining(["Event id", "Page"]));
    }
  });
});

describe("actions", () => {
  test("are those of the table, field by field", () => {
    const declared = ofType("flow_action").map(({ declared: { extension, fields } }) => ({ ...extension, fields }));
    const wanted = actions.map(({ handle, name, description, fields, returns }) => ({
      type: "flow_action", handle, name, description, runtime_url: `/flow/actions/${handle}`, schema: "./schema.graphql", return_type_ref: returns.type,
      fields: Object.values(fields).map(({ key, name: label, type, required, description: says }) => ({ key, name: label, type, required, description: says })),
    }));
    expect(declared).toEqual([...wanted].sort((a, b) => (a.handle < b.handle ? -1 : 1)));
  });
  test.each(actions.map((action) => [action.name, action] as const))("%s gives back what its schema says", (_name, { handle, returns }) => {
    const schema = buildSchema(`${readFileSync(join(FOLDER, `action-${handle}`, "schema.graphql"), "utf8")}\ntype Query { it: ${returns.type} }`);
    const type = schema.getType(returns.type);
    if (!isObjectType(type)) throw new Error("the type is missing");
    expect(Object.values(type.getFields()).map((field) => [field.name, String(field.type), field.description])).toEqual(Object.entries(returns.fields).map(([name, field]) => [name, `${field.type}!`, field.description]));
  });
  test("take no free text: every text field has its words, or the look of a number that names, phone numbers and ids do not have", () => {
    for (const { fields } of actions) {
      for (const { type, oneOf, pattern } of Object.values<ActionField>(fields)) {
        if (type !== "single_line_text_field") continue;
        if (pattern === undefined) expect(oneOf?.length).toBeGreaterThan(1);
        else for (const free of ["Ana", "Ana Lima", "Ana-Lima", "+15551234567", "5551234567", "gid://shopify/Customer/7", "ana@clinic.example", "1984-03-02", "7012345678901"]) expect(pattern.test(free)).toBe(false);
      }
    }
  });
});

describe("what the check refuses", () => {
  const good = toml("trigger-drill-failed");
  test.each([
    ["a field type that Flow does not have", (text: string) => text.replace('type = "number_decimal"', 'type = "number_float"')],
    ["a type of an action in a trigger", (text: string) => text.replace('type = "number_decimal"', 'type = "number_integer"')],
    ["a key with an underscore", (text: string) => text.replace('key = "Drill id"', 'key = "Drill_id"')],
    ["a handle that is too long", (text: string) => text.replace('handle = "drill-failed"', `handle = "${"drill-".repeat(6)}"`)],
    ["a member that nobody reads", (text: string) => text.replace('type = "flow_trigger"', 'type = "flow_trigger"\nuid_hint = "x"')],
  ])("%s", (_name, spoil) => {
    expect(() => read(good)).not.toThrow();
    expect(spoil(good)).not.toBe(good);
    expect(() => read(spoil(good))).toThrow();
  });
});

describe("ready workflows", () => {
  const templates = ofType("flow_template");
  test("there are three, with words of their own", () => {
    expect(templates).toHaveLength(3);
    for (const { folder } of templates) {
      const words = JSON.parse(readFileSync(join(FOLDER, folder, "locales/en.default.json"), "utf8")) as { name: string; description: string };
      expect(words.name).toMatch(/^[A-Z].{10,60}$/);
      expect(words.description).toMatch(/^[A-Z].{20,1000}\.$/);
    }
  });
  test.each(templates.map(({ folder }) => [folder] as const))("%s: its module has the form of an export, and uses fields that its trigger has", (folder) => {
    const text = readFileSync(join(FOLDER, folder, "template.flow"), "utf8");
    const [, digest, json] = /^([0-9a-f]{64}):(.*)$/s.exec(text) ?? [];
    expect(createHash("sha256").update(json ?? "").digest("hex")).toBe(digest);
    const { root } = JSON.parse(json ?? "") as { root: { workflow_name: string; steps: { task_type: string; task_id: string; config_field_values: { config_field_id: string; value: string }[] }[]; links: unknown[] } };
    const [start, ...rest] = root.steps;
    expect(start?.task_type).toBe("TRIGGER");
    const trigger = triggers.find(({ handle }) => start?.task_id === `holdfast::${handle}`);
    const variables = Object.values(trigger?.fields ?? {}).map(({ key }) => camel(key));
    for (const step of rest) {
      for (const [, name] of step.config_field_values.flatMap(({ value }) => [...value.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)])) expect([...variables, "shop.email"]).toContain(name);
      const ours = actions.find(({ handle }) => step.task_id === `holdfast::${handle}`);
      if (ours === undefined) expect(step.task_id).toBe("shopify::flow::send_email");
      else expect(Object.values(ours.fields).map(({ key }) => key)).toEqual(expect.arrayContaining(step.config_field_values.map(({ config_field_id }) => config_field_id)));
    }
    expect(root.links).toHaveLength(root.steps.length - 1);
  });
  test("are offered to nobody as long as Flow's own names of our tasks are not in them", () => {
    for (const { folder, declared } of templates) {
      const unconfirmed = readFileSync(join(FOLDER, folder, "template.flow"), "utf8").includes('"holdfast::');
      if (unconfirmed) expect([declared.extension.template.enabled, declared.extension.template.discoverable]).toEqual([false, false]);
    }
  });
});

test("the callback lies below the app's address", () => {
  const app = parse(readFileSync(join(ROOT, "shopify.app.toml"), "utf8")) as { application_url: string };
  expect(ofType("flow_trigger_lifecycle_callback").map(({ declared }) => declared.extension.url)).toEqual([new URL("/flow/lifecycle", app.application_url).href]);
});

test("every address has its route", () => {
  expect(["flow.actions.$handle.ts", "flow.lifecycle.ts"].map((name) => existsSync(join(ROOT, "app/routes", name)))).toEqual([true, true]);
});

/** "Drill id" is {{ drillId }} in a workflow. */
function camel(key: string): string {
  return key.toLowerCase().replaceAll(/ ([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
