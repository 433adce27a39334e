/** Removes records that did not exist then. Asked for again after a lost answer: a record that is gone is gone. */
import type { ReviseResult, ReviseRun } from "../../port.ts";
import type { Family, Kind } from "../catalogue/kind.ts";
import type { History } from "./history.ts";
import { isSameState, type Look } from "./look.ts";
import type { Requests } from "./requests.ts";
import { CHANGED } from "./amend.ts";
import { revisionOf } from "./work.ts";

export interface RemovalTools {
  readonly requests: Requests;
  readonly history: History;
  readonly look: Look;
  readonly ifChanged: ReviseRun["ifChanged"];
}

export async function removeAll(kind: Kind, families: readonly Family[], { requests, history, look, ifChanged }: RemovalTools): Promise<ReviseResult[]> {
  const { remove } = revisionOf(kind);
  const result = (family: Family, outcome: ReviseResult["outcome"], code?: string): ReviseResult => ({ kind: family.root.kind, id: family.root.id, outcome, ...(code === undefined ? {} : { code }) });
  if (remove === null) return families.map((family) => result(family, "refused", kind.notRestored ?? "platform.history"));
  const results: ReviseResult[] = [];
  const asked = history.unfinished("remove");
  const same = await look.unchanged(kind, families.map(({ root }) => root));
  const found = await look.all(kind, families.filter(({ root }) => !same.has(root.id)).map(({ root }) => root.id));
  const wanted: Family[] = [];
  for (const family of families) {
    const { root } = family;
    const now = same.has(root.id) ? family : (found.get(root.id) ?? null);
    if (now === null) results.push(result(family, "restored"));
    else if (!isSameState(now, family) && !asked.has(root.id) && ifChanged({ kind: root.kind, id: root.id }) === "skip") results.push(result(family, "skipped", CHANGED));
    else wanted.push(family);
  }
  if (wanted.length === 0) return results;
  const batch = history.newBatch();
  await history.ask(batch, "remove", kind.kind, wanted.map(({ root }) => root.id), null);
  const answers = await requests.ask({ ...remove, node: null }, wanted.map(({ root }) => remove.variables(root.id)), { batch, harmless: true });
  const refused = wanted.filter((_, n) => !answers[n]!.done);
  // "It does not exist" is what was wanted: asked for twice, or removed by somebody else.
  const left = await look.all(kind, refused.map(({ root }) => root.id));
  for (const [n, family] of wanted.entries()) {
    const answer = answers[n]!;
    const gone = answer.done || (left.get(family.root.id) ?? null) === null;
    results.push(gone ? result(family, "restored") : result(family, "refused", answer.code));
  }
  return results;
}
