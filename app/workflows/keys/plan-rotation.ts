/**
 * When each key is due, how long it must be kept, and what must not be done. Pure: facts, a policy and the day in, a plan out.
 *
 * Periods are those of NIST SP 800-57 part 1 rev. 5, section 5.3.6 and table 1: keys that seal keys or data are used to seal for at most two years, and to
 * open for at most three years more; a private signature key for one to three years; a key that others are derived from about one year. What is
 * kept longer than five years must therefore have been wrapped anew on the way, which a rotation does for everything in the vault at once.
 */
import type { KeyFacts } from "#app/vault/index.ts";
import { after, inWords, longer, months, type Period } from "./period.ts";

/** NIST's bounds, which a policy may undercut and not exceed. */
export const SEALING_LIMIT = months(24);
export const OPENING_LIMIT = months(60);
export const SIGNING_LIMIT = months(36);
export const DERIVATION_PERIOD = months(12);

export interface KeyPolicy {
  /** How long a snapshot must stay readable. */
  readonly retention: Period;
  /** A recipient is replaced, and everything wrapped anew, after this; null: never. */
  readonly rotateEvery: Period | null;
  /** An identity is destroyed this long after it became a recipient. */
  readonly keyLife: Period;
}

/** What somebody means to do. */
export interface KeyChange {
  /** Recipients to remove. */
  readonly remove: readonly string[];
  /** How many are added in the same act. */
  readonly added: number;
  /** Identities to destroy. */
  readonly destroy: readonly string[];
}

export type RefusalCode =
  /** A key would be used longer than NIST allows. */
  | "plan.past_cryptoperiod"
  /** An identity would be destroyed while it is all that opens something that must be kept. */
  | "plan.key_life_too_short"
  | "plan.last_recipient"
  | "plan.not_a_recipient"
  /** Snapshots would be sealed to a key that nobody has. */
  | "plan.still_a_recipient"
  | "plan.retained_snapshot_unreadable";

export interface Refusal {
  readonly code: RefusalCode;
  readonly sentence: string;
  /** Of the snapshots concerned, at most 20. */
  readonly snapshots?: readonly string[];
}

export type DueWhat = "replace recipient" | "wrap anew" | "begin a new vault" | "destroy identity" | "add a second recipient";

export interface Due {
  /** ISO 8601, a day. */
  readonly at: string;
  readonly overdue: boolean;
  readonly what: DueWhat;
  /** A recipient's key id, "signing key", "index key", or null for the vault as a whole. */
  readonly key: string | null;
  readonly why: string;
}

export interface PlannedRecipient {
  readonly keyId: string;
  readonly since: string;
  /** Null: a recipient now. */
  readonly removed: string | null;
  /** The identity is needed until then: the last day on which a snapshot that it alone opens must be readable. Null: nothing needs it. */
  readonly neededUntil: string | null;
}

export interface KeyPlan {
  readonly recipients: readonly PlannedRecipient[];
  /** Soonest first. */
  readonly due: readonly Due[];
  readonly refusals: readonly Refusal[];
}

export const NO_CHANGE: KeyChange = { remove: [], added: 0, destroy: [] };

export function planRotation(facts: KeyFacts, policy: KeyPolicy, now: Date, change: KeyChange = NO_CHANGE): KeyPlan {
  const recipients = recipientsOf(facts, policy);
  const due = [...dueOfRecipients(facts, recipients, policy), ...dueOfVault(facts, policy)].map((item) => ({ ...item, at: item.at.toISOString(), overdue: item.at <= now }));
  return {
    recipients: recipients.map(({ keyId, since, removed, neededUntil }) => ({ keyId, since: since.toISOString(), removed: removed?.toISOString() ?? null, neededUntil: neededUntil?.toISOString() ?? null })),
    due: due.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    refusals: [...refusedPolicy(policy), ...refusedChange(facts, policy, now, change)],
  };
}

interface Known {
  readonly keyId: string;
  readonly since: Date;
  readonly removed: Date | null;
  readonly neededUntil: Date | null;
}

function recipientsOf(facts: KeyFacts, policy: KeyPolicy): Known[] {
  const known = new Map<string, { since: Date; removed: Date | null }>();
  for (const list of facts.lists) {
    const at = new Date(list.at);
    for (const keyId of list.recipients) if (known.get(keyId)?.removed !== null) known.set(keyId, { since: at, removed: null });
    for (const [keyId, times] of known) if (times.removed === null && !list.recipients.includes(keyId)) times.removed = at;
  }
  return [...known].map(([keyId, times]) => {
    const ends = facts.snapshots.filter((snapshot) => opensOnly(facts, snapshot, new Set([keyId]))).map(({ takenAt }) => after(new Date(takenAt), policy.retention).getTime());
    return { keyId, ...times, neededUntil: ends.length === 0 ? null : new Date(Math.max(...ends)) };
  });
}

/** Whether, without `gone`, nobody opens this snapshot: one of its keys is wrapped to nobody else. */
function opensOnly(facts: KeyFacts, snapshot: KeyFacts["snapshots"][number], gone: ReadonlySet<string>): boolean {
  return snapshot.keyIds.some((key) => (facts.wrappedTo.get(key) ?? []).every((keyId) => gone.has(keyId)));
}

interface DueItem {
  readonly at: Date;
  readonly what: DueWhat;
  readonly key: string | null;
  readonly why: string;
}

