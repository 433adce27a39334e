/** Looks for a person by one thing that is known of them. Answers a few, all masked: there is no list of everybody to be had here. */
import { actorName, type AccessRefusal } from "#app/access/index.ts";
import { refusalOf } from "./admit.ts";
import { sheetRecord, type SheetField } from "./sheet.ts";
import { about, type FindBy, type FoundRoot, type ViewStep } from "./view.ts";

/** More answers than these mean that the question was too wide. */
export const MOST_HITS = 5;
/** What tells two people apart at a glance, by the class of a field. */
const TELLING = new Set(["name", "email", "phone"]);
const MOST_TELLING = 4;

export interface Hit extends FoundRoot {
  /** Masked. */
  readonly telling: readonly Pick<SheetField, "label" | "text">[];
}

export type FindOutcome =
  | { readonly kind: "found"; readonly hits: readonly Hit[]; readonly more: boolean }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function findPeople(step: ViewStep, { by, value }: { readonly by: FindBy; readonly value: string }): Promise<FindOutcome> {
  const { viewer, source } = step;
  const code = await refusalOf(viewer, "record.find");
  if (code !== null) return { kind: "refused", code };
  const found = await source.search(by, value, MOST_HITS + 1);
  const hits: Hit[] = [];
  for (const root of found.slice(0, MOST_HITS)) {
    const there = await source.state.get(root.id);
    // Erased, or gone since the index was written.
    if (there?.record == null) continue;
    const { fields } = sheetRecord(there.record);
    const telling = fields.filter((field) => TELLING.has(field.class) && field.text !== "" && !/\.(?:billing|shipping|default)Address\./.test(field.name)).slice(0, MOST_TELLING);
    hits.push({ kind: there.record.kind, id: there.record.id, telling: telling.map(({ label, text }) => ({ label, text })) });
  }
  await viewer.events.keep([{ actor: actorName(viewer.actor), action: "record.searched", subject: { ...about(step), by, shown: hits.length }, outcome: "done" }]);
  return { kind: "found", hits, more: found.length > MOST_HITS };
}
