/**
 * The catalogue: everything that may be entered, and what each entry may say. References, field names, counts, codes and times: every member
 * has a shape that a name, an address, a note or any other value of a record does not fit, and nothing beyond the named members is let in.
 *
 * It holds for writing. Reading takes any entry that has the form of one, so that ledgers of other versions stay readable.
 */
import { z } from "zod";
import { LedgerError } from "./errors.ts";

const Count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const Flag = z.boolean();
const Hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const Digest = Hex(64);
const Vault = Hex(32);
const Snapshot = Hex(16);
const Time = z.iso.datetime({ precision: 3 });
/** Dotted lower-case words: an error's, an outcome's, a finding's. */
const Code = z.string().max(100).regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/);
/** An id that this program or the platform made: a run, a delivery, a key. No space, no @, and not a date. */
const Id = z.string().regex(/^(?!\d{4}-\d\d-\d\d)[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
/** A domain name, with a port in a rehearsal. */
const Shop = z.string().max(255).regex(/^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/);
/** A stored object's name. */
const ObjectKey = z.string().max(512).regex(/^[A-Za-z][A-Za-z0-9._/*-]+$/);
/** The names of kinds and fields, as a platform's schema spells them. */
const Word = /^[A-Za-z_*][A-Za-z0-9_.*-]*$/;
/** The same, with the remark that a platform's table of losses adds: "value (reference to a product or file)". */
const Remarked = /^[A-Za-z_*(][A-Za-z0-9_.* (),-]*$/;
const Topic = z.string().max(100).regex(/^[a-z_]+\/[a-z_]+$/);
/** Hashes of public keys: RFC 7638 thumbprints, base64url or hex. One, or several with spaces between. */
const KeyId = z.string().max(200).regex(/^[A-Za-z0-9_-]{16,}$/);
const KeyIds = z.string().max(1000).regex(/^([A-Za-z0-9_-]{16,}( [A-Za-z0-9_-]{16,})*)?$/);
const SnapshotIds = z.string().max(1000).regex(/^(all|[0-9a-f]{16}( [0-9a-f]{16})*)$/);
/** What an alert is about: a word of ours, or one with the name of a stream, a kind, a key, a request behind it. Not a date. */
const Subject = z.string().max(128).regex(/^(?!.*\d{4}-\d\d-\d\d)(?:storage|schedule|snapshot|vault|journal|[a-z]{2,20}:[A-Za-z0-9._:/-]+)$/);
/** What a question of coverage is about, after its kind: an app, a namespace, a definition, a scope. */
const Configured = z.string().max(128).regex(/^(?:app|namespace|definition|scope|unreadable):[A-Za-z0-9._:/-]+$/);
/** "last=3,daily=7,within=720h". */
const Policy = z.string().max(300).regex(/^[a-z]+=\d+[a-z]?(,[a-z]+=\d+[a-z]?)*$/);
/** What staff call a hold or a setting: a label, not a sentence. */
const Label = z.string().max(64).regex(/^[\p{L}\p{N}][\p{L}\p{N} ._#/-]*$/u);
/** "schedule", "cli", "system", "platform", "staff:<opaque id>", "responder:<opaque id>". */
const Actor = z.string().max(150).regex(/^(schedule|cli|system|platform|(?:staff|responder):[A-Za-z0-9_-]{1,128})$/);
/** A case's or a ticket's number; it has a digit, is one word, and is not a date. */
const CaseNumber = z.string().regex(/^(?=.*\d)(?!\d{4}-\d\d-\d\d)[A-Za-z0-9][A-Za-z0-9._#/-]{0,39}$/);
/** A kind and a field of it, "Customer.defaultEmailAddress.emailAddress"; and several with spaces between. */
const Field = z.string().max(200).regex(/^[A-Za-z_*][\w*-]*(\.[\w*-]+)+$/);
const Fields = z.string().max(1000).regex(/^[A-Za-z_*][\w*-]*(\.[\w*-]+)+( [A-Za-z_*][\w*-]*(\.[\w*-]+)+)*$/);
/** Access scopes, as the platform spells them, with spaces between. */
const Scopes = z.string().max(2000).regex(/^(?:unauthenticated_)?(?:read|write)_[a-z_]+( (?:unauthenticated_)?(?:read|write)_[a-z_]+)*$/);
/** Ids of a decision tree: its own, a node's, an answer's. */
const TreeName = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
/** Beyond the named members: what a count or a code fits into, and no text. For areas whose entries still grow. */
const More = z.union([Count, Flag, Code, Digest, Time]);

/** `subject` of each action. */
export const ACTIONS = {
  "vault.created": z.strictObject({ vault: Vault, shop: Shop.optional(), recipient: KeyId.optional(), recipients: z.union([Count, KeyIds]).optional(), parity: Flag.optional(), recover: Digest.optional() }),
  "vault.linked": z.strictObject({ vault: Vault, shop: Shop }),
  "host.adopted": z.strictObject({ vault: Vault }).catchall(More),
  "vault.adopted": z.strictObject({ vault: Vault }).catchall(More),
  "vault.verified": z.strictObject({
    vault: Vault, shop: Shop.optional(), readData: Flag, records: Count, snapshots: Count, objects: Count, bytesRead: Count, findings: Count,
    /** The newest snapshot that was there and in which nothing was found. */
    snapshot: Snapshot.optional(),
    /** The first finding's, and the object it names. */
    code: Code.optional(), object: ObjectKey.optional(),
  }),
  /** The ledger's own: what lies in the place of a checkpoint is none. sequence: its place; digest: of what lies there; size: the entries that were gone on from. */
  "ledger.checkpoint_lost": z.strictObject({ sequence: Count, digest: Digest, size: Count }),
  "vault.repaired": z.strictObject({ vault: Vault, mended: Count, unmended: Count, parity: Count.optional() }).catchall(More),
  "recovery.written": z.strictObject({ vault: Vault, version: z.string().max(40).regex(/^\d+\.\d+\.\d+[0-9a-z.+-]*$/), folder: ObjectKey.optional(), program: Digest.optional(), code: Code.optional() }),
  "snapshot.committed": z.strictObject({ vault: Vault, snapshot: Snapshot, takenAt: Time, root: Digest, manifest: Digest, records: Count, complete: Flag, gaps: Count }),
  "snapshot.failed": z.strictObject({ vault: Vault.optional(), shop: Shop, run: Id, code: Code }),
  "drill.finished": z.strictObject({
    vault: Vault, drill: Id, snapshot: Snapshot, startedAt: Time, finishedAt: Time, passed: Flag, code: Code, rtoMs: Count, rpoMs: Count,
    compared: Count, restored: Count, refused: Count, costPoints: z.number().nonnegative(), plusEstimateMs: z.number().nonnegative(), object: ObjectKey.optional(),
    /** SHA-256 of the signed record. */
    record: Digest.optional(),
  }).catchall(z.union([z.number().nonnegative(), Code])),
  /** Somebody answered for a drill's record, or did not: a second signed record says it. */
  "drill.certified": z.strictObject({ vault: Vault, shop: Shop, drill: Id, record: Digest, certificate: Digest, verdict: Code }),
  /** From now on drills are due so. */
  "drill.scheduled": z.strictObject({ vault: Vault, shop: Shop, cron: z.string().max(60).regex(/^\d{1,2} \d{1,2} \* \* [0-7]$/), timezone: z.string().max(64).regex(/^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/), enabled: Flag }),
  "drill.failed": z.strictObject({ vault: Vault.optional(), shop: Shop, run: Id, code: Code }),
  "redaction.done": z.strictObject({ vault: Vault, redaction: Count, records: Count, versions: Count.optional(), packs: Count.optional(), remaining: Count.optional(), certificate: Digest.optional() }).catchall(More),
  "redaction.refused": z.strictObject({ vault: Vault, code: Code }).catchall(More),
  "prune.done": z.strictObject({ vault: Vault, prune: Count.optional(), policy: Policy, expired: Count, kept: Count, objects: Count.optional(), bytes: Count.optional() }).catchall(More),
  "prune.refused": z.strictObject({ vault: Vault, code: Code }).catchall(More),
  "hold.placed": z.strictObject({ vault: Vault, hold: z.union([Count, Id]), snapshots: SnapshotIds, name: Label, legal: Flag.optional(), subjects: Count.optional(), until: Time.optional() }),
  "hold.released": z.strictObject({ vault: Vault, hold: z.union([Count, Id]) }),
  "keys.rotated": z.strictObject({ vault: Vault, added: z.union([Count, KeyIds]).optional(), removed: z.union([Count, KeyIds]).optional(), recipients: z.union([Count, KeyIds]).optional(), generation: Count.optional(), keys: Count.optional() }).catchall(z.union([More, KeyIds])),
  "keys.refused": z.strictObject({ vault: Vault, code: Code }).catchall(More),
  "storage.tested": z.strictObject({ vault: Vault.optional(), shop: Shop.optional(), store: Id.optional(), passed: Count.optional(), failed: Count.optional() }).catchall(More),
  /** `code`: what became of it. certificate, package: digests of the stored bytes. */
  "compliance.answered": z.strictObject({ vault: Vault, shop: Shop.optional(), request: Id, topic: Topic, code: Code, hold: z.union([Count, Id]).optional(), until: Time.optional(), certificate: Digest.optional(), package: Digest.optional() }),
  /** What is held about one person was put together for the merchant. */
  "disclosure.made": z.strictObject({ vault: Vault, shop: Shop.optional(), request: Id, records: Count, versions: Count, fromShop: Count, unopened: Count, package: Digest.optional(), person: Hex(32).optional() }),
  "disclosure.fetched": z.strictObject({ vault: Vault, shop: Shop, request: Id, package: Digest.optional() }),
  "vault.erased": z.strictObject({ vault: Vault, shop: Shop.optional(), snapshots: Count, packs: Count, remaining: Count, certificate: Digest.optional() }),
  "storage.credentials_changed": z.strictObject({ vault: Vault.optional(), shop: Shop, store: Id }),
  /** How far the journal of captured changes is. */
  "journal.sealed": z.strictObject({ vault: Vault, sequence: Count, digest: Digest }),
  /** What a snapshot found that the journal had not. */
  "journal.reconciled": z.strictObject({ vault: Vault, snapshot: Snapshot, changed: Count, confirmed: Count, missed: Count }),
  /** assistant: the run of the assistant that it was taken in. */
  "snapshot.emergency": z.strictObject({ vault: Vault, shop: Shop, run: Id, why: Code, incident: Id.optional(), assistant: Id.optional(), until: Time.optional() }),
  /** What was held for it is let go. */
  "incident.closed": z.strictObject({ vault: Vault, shop: Shop, incident: Id, snapshots: Count }),
  "setting.recovery_point": z.strictObject({ shop: Shop, stream: z.string().max(64).regex(/^[a-z][a-z-]*$/), minutes: Count }),
  "compliance.received": z.strictObject({ shop: Shop, request: Id, topic: Topic, dueAt: Time }),
  /** What needed a person: about a name of ours ("stream:customers", a key id), never a record's contents. */
  "alert.raised": z.strictObject({ shop: Shop, alert: Id, code: Code, about: Subject, severity: Code }),
  "alert.acknowledged": z.strictObject({ shop: Shop, alert: Id, code: Code, about: Subject }),
  "alert.escalated": z.strictObject({ shop: Shop, alert: Id, code: Code, about: Subject, level: Count }),
  "alert.resolved": z.strictObject({ shop: Shop, alert: Id, code: Code, about: Subject, severity: Code }),
  /** What the shop is read with, or its schema, is no longer what was drilled. */
  "platform.changed": z.strictObject({ shop: Shop, code: Code, version: z.string().regex(/^\d{4}-\d\d$/), extractor: Hex(16), findings: Count }),
  /** Something new in the shop that somebody has to look at, and what they said: about a name of its configuration. */
  "coverage.raised": z.strictObject({ shop: Shop, task: Id, about: Configured }),
  "coverage.decided": z.strictObject({ shop: Shop, task: Id, about: Configured, code: Code }),
  /** A plan of a restore was worked out; sealed under a digest for a second person; decided by them; put back. Counts and digests. disclosedTo: another shop that the records go into. */
  "restore.planned": z.strictObject({ vault: Vault, shop: Shop.optional(), plan: Id, moment: Time, records: Count, conflicts: Count, recipient: KeyId.optional(), disclosedTo: Shop.optional() }).catchall(More),
  "restore.submitted": z.strictObject({ vault: Vault, shop: Shop, plan: Id, digest: Digest, disclosedTo: Shop.optional() }).catchall(More),
  "restore.approved": z.strictObject({ vault: Vault, shop: Shop, plan: Id, digest: Digest, askedBy: Actor, disclosedTo: Shop.optional() }),
  "restore.refused": z.strictObject({ vault: Vault, shop: Shop, plan: Id, digest: Digest, askedBy: Actor }),
  /** Without approvedBy, and with a reason: by one person, at the command line. */
  "restore.applied": z.strictObject({ vault: Vault, shop: Shop.optional(), plan: Id, digest: Digest, run: Id.optional(), recipient: KeyId.optional(), approvedBy: Actor.optional(), disclosedTo: Shop.optional() }),
  /** How conflicts are to be decided: the rule, and how many records were decided one by one; version: of the sealed plan that says which. */
  "restore.decided": z.strictObject({ vault: Vault, shop: Shop, plan: Id, rule: Code, overwrite: Count, keep: Count, undecided: Count, version: Count }),
  /** Somebody asked a run to hold on between two batches, or to go on. */
  "restore.paused": z.strictObject({ vault: Vault, shop: Shop, plan: Id, run: Id.optional() }),
  "restore.resumed": z.strictObject({ vault: Vault, shop: Shop, plan: Id, run: Id.optional() }),
  /** One part of an export was handed to somebody: object: SHA-256 of what they got, sealed to the recipient. */
  "restore.export_fetched": z.strictObject({ vault: Vault, shop: Shop, plan: Id, part: Count, parts: Count, object: Digest, recipient: KeyId }),
  /** The report of every record, its ids and field names, was handed to somebody. */
  "restore.report_fetched": z.strictObject({ vault: Vault, shop: Shop, plan: Id, records: Count, format: Code }),
  "restore.cancelled": z.strictObject({ vault: Vault, shop: Shop, plan: Id, code: Code }).catchall(More),
  "restore.stopped": z.strictObject({ vault: Vault, shop: Shop.optional(), plan: Id, code: Code, run: Id.optional(), recipient: KeyId.optional(), disclosedTo: Shop.optional() }),
  "restore.finished": z.strictObject({ vault: Vault, shop: Shop.optional(), plan: Id, digest: Digest, code: Code, restored: Count, restoredWithLosses: Count, refused: Count, skipped: Count, differing: Count.optional(), report: Id.optional(), recipient: KeyId.optional(), disclosedTo: Shop.optional() }).catchall(More),
  /** In the ledger of the shop that was written to: who let another shop's records in, and what came. The plan is in the other shop's vault. */
  "invitation.made": z.strictObject({ shop: Shop, from: Shop, until: Time }),
  "invitation.withdrawn": z.strictObject({ shop: Shop, from: Shop }),
  "received.begun": z.strictObject({ shop: Shop, from: Shop, plan: Id, digest: Digest }),
  "received.ended": z.strictObject({ shop: Shop, from: Shop, plan: Id, code: Code, restored: Count.optional(), restoredWithLosses: Count.optional(), refused: Count.optional(), skipped: Count.optional(), differing: Count.optional() }),
  /** Rights to write, granted for a plan of a restore and given back after it by somebody; and what the shop says has changed, whoever did it. */
  "scopes.granted": z.strictObject({ shop: Shop, plan: Id, scopes: Scopes }),
  "scopes.revoked": z.strictObject({ shop: Shop, plan: Id, scopes: Scopes }),
  "scopes.changed": z.strictObject({ shop: Shop, granted: Scopes.optional(), revoked: Scopes.optional() }),
  /** Who was named for an emergency. */
  "team.changed": z.strictObject({ shop: Shop, member: Actor, responder: Flag, approver: Flag }),
  /** The list of who may look at records in an outage, as it was put into the vault. */
  "roster.published": z.strictObject({ vault: Vault, shop: Shop, sequence: Count, digest: Digest, responders: Count, groups: Count }),
  /** Somebody signed in to look at records outside the admin, and how that ended. session, record: of the viewer; a record is a keyed hash of its id. */
  "viewer.signed_in": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), roster: Count.optional() }),
  "viewer.signed_out": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), code: Code }),
  "viewer.suspended": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), code: Code, reads: Count, until: Time }),
  /** What they said they needed it for; which record was looked for, opened, seen field by field, taken away. Never a value. */
  "record.searched": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), purpose: Code, case: CaseNumber.optional(), by: Code, shown: Count }),
  "record.viewed": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), purpose: Code, case: CaseNumber.optional(), record: Hex(32), records: Count, snapshot: Snapshot.optional() }),
  "record.revealed": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), purpose: Code, case: CaseNumber.optional(), why: Code, record: Hex(32), part: Hex(32).optional(), field: Field }),
  /** A sheet that is to leave the screen: asked for, and agreed to or refused by somebody else. */
  "record.export_asked": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), purpose: Code, case: CaseNumber.optional(), why: Code, record: Hex(32), sheet: Hex(16), what: Code, count: Count, recipient: KeyId.optional() }),
  "record.export_agreed": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), record: Hex(32), sheet: Hex(16), askedBy: Actor }),
  "record.export_refused": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), record: Hex(32), sheet: Hex(16), askedBy: Actor }),
  "record.printed": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), purpose: Code, case: CaseNumber.optional(), why: Code, record: Hex(32), sheet: Hex(16), page: Count, pages: Count, count: Count, fields: Fields.optional(), approvedBy: Actor.optional() }),
  "record.exported": z.strictObject({ vault: Vault, shop: Shop, session: Hex(16), purpose: Code, case: CaseNumber.optional(), why: Code, record: Hex(32), sheet: Hex(16), page: Count, pages: Count, count: Count, fields: Fields.optional(), recipient: KeyId, approvedBy: Actor.optional() }),
  /** A run of the assistant, step by step: codes of a decision tree. digest: of the whole step, with a salt that is kept with it. */
  "assistant.started": z.strictObject({ shop: Shop, run: Id, scenario: TreeName, version: z.string().max(20).regex(/^\d+\.\d+\.\d+$/), tree: Digest }),
  "assistant.answered": z.strictObject({ shop: Shop, run: Id, step: Count, node: TreeName, answer: TreeName, digest: Digest, waiver: Count.optional() }),
  "assistant.looked_up": z.strictObject({ shop: Shop, run: Id, step: Count, node: TreeName, check: TreeName, found: TreeName, digest: Digest }),
  "assistant.corrected": z.strictObject({ shop: Shop, run: Id, step: Count, from: Count, digest: Digest }),
  /** Something that was done, in the order in which it was; waiver: the step that asked to set an order aside. */
  "assistant.recorded": z.strictObject({ shop: Shop, run: Id, step: Count, act: TreeName, waiver: Count.optional(), digest: Digest }),
  "assistant.out_of_order": z.strictObject({ shop: Shop, run: Id, act: TreeName, rule: TreeName }),
  "assistant.waiver_asked": z.strictObject({ shop: Shop, run: Id, step: Count, rule: TreeName, digest: Digest }),
  "assistant.waiver_decided": z.strictObject({ shop: Shop, run: Id, step: Count, asked: Count, approved: Flag, askedBy: Actor, digest: Digest }),
  "assistant.ended": z.strictObject({ shop: Shop, run: Id, step: Count, code: Code, outcome: TreeName.optional(), digest: Digest }),
  /** Somebody looked for a record: by what sort of term, and how many answers there were. Never the value. */
  "record.found": z.strictObject({ vault: Vault, shop: Shop.optional(), by: Code, hits: Count }),
  /** Records went to whoever holds an identity, outside the app: a whole snapshot; one record, by a keyed hash of its id, with what belongs to it; whatever could be recovered. */
  "snapshot.exported": z.strictObject({ vault: Vault, snapshot: Snapshot, records: Count }),
  "record.read": z.strictObject({ vault: Vault, snapshot: Snapshot, record: Hex(32), records: Count }),
  "vault.recovered": z.strictObject({ vault: Vault, snapshot: Snapshot.optional() }),
  /** The tokens by which records are found were made anew. */
  "search.rebuilt": z.strictObject({ vault: Vault, packs: Count, parts: Count, unopened: Count }),
  /** A setting by its name; values only where they are numbers, flags, codes or a schedule's own terms. */
  "setting.changed": z.strictObject({ shop: Shop, setting: Code, frequency: Code.optional(), timezone: z.string().max(64).regex(/^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/).optional(), enabled: Flag.optional(), policy: Policy.optional() }),
  /** A step of a merchant's workflow in Shopify Flow asked for something. `step`: the SHA-256 of its id. */
  "flow.asked": z.strictObject({ shop: Shop, asked: Code, step: Digest, run: Id.optional() }),
  /** Somebody asked for what they may not have; `asked` is the action they asked for. */
  "request.refused": z.strictObject({ vault: Vault.optional(), shop: Shop, asked: Code, code: Code, plan: Id.optional() }),
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type LedgerAction = keyof typeof ACTIONS;
/** What an entry of an action says. */
export type SubjectOf<A extends LedgerAction> = z.infer<(typeof ACTIONS)[A]>;

