/**
 * No records, and nothing that names any, leave the app by a route without an entry in the ledger (C51): every route that answers with something to take away stands here, with
 * the entry that its workflow makes before it answers, or with why none is needed. A new one fails until it stands here too.
 */
import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ACTIONS } from "#app/ledger/index.ts";

const ROOT = path.resolve(__dirname, "../..");
const source = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

/** The workflow that the route calls, and the entry it makes before it answers. Who may is the workflow's to ask, and tested with it. */
const ENTERED: Readonly<Record<string, { readonly workflow: string; readonly calls: string; readonly action: string }>> = {
  "app.find.ts": { workflow: "app/workflows/find/find.ts", calls: "find", action: "record.found" },
  "app.requests.$id_.package.ts": { workflow: "app/workflows/compliance/fetch-package.ts", calls: "fetchPackage", action: "disclosure.fetched" },
  "app.restore.$id_.export.ts": { workflow: "app/workflows/restore/show.ts", calls: "partOfExport", action: "restore.export_fetched" },
  "app.restore.$id_.report.ts": { workflow: "app/workflows/restore/show.ts", calls: "wholeReport", action: "restore.report_fetched" },
};

const NAMES_NOBODY: Readonly<Record<string, string>> = {
  "app.assistant.$id_.export.ts": "codes of a decision tree; ids of records are left out",
  "app.drills.$id_.records.ts": "signed figures of a drill, by kind and field",
  "app.drills.report.ts": "figures of drills",
  "app.progress.tsx": "how far a run is, in numbers",
  "app.requests.certificates.$name.ts": "a certificate of erasure, which names what is gone by digests",
};

const routes = readdirSync(path.join(ROOT, "app/routes")).filter((name) => /\.tsx?$/.test(name));
/** A route of the admin that has no screen of its own, or whose answer is a file's text. */
const givesFiles = routes.filter((name) => name.startsWith("app.") && (!/export default/.test(source(`app/routes/${name}`)) || /return \{ text:/.test(source(`app/routes/${name}`))));

test("every route that hands something out stands here, and nothing else does", () => {
  expect(givesFiles.sort()).toEqual([...Object.keys(ENTERED), ...Object.keys(NAMES_NOBODY)].sort());
});

describe.each(Object.entries(ENTERED))("%s", (name, { workflow, calls, action }) => {
  test(`answers with what ${calls} gives, and asks for nothing of a vault by itself`, () => {
    const text = source(`app/routes/${name}`);
    expect(text).toContain(`from "#${workflow}"`);
    expect(text).toMatch(new RegExp(`\\b${calls}\\(app\\.ports`));
    expect(text).not.toMatch(/#app\/vault|#app\/stores|ports\.stores|withShopVault/);
  });

  test(`is entered as ${action} before it answers`, () => {
    expect(Object.keys(ACTIONS)).toContain(action);
    const text = source(workflow);
    const body = text.slice(text.indexOf(`function ${calls}(`));
    // find's entry is made by a function of its own, which the command line has too.
    const entered = action === "record.found" ? body.indexOf("foundEntry(") : body.indexOf(`"${action}"`);
    expect(entered).toBeGreaterThan(0);
    expect(entered).toBeLessThan(body.search(action === "record.found" ? /return found;\n\}/ : /kind: "(?:part|report|package)",? ?(?:head|text|sealed)/));
  });
});

test("the viewer's desk makes an entry for whatever it shows or hands out", () => {
  for (const [file, action] of [["find-people", "record.searched"], ["open-person", "record.viewed"], ["reveal", "record.revealed"], ["take-away", "record.printed"], ["take-away", "record.exported"]] as const) expect(source(`app/workflows/view/${file}.ts`)).toContain(`"${action}"`);
});
