/** The steps at the desk. Each is a POST of JSON from the page itself, with the session's token; what it carries is in its body, never in its address. */
import express from "express";
import type { Request, Response, Router } from "express";
import { z } from "zod";
import { FIND_BY, findPeople, openPerson, reasonOf, revealField, statedPurpose } from "#app/workflows/view/index.ts";
import { bearsToken } from "../http/guard.ts";
import { personPart, resultsPart } from "../pages/desk.ts";
import { COST } from "../session/budget.ts";
import { LONGEST_MS, type Session } from "../session/sessions.ts";
import { openerOf, warm } from "../session/source.ts";
import { done, inTurn, needs, part, problem, refused, takeStep, type Desk, type StepAnswer } from "../session/step.ts";
import { asked, decide, exportSealed, pending, print } from "./take-away.ts";

/** Thousands of keys fit; everything else is small. */
const MOST_BODY = "2mb";

const Begin = z.strictObject({ purpose: z.string().max(40), case: z.string().max(100), identity: z.boolean().default(false) });
const Keys = z.strictObject({ keys: z.record(z.string().regex(/^(?:index-)?[0-9a-f]{32}$/), z.string().regex(/^[A-Za-z0-9_-]{43}$/)) });
const Find = z.strictObject({ by: z.enum(FIND_BY as [string, ...string[]]), value: z.string().trim().min(1).max(300) });
const Open = z.strictObject({ id: z.string().min(1).max(512) });
const Place = z.number().int().min(0).max(10_000);
const Reveal = z.strictObject({ record: Place, place: Place, why: z.string().max(40) });

type Work = (desk: Desk, session: Session, body: unknown) => Promise<StepAnswer>;

const STEPS: Readonly<Record<string, Work>> = { begin, keys, find, open, reveal, close, print, export: exportSealed, asked, pending, decide, stay: () => Promise.resolve(done()) };

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
  const { purpose: code, case: number, identity } = Begin.parse(body);
  const stated = statedPurpose(code, number);
  if (!stated.ok) return { status: 409, body: problem("viewer.bad_request", stated.problem === "case" ? { what: "That is no case number.", next: "Write the number alone: letters, digits and .#/-, at least one digit, no names. Or leave it empty." } : { what: "Say what you need it for.", next: "Choose a purpose." }) };
  session.purpose = stated.purpose;
  wipeOpen(session);
  if (session.ownIdentity !== identity) {
    session.ownIdentity = identity;
    // What was made is made of what the other one opened.
    session.state = null;
  }
  return takeStep(desk, session, 0, async ({ source }) => {
    await warm(session, source);
    return session.chest.lacks ? needs(session) : done();
  });
}

async function keys(_desk: Desk, session: Session, body: unknown): Promise<StepAnswer> {
  if (openerOf(session) !== null) return refused("viewer.out_of_order");
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

function wipeOpen(session: Session): void {
  session.open?.wipe();
  session.open = null;
  session.revealed.clear();
}

/** How long a session lasts yet whatever is done, milliseconds: for the page's clock, whose device may think it is another day. */
export function leftOf({ startedAt }: Session, now: number): number {
  return startedAt + LONGEST_MS - now;
}

