/**
 * Nothing leaves the screen on one person's word. What is to be printed or exported is frozen when it is asked for; a second person who is named for emergencies agrees to exactly that,
 * or refuses; it serves once. All three are in the ledger, under the number that the sheet will have.
 */
import { actorName, mayRequest, type AccessRefusal } from "#app/access/index.ts";
import type { Recipient } from "#app/vault/index.ts";
import type { Random } from "../ports.ts";
import { refusalOf } from "./admit.ts";
import type { OpenPerson } from "./open-person.ts";
import type { Reason, StatedPurpose } from "./purpose.ts";
import { recordRef } from "./record-ref.ts";
import type { FieldRef } from "./reveal.ts";
import { about, type Viewer, type ViewStep } from "./view.ts";

/** What somebody wants to take away. Holds no value. */
export interface Wish {
  /** 16 hex digits: the number of the sheet. */
  readonly sheet: string;
  readonly what: "print" | "export";
  /** actorName. */
  readonly askedBy: string;
  readonly person: OpenPerson;
  /** Those that are there, once each. */
  readonly fields: readonly (FieldRef & { readonly name: string; readonly label: string })[];
  readonly purpose: StatedPurpose;
  readonly why: Reason;
  /** Whom an export is sealed to; null: paper. */
  readonly recipient: Recipient | null;
  /** The record, as the ledger names it. */
  readonly record: string;
}

const agreements = new WeakSet<object>();

/** Only agreeTo makes one. */
export interface Agreement {
  readonly wish: Wish;
  readonly by: string;
}

export type AskOutcome = { readonly kind: "asked"; readonly wish: Wish } | { readonly kind: "nothing" } | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function askToTakeAway(step: ViewStep, person: OpenPerson, o: { readonly fields: readonly FieldRef[]; readonly why: Reason; readonly recipient: Recipient | null; readonly random: Random }): Promise<AskOutcome> {
  const { viewer, source, purpose } = step;
  const code = await refusalOf(viewer, "record.export");
  if (code !== null) return { kind: "refused", code };
  const fields = chosen(person, o.fields);
  if (fields.length === 0) return { kind: "nothing" };
  const wish: Wish = { sheet: Buffer.from(o.random(8)).toString("hex"), what: o.recipient === null ? "print" : "export", askedBy: actorName(viewer.actor), person, fields, purpose, why: o.why, recipient: o.recipient, record: recordRef(source.indexKey, person.root.id) };
  await viewer.events.keep([{ actor: wish.askedBy, action: "record.export_asked", subject: { ...about(step), why: o.why, record: wish.record, sheet: wish.sheet, what: wish.what, count: fields.length, ...(o.recipient === null ? {} : { recipient: o.recipient.keyId }) }, outcome: "done" }]);
  return { kind: "asked", wish };
}

export type AgreeOutcome = { readonly kind: "agreed"; readonly agreement: Agreement } | { readonly kind: "disagreed" } | { readonly kind: "refused"; readonly code: AccessRefusal };

/** `viewer`: the second person. They need no key, and see no value. */
export async function agreeTo(viewer: Viewer, wish: Wish, agree: boolean): Promise<AgreeOutcome> {
  const decision = mayRequest("record.agree", viewer.actor, viewer.shop, { roles: viewer.roles, requestedBy: wish.askedBy });
  const by = actorName(viewer.actor);
  if (!decision.allowed) {
    await viewer.events.keep([{ actor: by, action: "request.refused", subject: { vault: viewer.vaultId, shop: viewer.shop, asked: "record.agree", code: decision.code }, outcome: "refused" }]);
    return { kind: "refused", code: decision.code };
  }
  await viewer.events.keep([{ actor: by, action: agree ? "record.export_agreed" : "record.export_refused", subject: { vault: viewer.vaultId, shop: viewer.shop, session: viewer.session, record: wish.record, sheet: wish.sheet, askedBy: wish.askedBy }, outcome: agree ? "done" : "refused" }]);
  if (!agree) return { kind: "disagreed" };
  const agreement: Agreement = { wish, by };
  agreements.add(agreement);
  return { kind: "agreed", agreement };
}

/** True once for each agreement, of this person's record, by somebody else: it serves for one sheet. */
export function spend(agreement: Agreement, person: OpenPerson, askedBy: string): boolean {
  const { wish, by } = agreement;
  return wish.person === person && wish.askedBy === askedBy && by !== askedBy && agreements.delete(agreement);
}

function chosen(person: OpenPerson, fields: readonly FieldRef[]): Wish["fields"] {
  const found = new Map<string, Wish["fields"][number]>();
  for (const { record, place } of fields) {
    const named = person.sheet[record]?.fields[place];
    if (named !== undefined && named.text !== "") found.set(`${String(record)}.${String(place)}`, { record, place, name: named.name, label: named.label });
  }
  return [...found.values()];
}