function dueOfRecipients(facts: KeyFacts, recipients: readonly Known[], policy: KeyPolicy): DueItem[] {
  const due: DueItem[] = [];
  const newest = facts.lists[facts.lists.length - 1];
  const inForce = new Date(newest?.at ?? facts.createdAt);
  for (const { keyId, since, removed, neededUntil } of recipients) {
    if (removed === null) {
      const limit = after(since, SEALING_LIMIT);
      const wanted = policy.rotateEvery === null ? limit : after(since, policy.rotateEvery);
      due.push({ at: wanted < limit ? wanted : limit, what: "replace recipient", key: keyId, why: `a key seals for ${inWords(policy.rotateEvery ?? SEALING_LIMIT)}, and for ${inWords(SEALING_LIMIT)} at most` });
    } else if (neededUntil === null) due.push({ at: removed, what: "destroy identity", key: keyId, why: "everything was wrapped anew to others; copies of the storage made before still open with it" });
  }
  const late = facts.snapshots.filter((snapshot) => snapshot.keyIds.some((key) => !sameSet(facts.wrappedTo.get(key) ?? [], newest?.recipients ?? [])));
  const firstLate = late[0];
  if (firstLate !== undefined) due.push({ at: new Date(firstLate.takenAt), what: "wrap anew", key: null, why: "a snapshot was under way during the last rotation, and is sealed to the recipients before it: run 'keys rotate' once more" });
  due.push({ at: after(inForce, SEALING_LIMIT), what: "wrap anew", key: null, why: `what is kept is wrapped anew every ${inWords(SEALING_LIMIT)}, so that no key opens for more than ${inWords(OPENING_LIMIT)}` });
  if ((newest?.recipients.length ?? 0) === 1) due.push({ at: inForce, what: "add a second recipient", key: newest?.recipients[0] ?? null, why: "if this one identity is lost, everything is; split it among officers, or add a second one kept elsewhere" });
  return due;
}

function dueOfVault({ createdAt }: KeyFacts, { retention }: KeyPolicy): DueItem[] {
  const born = new Date(createdAt);
  return [
    { at: after(born, DERIVATION_PERIOD), what: "begin a new vault", key: "index key", why: `keys that others are derived from serve about ${inWords(DERIVATION_PERIOD)}; the old vault stays readable for its ${inWords(retention)}` },
    { at: after(born, SIGNING_LIMIT), what: "begin a new vault", key: "signing key", why: `a signing key signs for ${inWords(SIGNING_LIMIT)} at most, and its public half names the vault; keep vault.json as long as the snapshots` },
  ];
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

function refusedPolicy({ retention, rotateEvery, keyLife }: KeyPolicy): Refusal[] {
  const refusals: Refusal[] = [];
  const past = (sentence: string) => refusals.push({ code: "plan.past_cryptoperiod", sentence });
  if (longer(keyLife, OPENING_LIMIT)) past(`An identity would be used for ${inWords(keyLife)}; ${inWords(OPENING_LIMIT)} are the most that NIST SP 800-57 allows.`);
  if (rotateEvery !== null && longer(rotateEvery, SEALING_LIMIT)) past(`Keys would be sealed to one recipient for ${inWords(rotateEvery)}; ${inWords(SEALING_LIMIT)} are the most that NIST SP 800-57 allows.`);
  if (rotateEvery === null && longer(retention, OPENING_LIMIT)) past(`Without rotation, what is kept for ${inWords(retention)} would be opened with a key past its ${inWords(OPENING_LIMIT)}.`);
  const needed = rotateEvery ?? retention;
  if (longer(needed, keyLife)) {
    const why = rotateEvery === null ? `snapshots are kept for ${inWords(retention)} and are never wrapped anew` : `the next rotation, which needs it, comes after ${inWords(rotateEvery)}`;
    refusals.push({ code: "plan.key_life_too_short", sentence: `An identity would be destroyed after ${inWords(keyLife)}, but ${why}.` });
  }
  return refusals;
}

function refusedChange(facts: KeyFacts, policy: KeyPolicy, now: Date, change: KeyChange): Refusal[] {
  const refusals: Refusal[] = [];
  const current = facts.lists[facts.lists.length - 1]?.recipients ?? [];
  const ever = new Set(facts.lists.flatMap((list) => list.recipients));
  for (const keyId of [...change.remove, ...change.destroy]) if (!ever.has(keyId)) refusals.push({ code: "plan.not_a_recipient", sentence: `${keyId} is no recipient of this vault and never was.` });
  const left = current.filter((keyId) => !change.remove.includes(keyId));
  if (change.remove.length > 0 && left.length + change.added === 0) refusals.push({ code: "plan.last_recipient", sentence: "Nobody would be left who can open the vault." });
  const stays = change.destroy.filter((keyId) => left.includes(keyId));
  for (const keyId of stays) refusals.push({ code: "plan.still_a_recipient", sentence: `${keyId} would be destroyed while new snapshots are sealed to it; remove it first, with 'keys rotate'.` });
  // A removal in the same act wraps everything anew before anything is destroyed; only what stays as it is can be lost.
  const gone = new Set(change.remove.length === 0 && change.added === 0 ? change.destroy : stays);
  const lost = facts.snapshots.filter((snapshot) => gone.size > 0 && after(new Date(snapshot.takenAt), policy.retention) > now && opensOnly(facts, snapshot, gone));
  if (lost.length > 0) {
    refusals.push({ code: "plan.retained_snapshot_unreadable", sentence: `${lost.length} snapshot${lost.length === 1 ? "" : "s"} that must be kept could never be opened again.`, snapshots: lost.slice(0, 20).map(({ snapshotId }) => snapshotId) });
  }
  return refusals;
}