/** Members whose names carry kinds and fields ("difference:customers:email"): the parts are names of a schema. */
const COMPOUND = /^(step|difference|loss|lane):/;

/** Why somebody did it, in their words: one line, and no e-mail address. The only free text there is. */
const Reason = z.string().min(1).max(500).regex(/^[^\p{Cc}@]*$/u);

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly reason?: string | undefined;
}

/** Throws ledger.bad_entry, naming members but not their values, for an action that is not in the catalogue or says what it may not. */
export function checkAction({ actor, action, subject, reason }: Entry): void {
  const wrong = (members: string): never => {
    throw new LedgerError("ledger.bad_entry", `An entry "${Code.safeParse(action).success ? action : "?"}" may not say this (${members}).`);
  };
  const shape = Object.hasOwn(ACTIONS, action) ? ACTIONS[action as LedgerAction] : wrong("there is no such action");
  if (!Actor.safeParse(actor).success) wrong("actor");
  if (reason !== undefined && !Reason.safeParse(reason).success) wrong("reason");
  if (!Object.keys(subject).every(isMemberName)) wrong("a member's name");
  const parsed = shape.safeParse(subject);
  if (!parsed.success) wrong(parsed.error.issues.map((issue) => `${issue.path.join(".") || (issue.code === "unrecognized_keys" ? issue.keys.join(", ") : "subject")}: ${issue.code}`).join(", "));
}

function isMemberName(name: string): boolean {
  if (name.length > 100) return false;
  if (!name.includes(":")) return Word.test(name);
  return COMPOUND.test(name) && name.split(":").slice(1).every((part) => Remarked.test(part));
}
