/** What waits for a second person, in this process's memory: as long as the record is open that it is about, and a quarter of an hour at most. */
import type { Agreement, Wish } from "#app/workflows/view/index.ts";
import type { Session } from "./sessions.ts";

export const WISH_LIVES_MS = 15 * 60_000;

interface Waiting {
  readonly wish: Wish;
  readonly session: Session;
  readonly at: number;
  state: "waiting" | "deciding" | "refused" | Agreement;
}

export type WishState = "waiting" | "agreed" | "refused" | "over";

export class Wishes {
  readonly #of = new Map<string, Waiting>();

  /** One person waits for one thing at a time. */
  ask(session: Session, wish: Wish, now: number): void {
    for (const [sheet, one] of this.#of) if (one.session === session) this.#of.delete(sheet);
    this.#of.set(wish.sheet, { wish, session, at: now, state: "waiting" });
  }

  stateOf(session: Session, sheet: string, now: number): WishState {
    const one = this.#live(sheet, now);
    if (one?.session !== session) return "over";
    return typeof one.state === "object" ? "agreed" : one.state === "refused" ? "refused" : "waiting";
  }

  /** What this person may decide about: of their shop, asked by somebody else. */
  for(session: Session, now: number): readonly { readonly wish: Wish; readonly asker: Session }[] {
    return [...this.#of.keys()].flatMap((sheet) => {
      const one = this.#live(sheet, now);
      return one?.state === "waiting" && one.session.place.shop === session.place.shop && one.session.person.id !== session.person.id ? [{ wish: one.wish, asker: one.session }] : [];
    });
  }

  /** The first who decides holds it until they are done; null: it is no longer there. `decide` answers what became of it, null: nothing. */
  async decide(session: Session, sheet: string, now: number, decide: (wish: Wish) => Promise<"refused" | Agreement | null>): Promise<boolean> {
    const one = this.#live(sheet, now);
    if (one?.state !== "waiting" || one.session.place.shop !== session.place.shop) return false;
    one.state = "deciding";
    let state: Waiting["state"] = "waiting";
    try {
      state = (await decide(one.wish)) ?? "waiting";
    } finally {
      one.state = state;
    }
    return true;
  }

  /** The agreement, to be used now. Null: there is none. */
  agreed(session: Session, sheet: string, now: number): Agreement | null {
    const one = this.#live(sheet, now);
    return one?.session === session && typeof one.state === "object" ? one.state : null;
  }

  drop(sheet: string): void {
    this.#of.delete(sheet);
  }

  #live(sheet: string, now: number): Waiting | undefined {
    const one = this.#of.get(sheet);
    if (one === undefined || (one.session.open === one.wish.person && now - one.at < WISH_LIVES_MS)) return one;
    this.#of.delete(sheet);
    return undefined;
  }
}
