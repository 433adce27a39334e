/** Every alert and every metric has its words: on screens, in messages, and in docs/monitoring.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { alertMessage } from "#app/ui/wording/alert-message.ts";
import { ALERT_WORDS, alertsAnswer, alertScreen, alertText } from "#app/ui/wording/alerts.ts";
import { DELIVERY_WORDS, deliveryWords, fieldWords } from "#app/ui/wording/deliveries.ts";
import { sectionOf } from "#app/ui/wording/sections.ts";
import { ALERT_CODES, type Alert } from "#app/workflows/ports/alerts.ts";
import { METRICS, type MetricDefinition } from "#app/workflows/ports/metrics.ts";
import { splitEmails } from "#app/ui/present/alerts.ts";
import { everyAlert } from "./fixtures-alerts.ts";
import { NOW } from "./fixtures.ts";

const MONITORING = readFileSync(join(__dirname, "../../docs/monitoring.md"), "utf8");
const rows = (heading: string): string[][] => MONITORING.split(`\n## ${heading}\n`)[1]!.split(/\n## /)[0]!.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

describe.each(everyAlert)("$code", (alert) => {
  const text = alertText(alert);
  test("says what happened, what it means and what to do, in whole sentences, and leads somewhere", () => {
    for (const sentence of [text.happened, text.meaning, text.todo]) expect(sentence).toMatch(/^[A-Z"].*[.]$/s);
    expect(text.title).toMatch(/^[A-Z]/);
    expect(text.title).not.toMatch(/[.]$/);
    expect(JSON.stringify(text)).not.toMatch(/undefined|null|NaN|Invalid Date|unknown time|\[object/);
    expect(alertScreen(alert).path).toMatch(/^\/app(\/[a-z]+)*(\/[\w-]+|\?run=[\w-]+)?$/);
  });
  test("keeps its words when a fact is missing", () => expect(JSON.stringify(alertText({ ...alert, facts: {} }))).not.toMatch(/undefined|null|NaN|Invalid Date|\[object| {2}/));
});

test("the words of a stream that holds health data say so, and of one that does not, do not", () => {
  const one = everyAlert.find(({ code }) => code === "alert.stream_failed")!;
  expect(alertText(one)).toMatchObject({ title: "Health data not copied: metafields", meaning: expect.stringMatching(/health data/) });
  expect(JSON.stringify(alertText({ ...one, facts: { ...one.facts, phi: false } }))).not.toMatch(/[Hh]ealth/);
});

test("a storage without a second lock is not said to lie open, and an unsealed object is not said to be harmless", () => {
  const of = (subject: string) => alertText({ code: "alert.storage_unencrypted", subject, severity: "warning", facts: {} });
  for (const subject of ["storage:transit", "storage:rest"]) expect(of(subject).meaning).toMatch(/^Every record is sealed before it leaves this app/);
  expect(of("vault:packs").meaning).toMatch(/may be readable/);
});

test("docs/monitoring.md has a row with meaning and what to do for every alert, and no other", () => {
  const documented = rows("Alerts");
  expect(documented.map(([code]) => code!.replaceAll("`", "")).sort()).toEqual([...ALERT_CODES].sort());
  expect(Object.keys(ALERT_WORDS).sort()).toEqual([...ALERT_CODES].sort());
  for (const [, means, todo] of documented) expect([means!.length > 20, todo!.length > 20]).toEqual([true, true]);
});

test("docs/monitoring.md has every metric, with type, labels and help as they are", () => {
  const expected = Object.entries<MetricDefinition>(METRICS).map(([name, { type, labels, help }]) => [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(", "), help]);
  expect(rows("Metrics")).toEqual(expected);
});

test("no metric has a label that could name a shop, a person or a thing, and names follow Prometheus' habits", () => {
  for (const [name, { type, labels }] of Object.entries<MetricDefinition>(METRICS)) {
    expect(labels.filter((label) => /shop|id$|user|staff|key|subject|domain|address|object/.test(label))).toEqual([]);
    expect(labels.length).toBeLessThanOrEqual(3);
    expect(name).toMatch(type === "counter" ? /_total$/ : type === "histogram" ? /_seconds$/ : /^(?!.*_total$)holdfast_[a-z_]+$/);
  }
});

describe("a message", () => {
  const full = (row: (typeof everyAlert)[number]): Alert => ({ ...row, shop: "cedar-synthetic.myshopify.com", firstSeen: new Date(row.firstSeen), lastSeen: new Date(row.lastSeen), count: 1, acknowledgedAt: null, acknowledgedBy: null, note: "canary note", resolvedAt: null, level: 0, levelAt: new Date(row.firstSeen) });
  const told = (o: object = {}) => alertMessage({ shop: "cedar-synthetic.myshopify.com", reason: "opened", level: 0, alerts: everyAlert.map(full), now: new Date(NOW), link: (path) => `https://cedar-synthetic.myshopify.com/admin/apps/key${path}`, ...o });

  test("stays within Slack's limits, and its links lead to the admin", () => {
    const { slack, text } = told();
    expect(slack.blocks.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(slack)).not.toMatch(/"text":"[^"]{3001}/);
    expect(text).toContain("https://cedar-synthetic.myshopify.com/admin/apps/key/app/alerts/alert_0");
    expect(text).toContain(`${String(everyAlert.length - 10)} more alerts in the list.`);
  });
  test("holds no note of anybody, and escapes what Slack would read as markup", () => {
    const { text, slack } = told({ alerts: [full({ ...everyAlert[9]!, code: "alert.api_change", subject: "field:<!channel>&x" })] });
    expect(`${text}${JSON.stringify(slack)}`).not.toContain("canary");
    expect(JSON.stringify(slack.blocks.filter((block) => (block as { type: string }).type === "section"))).not.toContain("<!channel>");
    expect(JSON.stringify(slack.blocks)).toContain("&lt;!channel&gt;&amp;x");
  });
  test("has one line as its subject, whatever it tells", () => {
    for (const alert of everyAlert) expect(told({ alerts: [full(alert)] }).subject).toMatch(/^\[Holdfast\] [^\n\r]{5,200}$/);
  });
  test("says to which level it went when nobody acknowledged", () => expect(told({ reason: "escalated", level: 2 }).text).toMatch(/^Nobody has acknowledged these yet, so it goes to level 3\./));
});

test("what went wrong with a message is said with what to do, also for a code nobody has seen", () => {
  for (const code of [...Object.keys(DELIVERY_WORDS), "delivery.future"]) for (const sentence of Object.values(deliveryWords(code))) expect(sentence).toMatch(/^[A-Z].*\.$/);
  for (const code of ["bad_email", "too_many", "bad_webhook", "bad_minutes", "future"]) expect(fieldWords(code)).toMatch(/^[A-Z].*\.$/);
});

test("the first line counts rightly", () => {
  expect(alertsAnswer({ open: 0, acknowledged: 0 })).toBe("Nothing needs you right now.");
  expect(alertsAnswer({ open: 1, acknowledged: 0 })).toBe("1 alert needs somebody.");
  expect(alertsAnswer({ open: 2, acknowledged: 1 })).toBe("2 alerts need somebody. 1 other is being looked after.");
  expect(alertsAnswer({ open: 0, acknowledged: 2 })).toBe("Nothing new. 2 alerts are being looked after.");
  expect(sectionOf("/app/alerts/settings")).toBe("Alerts");
  expect(splitEmails(" a@x.example, b@x.example;\n a@x.example\n")).toEqual(["a@x.example", "b@x.example"]);
});
