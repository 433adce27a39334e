/** Paper and files at the desk: asked for by one person, agreed to by another, and only then made. */
import { z } from "zod";
import { recipientFrom } from "#app/keys/index.ts";
import type { Recipient } from "#app/vault/index.ts";
import { agreeTo, askToTakeAway, exportSheet, printSheet, reasonOf, type Agreement, type FieldRef, type OpenPerson, type ViewStep } from "#app/workflows/view/index.ts";
import { paperPart } from "../pages/desk.ts";
import { pendingPart } from "../pages/pending.ts";
import { COST } from "../session/budget.ts";
import { whoOf, type Session } from "../session/sessions.ts";
import { done, failed, lookAtRoles, part, problem, refused, takeStep, viewerOf, type Desk, type StepAnswer } from "../session/step.ts";

const Sheet = z.strictObject({ sheet: z.string().regex(/^[0-9a-f]{16}$/) });
const Decide = z.strictObject({ ...Sheet.shape, agree: z.boolean() });
/** First what is wanted; then, once somebody else has agreed, the number of it. */
const Print = z.union([Sheet, z.strictObject({ why: z.string().max(40) })]);
const Export = z.union([Sheet, z.strictObject({ why: z.string().max(40), extent: z.enum(["shown", "all"]), recipient: z.record(z.string(), z.unknown()) })]);

/** What was shown goes to paper; nothing else does. */
export function print(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const asked = Print.parse(body);
  if ("sheet" in asked) {
    return carryOut(desk, session, asked.sheet, async (step, person, agreement) => {
      const printed = await printSheet(step, person, agreement);
      if (printed.kind === "refused") return refused(printed.code);
      const { code: purpose, caseNumber } = agreement.wish.purpose;
      return part(paperPart({ sheet: printed.sheet, shop: session.place.shop, who: whoOf(session), session: session.id, at: desk.options.clock.now().toISOString(), purpose, caseNumber, why: agreement.wish.why, asOf: person.asOf.takenAt }), { sheet: printed.sheet.sheet });
    });
  }
  return askSecond(desk, session, asked.why, revealedOf(session), null, "Show the fields that shall be on the paper.");
}

export async function exportSealed(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const asked = Export.parse(body);
  if ("sheet" in asked) {
    return carryOut(desk, session, asked.sheet, async (step, person, agreement) => {
      const exported = await exportSheet(step, person, agreement);
      if (exported.kind === "refused") return refused(exported.code);
      return { status: 200, body: { kind: "file", name: `holdfast-${exported.sheet}.jwe`, text: Buffer.from(exported.sealed).toString("utf8") } };
    });
  }
  let recipient: Recipient;
  try {
    recipient = recipientFrom(asked.recipient);
  } catch {
    return { status: 409, body: problem("viewer.bad_request", { what: "That file is no recipient.", next: "Choose the recipient.jwk of the person it is for." }) };
  }
  const fields = asked.extent === "shown" ? revealedOf(session) : (session.open?.sheet ?? []).flatMap(({ fields: all }, record) => all.map(({ place }): FieldRef => ({ record, place })));
  return askSecond(desk, session, asked.why, fields, recipient, "Show the fields that shall go in, or export every field.");
}

/** Nothing goes yet: it waits for somebody else. */
function askSecond(desk: Desk, session: Session, code: string, fields: readonly FieldRef[], recipient: Recipient | null, next: string): Promise<StepAnswer> {
  const why = reasonOf(code);
  const person = session.open;
  if (person === null || why === null) return Promise.resolve(refused("viewer.out_of_order"));
  return takeStep(desk, session, COST.ask, async (step) => {
    const asked = await askToTakeAway(step, person, { fields, why, recipient, random: desk.options.random });
    if (asked.kind === "refused") return refused(asked.code);
    if (asked.kind === "nothing") return { status: 409, body: problem("viewer.bad_request", { what: "No field was shown yet.", next }) };
    desk.wishes.ask(session, asked.wish, desk.options.clock.now().getTime());
    return done({ sheet: asked.wish.sheet });
  });
}

/** What somebody else has agreed to. Fields that were shown have been drawn for; the others are drawn for now. */
function carryOut(desk: Desk, session: Session, sheet: string, work: (step: ViewStep, person: OpenPerson, agreement: Agreement) => Promise<StepAnswer>): Promise<StepAnswer> {
  const agreement = desk.wishes.agreed(session, sheet, desk.options.clock.now().getTime());
  const person = session.open;
  if (agreement === null || person === null) return Promise.resolve(refused("viewer.not_agreed"));
  const { fields, what } = agreement.wish;
  const cost = what === "print" ? COST.print : Math.max(1, fields.filter(({ record, place }) => !session.revealed.has(`${String(record)}.${String(place)}`)).length) * COST.field;
  return takeStep(desk, session, cost, async (step) => {
    const answer = await work(step, person, agreement);
    desk.wishes.drop(sheet);
    return answer;
  });
}

/** How it stands with what this person asked for. */
export function asked(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  return Promise.resolve(done({ state: desk.wishes.stateOf(session, Sheet.parse(body).sheet, desk.options.clock.now().getTime()) }));
}

/** What others wait for. */
export function pending(desk: Desk, session: Session): Promise<StepAnswer> {
  const waiting = desk.wishes.for(session, desk.options.clock.now().getTime());
  return Promise.resolve(part(waiting.length === 0 ? "" : pendingPart(waiting.map(({ wish, asker }) => ({ wish, who: whoOf(asker) }))), { sheets: waiting.map(({ wish }) => wish.sheet).join(" ") }));
}

export async function decide(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const { sheet, agree } = Decide.parse(body);
  let answer: StepAnswer = done();
  try {
    await lookAtRoles(desk, session);
    const there = await desk.wishes.decide(session, sheet, desk.options.clock.now().getTime(), async (wish) => {
      const decided = await agreeTo(viewerOf(desk, session), wish, agree);
      if (decided.kind === "refused") answer = refused(decided.code);
      return decided.kind === "agreed" ? decided.agreement : decided.kind === "disagreed" ? "refused" : null;
    });
    return there ? answer : refused("viewer.not_agreed");
  } catch (error) {
    return failed(desk, session, error);
  }
}

function revealedOf({ revealed }: Session): FieldRef[] {
  return [...revealed].map((at) => at.split(".").map(Number)).map(([record = 0, place = 0]) => ({ record, place }));
}
