/** Who may ask for what. Pure: the same question always has the same answer. Later policy (training, approvals) takes this function's place. */
import { actorName, type Actor } from "./actor.ts";

export type Action =
  | "storage.link"
  | "snapshot.take"
  | "snapshot.cancel"
  | "vault.verify"
  | "drill.run"
  /** A drill with nobody's keys: synthetic records, or the host's own key service. */
  | "drill.rehearse"
  | "drill.schedule"
  /** Answer for a drill that somebody else ran. */
  | "drill.certify"
  | "catalog.rebuild"
  | "compliance.record"
  | "records.erase"
  | "records.disclose"
  | "snapshots.hold"
  | "snapshots.prune"
  | "keys.rotate"
  | "storage.credentials"
  | "alert.acknowledge"
  | "alert.configure"
  | "platform.check"
  | "coverage.decide"
  /** Make a plan of a restore, decide its conflicts, ask for its approval. */
  | "restore.plan"
  /** Approve or refuse somebody else's plan. */
  | "restore.approve"
  /** Start, pause and go on with an approved restore. */
  | "restore.apply"
  | "restore.cancel"
  /** See which restores there are; one plan of them; its report of every record; take away what was sealed for somebody. */
  | "restore.list"
  | "restore.view"
  | "restore.report"
  | "restore.fetch"
  /** Say that somebody granted what a restore takes, or give it back. */
  | "scopes.change"
  /** One person's record: find it, see it masked, see a field in clear, take it away. */
  | "record.find"
  | "record.view"
  | "record.reveal"
  | "record.export"
  /** Agree to what somebody else asked to take away. */
  | "record.agree"
  | "assistant.run"
  | "assistant.waive"
  /** Say who is a responder and who an approver. */
  | "team.configure"
  /** Say which other shop may put records into this one, and until when; and take that back. */
  | "invitation.make"
  | "invitation.withdraw"
  | "flow.configure";

/** What a person was named for, in the settings of the response team. */
export const ROLES = ["responder", "approver"] as const;
export type Role = (typeof ROLES)[number];

/** What a decision rests on beyond who asks. Absent: no role, and nobody asked before. */
export interface Circumstances {
  /** The actor's own. */
  readonly roles: readonly Role[];
  /** actorName of whoever asked for what is now to be approved. */
  readonly requestedBy?: string;
  /** Another shop that records are to go into, and how it stands to that. Absent: they stay with the shop that the request is about. */
  readonly into?: Receiving;
}

/** A shop that takes another's records: they are disclosed to it, and it is written to. */
export interface Receiving {
  /** The app is installed there, and in the shop that the records are of. */
  readonly installed: boolean;
  /** Until when its own team has said that this shop may; null: it has not. */
  readonly invitedUntil: Date | null;
  readonly at: Date;
}

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly code: AccessRefusal };

export type AccessRefusal =
  /** The actor belongs to another shop than the one the request is about. */
  | "access.other_shop"
  /** Nobody of this kind may ask for this. */
  | "access.not_for_you"
  /** It takes a responder, and this person is not named as one. */
  | "access.not_a_responder"
  /** It takes an approver, and this person is not named as one. */
  | "access.not_an_approver"
  /** It takes a second person, and this is the one who asked. */
  | "access.same_person"
  /** One of the two shops has not, or no longer, got the app. */
  | "access.no_app_there"
  /** The team of the shop that records are to go into has not said so. */
  | "access.not_invited"
  /** It has, and the time it said is over. */
  | "access.invitation_over";

