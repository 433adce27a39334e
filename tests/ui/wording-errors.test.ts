/** Every code that can reach a screen has words: what happened, what it means for the data, what to do. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ACTIONS } from "#app/ledger/index.ts";
import { ERROR_WORDS, errorWords } from "#app/ui/wording/errors.ts";
import { GAP_WORDS } from "#app/ui/wording/gaps.ts";
import { REASON_WORDS } from "#app/ui/wording/safety.ts";

const APP = join(__dirname, "../../app");
/** Families that a run, an action or a loader can end with. Keys, database, sandbox and env speak on a terminal only. */
const CODE = /"((?:vault|store|source|ledger|drill|snapshot|restore|access|shop|request|setup|storage|custody|redaction|hold|prune|retention|assistant)\.[a-z_]+)"/g;

/** Names of the same form that are no errors, each with what it is. */
const NOT_ERRORS: Record<string, string> = {
  "vault.json": "an object's name", "vault.verify": "a permission", "storage.link": "a permission", "snapshot.take": "a permission", "snapshot.cancel": "a permission", "drill.run": "a permission", "drill.certify": "a permission", "restore.plan": "a permission", "restore.approve": "a permission", "restore.apply": "a permission", "restore.cancel": "a permission", "restore.list": "a permission", "restore.view": "a permission", "restore.report": "a permission", "restore.fetch": "a permission", "restore.damaged": "a finding of verify", "restore.planned": "how planning ends well", "restore.plan_requested": "an event", "restore.run_requested": "an event", "restore.plan_failed": "an event", "restore.apply_failed": "an event", "restore.done": "how a restore ends well", "restore.done_with_losses": "how a restore ends well", "restore.jsonl": "a file's name", "drill.rehearse": "a permission", "drill.schedule": "a permission", "drill.damaged": "a finding of verify", "drill.missing": "a finding of verify", "drill.not_entered": "a finding of verify", "storage.credentials": "a permission", "request.damaged": "a finding of verify",
  "assistant.run": "a permission", "assistant.waive": "a permission", "assistant.step": "an event",
  "vault.sound": "how a check ends well", "snapshot.requested": "an event", "snapshot.committed": "an event", "snapshot.committed_with_gaps": "an event",
  "store.call_failed": "an event", "store.call_slow": "an event",
  "drill.requested": "an event", "custody.requested": "an event", "custody.failed": "an event", "custody.finished": "an event", "redaction.done": "how an erasure ends well", "prune.done": "how a prune ends well", "prune.damaged": "a finding of verify", "prune.missing": "a finding of verify", "redaction.damaged": "a finding of verify", "redaction.missing": "a finding of verify", "hold.damaged": "a finding of verify", "drill.finished": "an event", "drill.passed": "an event", "snapshot.completed": "an event for Flow", "storage.problem": "an event for Flow", "shop.installed": "an event", "shop.uninstalled": "an event",
};

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && /\.tsx?$/.test(e.name))
    .map((e) => join(e.parentPath, e.name))
    .filter((path) => !path.startsWith(join(APP, "ui")) && !path.startsWith(join(APP, "cli")));
}

const found = new Set<string>();
for (const path of sources(APP)) for (const match of readFileSync(path, "utf8").matchAll(CODE)) found.add(match[1]!);
const codes = [...found].filter((code) => !(code in NOT_ERRORS) && !(code in REASON_WORDS) && !(code in ACTIONS && !(code in ERROR_WORDS))).sort();

test("the search finds the codes that are known to exist", () => {
  expect(codes).toEqual(expect.arrayContaining(["vault.damaged_object", "store.no_space", "source.unauthorized", "request.not_found", "drill.key_missing"]));
});

test("every code has words of its own", () => expect(codes.filter((code) => !(code in ERROR_WORDS))).toEqual([]));

describe.each(Object.keys(ERROR_WORDS))("%s", (code) => {
  const words = errorWords(code);
  test("says what happened, what it means and what to do, in whole sentences", () => {
    for (const sentence of [words.happened, words.meaning, words.todo]) expect(sentence).toMatch(/^[A-Z].*\.$/s);
    expect(new Set(Object.values(words)).size).toBe(3);
  });
  test("does not call the storage a bucket of jargon or the person names", () => expect(Object.values(words).join(" ")).not.toMatch(/\b(null|undefined|exception|stack|invalid argument|user error)\b/i));
});

test("a code nobody has seen still says what to do", () => expect(errorWords("future.code").todo).not.toBe(""));
test("gaps and reasons have words too", () => {
  expect(Object.keys(GAP_WORDS).length).toBeGreaterThan(5);
  expect(Object.keys(REASON_WORDS).length).toBeGreaterThan(5);
});
