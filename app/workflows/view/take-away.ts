/**
 * A sheet that leaves the screen: printed, or sealed to a named recipient. Under the same rules as a reveal: for a reason, and every field that is in clear on it is named in the
 * ledger before it is handed out. What goes is what a second person agreed to (agree.ts), no more and once.
 */
import { actorName, type AccessRefusal } from "#app/access/index.ts";
import { sealMessage } from "#app/vault/index.ts";
import { refusalOf } from "./admit.ts";
import { spend, type Agreement } from "./agree.ts";
import type { OpenPerson } from "./open-person.ts";
import type { Reason } from "./purpose.ts";
import { recordRef } from "./record-ref.ts";
import { valueAt, type SheetField } from "./sheet.ts";
import { about, type ViewStep } from "./view.ts";

/** Characters of field names in one entry; more names make more entries of the same sheet. */
const NAMES_PER_ENTRY = 900;
const NAMING = /^Metafield\.(?:namespace|key)$/;

/** `text` is the value. */
export type SheetLine = Pick<SheetField, "name" | "label" | "text">;

export interface PrintSheet {
  /** 16 hex digits, on the paper and in the ledger. */
  readonly sheet: string;
  /** Only what was shown, and the records that it stands in. */
  readonly parts: readonly { readonly kind: string; readonly id: string; readonly lines: readonly SheetLine[] }[];
  /** Fields of this person that are not on it. */
  readonly left: number;
}

export type PrintOutcome = { readonly kind: "printed"; readonly sheet: PrintSheet } | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function printSheet(step: ViewStep, person: OpenPerson, agreement: Agreement): Promise<PrintOutcome> {
  const code = await refusalOf(step.viewer, "record.export");
  if (code !== null) return { kind: "refused", code };
  if (!spend(agreement, person, actorName(step.viewer.actor))) return { kind: "refused", code: "access.same_person" };
  const { wish, by } = agreement;
  const clear = named(wish);
  const { sheet } = wish;
  await step.viewer.events.keep(entries(step, person, "record.printed", sheet, wish.why, clear, { approvedBy: by }));
  const parts = person.sheet.map(({ kind, id, fields }, n) => {
    const told = (place: number): boolean => clear.has(`${String(n)}.${String(place)}`);
    // A metafield's value says nothing without its name.
    const lines = fields.some(({ place }) => told(place)) ? fields.filter(({ place, name, open }) => told(place) || (open && NAMING.test(name))) : [];
    return { kind, id, lines: lines.map(({ place, name, label, text }): SheetLine => ({ name, label, text: told(place) ? (valueAt(person.records[n]!, place) ?? "") : text })) };
  });
  const filled = person.sheet.reduce((sum, { fields }) => sum + fields.filter(({ text }) => text !== "").length, 0);
  return { kind: "printed", sheet: { sheet, parts: parts.filter(({ lines }) => lines.length > 0), left: filled - clear.size } };
}

export type ExportOutcome = { readonly kind: "exported"; readonly sheet: string; readonly sealed: Uint8Array } | { readonly kind: "refused"; readonly code: AccessRefusal };

/** JWE in General JSON serialization (RFC 7516), `typ` "holdfast-disclosure", of JSON lines: a first line that says what this is, then one per record. */
export async function exportSheet(step: ViewStep, person: OpenPerson, agreement: Agreement): Promise<ExportOutcome> {
  const { viewer, source, purpose } = step;
  const code = await refusalOf(viewer, "record.export");
  if (code !== null) return { kind: "refused", code };
  const { wish, by } = agreement;
  const { recipient, sheet, why } = wish;
  if (recipient === null || !spend(agreement, person, actorName(viewer.actor))) return { kind: "refused", code: "access.same_person" };
  const clear = named(wish);
  const records = person.sheet
    .map(({ kind, id, fields }, n) => ({ kind, id, fields: Object.fromEntries(fields.filter(({ place }) => clear.has(`${String(n)}.${String(place)}`)).map(({ name, place }) => [name, valueAt(person.records[n]!, place) ?? ""])) }))
    .filter(({ fields }) => Object.keys(fields).length > 0);
  const head = { what: "Fields of one person's record, as a responder took them away", sheet, shop: viewer.shop, by: actorName(viewer.actor), at: viewer.clock.now().toISOString(), purpose: purpose.code, why, agreedBy: by, recipient: recipient.keyId, asOf: person.asOf };
  const lines = Buffer.from([head, ...records].map((line) => `${JSON.stringify(line)}\n`).join(""), "utf8");
  try {
    const sealed = await sealMessage(lines, { typ: "holdfast-disclosure", cty: "application/jsonl", vault: viewer.vaultId, request: sheet }, [recipient]);
    await viewer.events.keep(entries(step, person, "record.exported", sheet, why, clear, { recipient: recipient.keyId, approvedBy: by }, source.indexKey));
    return { kind: "exported", sheet, sealed };
  } finally {
    lines.fill(0);
  }
}

/** Names by "record.place". */
function named({ fields }: Agreement["wish"]): ReadonlyMap<string, string> {
  return new Map(fields.map(({ record, place, name }) => [`${String(record)}.${String(place)}`, name]));
}

function entries(
  step: ViewStep,
  person: OpenPerson,
  action: "record.printed" | "record.exported",
  sheet: string,
  why: Reason,
  clear: ReadonlyMap<string, string>,
  more: Readonly<Record<string, string>> = {},
  indexKey = step.source.indexKey,
): { actor: string; action: string; subject: Record<string, string | number>; outcome: "done" }[] {
  const pages: string[] = [];
  for (const name of clear.values()) {
    const last = pages.at(-1);
    if (last !== undefined && last.length + 1 + name.length <= NAMES_PER_ENTRY) pages[pages.length - 1] = `${last} ${name}`;
    else pages.push(name);
  }
  return (pages.length === 0 ? [""] : pages).map((fields, n) => ({
    actor: actorName(step.viewer.actor),
    action,
    subject: { ...about(step), why, record: recordRef(indexKey, person.root.id), sheet, page: n + 1, pages: Math.max(1, pages.length), count: clear.size, ...(fields === "" ? {} : { fields }), ...more },
    outcome: "done" as const,
  }));
}