/** What each kind of actor may ask for. A drill with handed-in keys opens records, so it takes a person: no schedule can start one. */
const PEOPLE = ["records.erase", "records.disclose", "snapshots.hold", "snapshots.prune", "keys.rotate", "storage.credentials"] as const satisfies readonly Action[];
const RECORDS = ["record.find", "record.view", "record.reveal", "record.export"] as const satisfies readonly Action[];
/** Nobody at a command line can approve or certify: it does not say which person sits there. */
const RESTORES = ["restore.plan", "restore.apply", "restore.cancel", "restore.list", "restore.view", "restore.report", "restore.fetch"] as const satisfies readonly Action[];
const HANDS = ["storage.link", "snapshot.take", "snapshot.cancel", "vault.verify", "drill.run", "drill.rehearse", "drill.schedule", "catalog.rebuild", ...PEOPLE, "alert.acknowledge", "alert.configure", "platform.check", "coverage.decide", ...RECORDS, ...RESTORES] as const satisfies readonly Action[];
const MAY: Readonly<Record<Actor["kind"], ReadonlySet<Action>>> = {
  staff: new Set<Action>([...HANDS, "drill.certify", "restore.approve", "scopes.change", "assistant.run", "assistant.waive", "team.configure", "invitation.make", "invitation.withdraw", "flow.configure"]),
  responder: new Set<Action>([...RECORDS, "record.agree"]),
  schedule: new Set<Action>(["platform.check", "drill.rehearse", "snapshot.take", "vault.verify", "snapshots.prune", "records.erase"]),
  /** Webhooks, and what a merchant's own Shopify Flow asks for: nothing of it opens a record. */
  platform: new Set<Action>(["snapshot.take", "compliance.record", "vault.verify", "drill.rehearse", "snapshots.hold"]),
  cli: new Set<Action>(HANDS),
};

/** What takes a role besides, and which will do. Whoever works at the command line has the machine and brings an identity: that is their role. */
const TAKES: Readonly<Partial<Record<Action, readonly Role[]>>> = {
  "drill.run": ["responder"],
  "drill.certify": ["approver"],
  /** One person's record, at that person's own asking, sealed to the vault's own recipients: somebody of the team, and no second one, because it is due within days. */
  "records.disclose": ["responder", "approver"],
  "restore.list": ["responder", "approver"],
  "restore.view": ["responder", "approver"],
  "restore.report": ["responder", "approver"],
  "restore.fetch": ["responder"],
  "restore.plan": ["responder"],
  "restore.apply": ["responder"],
  "restore.cancel": ["responder", "approver"],
  "restore.approve": ["approver"],
  "scopes.change": ["responder", "approver"],
  "record.find": ["responder"],
  "record.view": ["responder"],
  "record.reveal": ["responder"],
  "record.export": ["responder"],
  "record.agree": ["responder", "approver"],
  "team.configure": ["approver"],
  "assistant.waive": ["approver"],
  "invitation.make": ["approver"],
  "invitation.withdraw": ["responder", "approver"],
};
/** What the person who asked may not do. */
const SECOND: ReadonlySet<Action> = new Set<Action>(["restore.approve", "assistant.waive", "record.agree", "drill.certify"]);

/** What puts records somewhere. Giving a plan up is allowed whatever the other shop says. */
const PUTS: ReadonlySet<Action> = new Set<Action>(["restore.plan", "restore.approve", "restore.apply"]);

export function mayRequest(action: Action, actor: Actor, shop: string, circumstances: Circumstances = { roles: [] }): Decision {
  if (actor.kind !== "cli" && actor.shop !== shop) return refused("access.other_shop");
  if (!MAY[actor.kind].has(action)) return refused("access.not_for_you");
  const takes = actor.kind === "cli" ? undefined : TAKES[action];
  if (takes !== undefined && !takes.some((role) => circumstances.roles.includes(role))) return refused(takes.includes("responder") ? "access.not_a_responder" : "access.not_an_approver");
  // Who asked must be known, or nobody can be told to be another.
  if (SECOND.has(action) && (circumstances.requestedBy === undefined || circumstances.requestedBy === actorName(actor))) return refused("access.same_person");
  return circumstances.into !== undefined && PUTS.has(action) ? mayReceive(circumstances.into) : { allowed: true };
}

/** The other shop's side of it: asked with every request, and again by whatever writes there. */
export function mayReceive({ installed, invitedUntil, at }: Receiving): Decision {
  if (!installed) return refused("access.no_app_there");
  if (invitedUntil === null) return refused("access.not_invited");
  return invitedUntil <= at ? refused("access.invitation_over") : { allowed: true };
}

function refused(code: AccessRefusal): Decision {
  return { allowed: false, code };
}
