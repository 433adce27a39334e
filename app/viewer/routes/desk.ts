/** The steps at the desk. Each is a POST of JSON from the page itself, with the session's token; what it carries is in its body, never in its address. */
import express from "express";
import type { Request, Response, Router } from "express";
import { z } from "zod";
import { recipientFrom } from "#app/keys/index.ts";
import type { Recipient } from "#app/vault/index.ts";
import { agreeTo, askToTakeAway, exportSheet, FIND_BY, findPeople, openPerson, printSheet, reasonOf, revealField, statedPurpose, type Agreement, type FieldRef, type OpenPerson, type ViewStep } from "#app/workflows/view/index.ts";
import { bearsToken } from "../http/guard.ts";
import { paperPart, personPart, resultsPart } from "../pages/desk.ts";
import { pendingPart } from "../pages/pending.ts";
import { COST } from "../session/budget.ts";
import { LONGEST_MS, type Session } from "../session/sessions.ts";
import { warm } from "../session/source.ts";
import { done, failed, inTurn, lookAtRoles, needs, part, problem, refused, takeStep, viewerOf, type Desk, type StepAnswer } from "../session/step.ts";

/** Thousands of keys fit; everything else is small. */
const MOST_BODY = "2mb";

const Begin = z.strictObject({ purpose: z.string().max(40), case: z.string().max(100) });
const Keys = z.strictObject({ keys: z.record(z.string().regex(/^(?:index-)?[0-9a-f]{32}$/), z.string().regex(/^[A-Za-z0-9_-]{43}$/)) });
const Find = z.strictObject({ by: z.enum(FIND_BY as [string, ...string[]]), value: z.string().trim().min(1).max(300) });
const Open = z.strictObject({ id: z.string().min(1).max(512) });
const Place = z.number().int().min(0).max(10_000);
const Reveal = z.strictObject({ record: Place, place: Place, why: z.string().max(40) });
const Sheet = z.strictObject({ sheet: z.string().regex(/^[0-9a-f]{16}$/) });
const Decide = z.strictObject({ ...Sheet.shape, agree: z.boolean() });
/** First what is wanted; then, once somebody else has agreed, the number of it. */
const Print = z.union([Sheet, z.strictObject({ why: z.string().max(40) })]);
const Export = z.union([Sheet, z.strictObject({ why: z.string().max(40), extent: z.enum(["shown", "all"]), recipient: z.record(z.string(), z.unknown()) })]);

type Work = (desk: Desk, session: Session, body: unknown) => Promise<StepAnswer>;

const STEPS: Readonly<Record<string, Work>> = { begin, keys, find, open, reveal, close, print, export: exportStep, asked, pending, decide, stay: () => Promise.resolve(done()) };

/** What the page asks by itself: no use that keeps a session alive. */
const BY_ITSELF: ReadonlySet<string> = new Set(["asked", "pending"]);

export function deskSteps(desk: Desk, sessionOf: (request: Request) => { readonly session: Session } | { readonly ended: string }): Router {
  const router = express.Router();
  router.use(express.json({ limit: MOST_BODY, strict: true, type: "application/json" }));
  for (const [name, work] of Object.entries(STEPS)) {
    router.post(`/${name}`, (request, response, next) => {
      const found = sessionOf(request);
      if ("ended" in found) {
        send(response, { status: 401, body: { kind: "ended", to: `/signed-off?why=${found.ended}` } });
        return;
      }
      const { session } = found;
      if (!bearsToken(request, session)) {
        response.status(403).json(problem("viewer.bad_request"));
        return;
      }
      if (!BY_ITSELF.has(name)) desk.sessions.use(session);
      inTurn(session, () => work(desk, session, request.body as unknown))
        .catch((error: unknown) => {
          if (error instanceof z.ZodError) return refused("viewer.bad_request");
          throw error;
        })
        .then((answer) => { send(response, answer); }, next);
    });
  }
  return router;
}

function send(response: Response, { status, body }: StepAnswer): void {
  response.status(status).json(body);
}

