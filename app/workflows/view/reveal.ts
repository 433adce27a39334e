/** One field in clear, for a stated reason. The event is kept first; a reveal that cannot be recorded does not happen. */
import { actorName, type AccessRefusal } from "#app/access/index.ts";
import { refusalOf } from "./admit.ts";
import type { OpenPerson } from "./open-person.ts";
import type { Reason } from "./purpose.ts";
import { recordRef } from "./record-ref.ts";
import { valueAt } from "./sheet.ts";
import { about, type ViewStep } from "./view.ts";

/** Which field: the record's position in the sheet, and the field's place in it. */
export interface FieldRef {
  readonly record: number;
  readonly place: number;
}

export type RevealOutcome =
  | { readonly kind: "revealed"; readonly value: string }
  | { readonly kind: "no-such-field" }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function revealField(step: ViewStep, person: OpenPerson, { field, why }: { readonly field: FieldRef; readonly why: Reason }): Promise<RevealOutcome> {
  const { viewer, source } = step;
  const code = await refusalOf(viewer, "record.reveal");
  if (code !== null) return { kind: "refused", code };
  const record = person.records[field.record];
  const named = person.sheet[field.record]?.fields[field.place];
  if (record === undefined || named === undefined) return { kind: "no-such-field" };
  await viewer.events.keep([
    {
      actor: actorName(viewer.actor),
      action: "record.revealed",
      subject: {
        ...about(step),
        why,
        record: recordRef(source.indexKey, person.root.id),
        ...(record.id === person.root.id ? {} : { part: recordRef(source.indexKey, record.id) }),
        field: named.name,
      },
      outcome: "done",
    },
  ]);
  return { kind: "revealed", value: valueAt(record, field.place) ?? "" };
}
