/** One step at the desk: the budget, the keys, the work, and what can be said when it does not work out. */
import { actorName } from "#app/access/index.ts";
import { currentRecipients, VaultError, StoreError, wrappedContentKey } from "#app/vault/index.ts";
import { KeyError } from "#app/keys/index.ts";
import { LedgerError } from "#app/ledger/index.ts";
import type { Viewer, ViewStep } from "#app/workflows/view/index.ts";
import { ViewerError } from "../errors.ts";
import type { ViewerOptions, ViewerPlace } from "../ports.ts";
import { problemWords } from "../pages/words.ts";
import { ReadBudget } from "./budget.ts";
import type { Session, Sessions } from "./sessions.ts";
import { sourceOf } from "./source.ts";
import type { Wishes } from "./wishes.ts";

export type StepAnswer =
  | { readonly status: 200; readonly body: Readonly<Record<string, unknown>> }
  | { readonly status: 401 | 403 | 409 | 429; readonly body: Readonly<Record<string, unknown>> };

/** Roles are looked up anew after this long: somebody may have been taken off the team. */
const ROLES_MS = 30_000;
/** Keys asked of a browser at once. */
const KEYS_AT_ONCE = 200;

export interface Desk {
  readonly options: Pick<ViewerOptions, "clock" | "scratchDirectory" | "log" | "random">;
  readonly sessions: Sessions;
  readonly budgets: Budgets;
  readonly wishes: Wishes;
}

/** Budgets are a person's, not a session's: signing in anew fills nothing. */
export class Budgets {
  readonly #of = new Map<string, ReadBudget>();
  of(place: Pick<ViewerPlace, "shop">, id: string, now: number): ReadBudget {
    const name = `${place.shop} ${id}`;
    let budget = this.#of.get(name);
    if (budget === undefined) this.#of.set(name, (budget = new ReadBudget(now)));
    return budget;
  }
}

export function problem(code: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { kind: "problem", code, ...problemWords(code), ...more };
}

export const part = (html: string, more: Readonly<Record<string, unknown>> = {}): StepAnswer => ({ status: 200, body: { kind: "part", html, ...more } });
export const done = (more: Readonly<Record<string, unknown>> = {}): StepAnswer => ({ status: 200, body: { kind: "done", ...more } });
/** Not now (409); or not them (403). */
export const refused = (code: string): StepAnswer => ({ status: code.startsWith("access.") ? 403 : 409, body: problem(code) });

/** Steps of one session wait for one another. */
export function inTurn<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const next = session.turn.then(work, work);
  session.turn = next.catch(() => undefined);
  return next;
}

/** `cost`: units of the budget, drawn once, when the step has what it takes. */
export async function takeStep(desk: Desk, session: Session, cost: number, work: (step: ViewStep) => Promise<StepAnswer>): Promise<StepAnswer> {
  const { clock } = desk.options;
  const now = clock.now().getTime();
  try {
    await lookAtRoles(desk, session);
    const { purpose } = session;
    if (purpose === null) return refused("viewer.out_of_order");
    const source = await sourceOf(session, desk.options);
    if (source === null) return await needs(session);
    // Asked for before the budget is drawn, so that a step that waits for a key costs nothing twice.
    const paid = await pay(desk, session, cost, now);
    if (paid !== null) return paid;
    const { place } = session;
    const step: ViewStep = { viewer: viewerOf(desk, session), source, purpose };
    session.chest.takeMissing();
    try {
      return await work(step);
    } catch (error) {
      // It did not happen, whatever hindered it.
      desk.budgets.of(place, session.person.id, now).giveBack(cost);
      throw error;
    }
  } catch (error) {
    return failed(desk, session, error);
  }
}

/** Somebody may have been taken off the team since they were looked at. */
export async function lookAtRoles({ options: { clock } }: Desk, session: Session): Promise<void> {
  const now = clock.now().getTime();
  if (now - session.rolesAt <= ROLES_MS) return;
  session.roles = await session.place.rolesOf(session.person);
  session.rolesAt = now;
}

export function viewerOf({ options: { clock } }: Desk, session: Session): Viewer {
  const { place } = session;
  return { session: session.id, shop: place.shop, vaultId: place.description.vaultId, actor: actorOf(session), roles: session.roles, events: place.events, clock };
}

async function pay(desk: Desk, session: Session, cost: number, now: number): Promise<StepAnswer | null> {
  const budget = desk.budgets.of(session.place, session.person.id, now);
  const drawn = budget.draw(cost, now);
  if (drawn.kind === "granted") return null;
  if (drawn.kind === "throttled") return { status: 429, body: problem("viewer.throttled", { waitMs: drawn.waitMs }) };
  if (drawn.began) {
    const { place } = session;
    await place.events.keep([{ actor: actorName(actorOf(session)), action: "viewer.suspended", subject: { vault: place.description.vaultId, shop: place.shop, session: session.id, code: "viewer.read_budget", reads: budget.drawn, until: new Date(drawn.until).toISOString() }, outcome: "refused" }]);
    await place.suspended({ session: session.id, reads: budget.drawn });
    desk.options.log.warn("viewer.suspended", { shop: place.shop, session: session.id, reads: budget.drawn });
  }
  desk.sessions.end(session, "viewer.suspended");
  return { status: 401, body: { kind: "ended", to: "/signed-off?why=suspended" } };
}

export function actorOf({ person, place }: Pick<Session, "person" | "place">): { readonly kind: "responder"; readonly id: string; readonly shop: string } {
  return { kind: "responder", id: person.id, shop: place.shop };
}

/** The sealed keys that the browser must unwrap, by name; exactly those that were asked for in vain. */
export async function needs({ chest, place }: Session): Promise<StepAnswer> {
  const names = chest.takeMissing().slice(0, KEYS_AT_ONCE);
  const keys: { keyId: string; jwe: unknown }[] = [];
  for (const keyId of names) {
    const jwe = await wrappedContentKey(place.store, keyId);
    if (jwe === null) chest.giveUp(keyId);
    else keys.push({ keyId, jwe: JSON.parse(Buffer.from(jwe).toString("utf8")) as unknown });
  }
  if (names.length === 0) return refused("viewer.no_key");
  const recipients = (await currentRecipients(place.store, place.description)).map(({ keyId }) => keyId);
  return { status: 200, body: { kind: "needs", keys, recipients } };
}

export async function failed(desk: Desk, session: Session, error: unknown): Promise<StepAnswer> {
  if (error instanceof VaultError && error.code === "vault.no_key") return needs(session);
  if (error instanceof VaultError && (error.code === "vault.damaged_object" || error.code === "vault.missing_object")) {
    desk.options.log.warn("viewer.step_failed", { shop: session.place.shop, code: error.code });
    return refused("viewer.damaged");
  }
  if (error instanceof StoreError) {
    desk.options.log.warn("viewer.step_failed", { shop: session.place.shop, code: error.code });
    return refused("viewer.storage_away");
  }
  if (error instanceof ViewerError) return refused(error.code);
  // A key service that is away, or does not know this host any more.
  if (error instanceof KeyError) {
    desk.options.log.warn("viewer.step_failed", { shop: session.place.shop, code: error.code });
    return refused("viewer.key_service_away");
  }
  if (error instanceof LedgerError) return refused("viewer.not_recorded");
  throw error;
}