async function begin(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const { purpose: code, case: number } = Begin.parse(body);
  const stated = statedPurpose(code, number);
  if (!stated.ok) return { status: 409, body: problem("viewer.bad_request", stated.problem === "case" ? { what: "That is no case number.", next: "Write the number alone: letters, digits and .#/-, at least one digit, no names. Or leave it empty." } : { what: "Say what you need it for.", next: "Choose a purpose." }) };
  session.purpose = stated.purpose;
  wipeOpen(session);
  return takeStep(desk, session, 0, async ({ source }) => {
    await warm(session, source);
    return session.chest.lacks ? needs(session) : done();
  });
}

async function keys(_desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  if (session.place.opener !== null) return refused("viewer.out_of_order");
  for (const [name, text] of Object.entries(Keys.parse(body).keys)) {
    const key = Buffer.from(text, "base64url");
    const kept = session.chest.put(name, key);
    key.fill(0);
    if (!kept) return refused("viewer.bad_request");
  }
  return Promise.resolve(done());
}

function find(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const { by, value } = Find.parse(body);
  wipeOpen(session);
  return takeStep(desk, session, COST.find, async (step) => {
    const found = await findPeople(step, { by: FIND_BY.find((known) => known === by) ?? "id", value });
    return found.kind === "refused" ? refused(found.code) : part(resultsPart(found.hits, found.more, null));
  });
}

function open(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const { id } = Open.parse(body);
  wipeOpen(session);
  return takeStep(desk, session, COST.open, async (step) => {
    const opened = await openPerson(step, id);
    switch (opened.kind) {
      case "refused":
        return refused(opened.code);
      case "not-found":
        return { status: 409, body: problem("viewer.bad_request", { what: "That record is not in the newest backup.", next: "Look again: it may have been deleted since." }) };
      case "erased":
        return { status: 409, body: problem("viewer.bad_request", { what: "That record was erased on request.", next: "Nothing brings it back." }) };
      case "opened":
        session.open = opened.person;
        return part(personPart(opened.person));
    }
  });
}

function reveal(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  const { record, place, why: code } = Reveal.parse(body);
  const why = reasonOf(code);
  const person = session.open;
  if (person === null || why === null) return Promise.resolve(refused("viewer.out_of_order"));
  return takeStep(desk, session, COST.field, async (step) => {
    const shown = await revealField(step, person, { field: { record, place }, why });
    if (shown.kind === "refused") return refused(shown.code);
    if (shown.kind === "no-such-field") return refused("viewer.bad_request");
    session.revealed.add(`${String(record)}.${String(place)}`);
    return { status: 200, body: { kind: "value", value: shown.value } };
  });
}

function close(_desk: Desk, session: Session): Promise<StepAnswer> {
  wipeOpen(session);
  return Promise.resolve(done());
}

/** What was shown goes to paper; nothing else does. */
function print(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
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

async function exportStep(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
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
function asked(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  return Promise.resolve(done({ state: desk.wishes.stateOf(session, Sheet.parse(body).sheet, desk.options.clock.now().getTime()) }));
}

/** What others wait for. */
function pending(desk: Desk, session: Session): Promise<StepAnswer> {
  const waiting = desk.wishes.for(session, desk.options.clock.now().getTime());
  return Promise.resolve(part(waiting.length === 0 ? "" : pendingPart(waiting.map(({ wish, asker }) => ({ wish, who: whoOf(asker) }))), { sheets: waiting.map(({ wish }) => wish.sheet).join(" ") }));
}

async function decide(desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
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

export function whoOf({ person }: Session): string {
  return person.displayName ?? `responder ${person.id.slice(0, 8)}…`;
}

function wipeOpen(session: Session): void {
  session.open?.wipe();
  session.open = null;
  session.revealed.clear();
}

/** When a session ends whatever is done, for the page's clock. */
export function endsAt({ startedAt }: Session): number {
  return startedAt + LONGEST_MS;
}

