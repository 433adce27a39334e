/**
 * Sessions of responders, in this process's memory only. A session ends after a while without anything done (45 CFR 164.312(a)(2)(iii), automatic logoff), after an hour whatever is done,
 * when the person signs off, and when the process ends; then its keys and the records it had open are wiped. The cookie is known here by its digest only.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Role } from "#app/access/index.ts";
import type { Clock, Random } from "#app/workflows/ports.ts";
import type { OpenPerson, StatedPurpose } from "#app/workflows/view/index.ts";
import type { StateAt } from "#app/vault/index.ts";
import type { SignedIn, ViewerPlace } from "../ports.ts";
import { KeyChest } from "./key-chest.ts";

export const IDLE_MS = 5 * 60_000;
export const LONGEST_MS = 60 * 60_000;
/** All shops together; a session is some kilobytes until a record is open. */
const MOST_SESSIONS = 500;

export type EndCode = "viewer.signed_off" | "viewer.idle" | "viewer.too_long" | "viewer.stopped" | "viewer.suspended" | "viewer.other_browser" | "viewer.no_longer_named";

export interface Session {
  /** 16 hex digits, for the ledger. */
  readonly id: string;
  readonly place: ViewerPlace;
  readonly person: SignedIn;
  /** As they were when last looked at. */
  roles: readonly Role[];
  rolesAt: number;
  readonly startedAt: number;
  usedAt: number;
  readonly csrf: string;
  /** Digest of the browser's own name. */
  readonly browser: string;
  readonly chest: KeyChest;
  /** This person's own identity opens, although the place has an opener. */
  ownIdentity: boolean;
  purpose: StatedPurpose | null;
  open: OpenPerson | null;
  /** Fields of the open record that were revealed, "record.place". */
  readonly revealed: Set<string>;
  state: { readonly made: Promise<StateAt>; readonly at: number } | null;
  /** Steps of one session happen one after another. */
  turn: Promise<unknown>;
}

export interface Sessions {
  /** Answers the cookie's value, which is kept nowhere. */
  begin(o: { readonly place: ViewerPlace; readonly person: SignedIn; readonly roles: readonly Role[]; readonly browser: string }): { readonly session: Session; readonly cookie: string };
  /** Null: there is none, or it has ended. Does not count as use. */
  find(cookie: string | null, browser: string): { readonly session: Session } | { readonly ended: EndCode } | null;
  use(session: Session): void;
  end(session: Session, code: EndCode): void;
  /** Ends what is over. */
  sweep(): void;
  endAll(): void;
}

export function sessions({ clock, random, onEnd }: { readonly clock: Clock; readonly random: Random; readonly onEnd: (session: Session, code: EndCode) => void }): Sessions {
  const byCookie = new Map<string, Session>();
  const now = (): number => clock.now().getTime();
  const overBy = (session: Session): EndCode | null => (now() - session.startedAt >= LONGEST_MS ? "viewer.too_long" : now() - session.usedAt >= IDLE_MS ? "viewer.idle" : null);
  const end = (session: Session, code: EndCode): void => {
    let was = false;
    for (const [key, one] of byCookie) if (one === session) was = byCookie.delete(key);
    session.chest.wipe();
    session.open?.wipe();
    session.open = null;
    session.revealed.clear();
    session.state = null;
    session.purpose = null;
    if (was) onEnd(session, code);
  };
  const sweep = (): void => {
    for (const session of [...byCookie.values()]) {
      const code = overBy(session);
      if (code !== null) end(session, code);
    }
  };
  return {
    begin: ({ place, person, roles, browser }) => {
      sweep();
      const oldest = byCookie.size >= MOST_SESSIONS ? [...byCookie.values()].sort((a, b) => a.usedAt - b.usedAt)[0] : undefined;
      if (oldest !== undefined) end(oldest, "viewer.stopped");
      const cookie = text(random(32));
      const at = now();
      const session: Session = { id: Buffer.from(random(8)).toString("hex"), place, person, roles, rolesAt: at, startedAt: at, usedAt: at, csrf: text(random(32)), browser: digest(browser), chest: new KeyChest(), ownIdentity: false, purpose: null, open: null, revealed: new Set(), state: null, turn: Promise.resolve() };
      byCookie.set(digest(cookie), session);
      return { session, cookie };
    },
    find: (cookie, browser) => {
      if (cookie === null) return null;
      const session = byCookie.get(digest(cookie));
      if (session === undefined) return null;
      const code = overBy(session) ?? (equal(session.browser, digest(browser)) ? null : "viewer.other_browser");
      if (code === null) return { session };
      end(session, code);
      return { ended: code };
    },
    use: (session) => { session.usedAt = now(); },
    end,
    sweep,
    endAll: () => { for (const session of [...byCookie.values()]) end(session, "viewer.stopped"); },
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const digest = (value: string): string => createHash("sha256").update(value, "utf8").digest("hex");
/** In constant time. */
export function equal(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(digest(a), "hex"), Buffer.from(digest(b), "hex"));
}

export function whoOf({ person }: Session): string {
  return person.displayName ?? `responder ${person.id.slice(0, 8)}…`;
}
