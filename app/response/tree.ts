/**
 * What a decision tree is: data, checked at the door. A tree asks a person one thing at a time, looks things up where the app can, says who does what, and
 * ends in a decision. Ids are stable: runs, ledgers and reports name them.
 */
import { z } from "zod";

const Id = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
const Words = z.string().min(2).max(400);

/** in_force: law as it stands. proposed: not law. contract: promised in an agreement. goal: our own. guidance: a standards body's, binding nobody by itself. */
export const STATUSES = ["in_force", "proposed", "contract", "goal", "guidance"] as const;
const SourceOf = z.strictObject({ cite: Words, says: Words, status: z.enum(STATUSES) });
/** A number that the words quote, and what makes it binding. */
const FigureOf = z.strictObject({ value: z.string().regex(/^\d+ (seconds?|minutes?|hours?|days?|months?|years?|people)$/), status: z.enum(STATUSES), cite: Words });

export const ROLES = ["responder", "approver", "security-official", "store-owner", "counsel", "anyone"] as const;

/** Things that are done rather than decided; the timeline names them, and rules of order (order.ts) go by them. */
export const ACTS = ["open-incident", "contain", "emergency-snapshot", "hold-snapshots", "rotate-keys", "verify", "drill", "emergency-view", "restore", "failover", "notify"] as const;
export type Act = (typeof ACTS)[number];

/** What the app can look up by itself, and how each may come out. "unknown": it could not be looked up; never taken for an answer. */
export const CHECKS = {
  /** Is there a complete snapshot from before the damage, in a storage in which the last check found nothing? */
  "good-snapshot": ["good", "unproven", "none", "unknown"],
  /** What has changed since the damage began, by snapshots and by the journal? */
  "what-changed": ["removed", "changed", "nothing", "unknown"],
  /** Which seconds can be gone back to? */
  journal: ["every-second", "snapshots-only", "unknown"],
  /** Is what would be restored from safe from pruning? */
  holds: ["held", "not-held", "unknown"],
  /** Are there two different people, one to carry out and one to approve? */
  team: ["two", "too-few", "unknown"],
  /** Which other apps can write to the store? */
  "other-apps": ["some", "none", "unknown"],
  /** Did the last check of the storage find damage? */
  storage: ["sound", "damaged", "unknown"],
  /** Does the newest snapshot hold everything the platform says there is, read as it was proven? */
  coverage: ["whole", "gaps", "changed", "unknown"],
  /** What became of the privacy requests of the last weeks? */
  requests: ["waiting", "erased", "none", "unknown"],
  /** Does the platform answer? */
  platform: ["answers", "away", "unknown"],
} as const;
export type CheckName = keyof typeof CHECKS;
const CHECK_NAMES = Object.keys(CHECKS) as [CheckName, ...CheckName[]];

/** What an answer says about the restore that may come of it. */
const Sets = z.strictObject({
  /** review: what was edited since is decided record by record. restore: the earlier state wins. */
  conflicts: z.enum(["review", "restore"]).optional(),
  /** What did not exist then: kept, or removed. */
  extras: z.enum(["keep", "remove"]).optional(),
});

const common = { id: Id, help: Words.optional(), who: z.enum(ROLES), minutes: z.number().int().min(1).max(1440).optional(), sources: z.array(SourceOf).optional(), figures: z.array(FigureOf).optional() };
/** `again`: leads back on purpose. */
const onward = { next: Id, again: z.literal(true).optional() };

const AnswerOf = z.strictObject({ id: Id, say: Words, help: Words.optional(), sets: Sets.optional(), ...onward });
const QuestionOf = z.strictObject({ kind: z.literal("question"), ...common, ask: Words, answers: z.array(AnswerOf).min(2).max(8) });
/** Asks for an instant: when the damage began. */
const MomentOf = z.strictObject({ kind: z.literal("moment"), ...common, ask: Words, next: Id, unknown: z.strictObject({ say: Words, next: Id }) });
export const OFFERS = ["everything", "kinds", "namespace", "records"] as const;
/** Asks what is concerned. */
const WhatOf = z.strictObject({ kind: z.literal("what"), ...common, ask: Words, offers: z.array(z.enum(OFFERS)).min(1), next: Id });
const InstructionOf = z.strictObject({
  kind: z.literal("instruction"), ...common, say: Words, how: z.array(Words).min(1).max(8), act: z.enum(ACTS).optional(),
  /** False: the app cannot do this yet, so the steps say how to do it by hand. */
  built: z.boolean(), done: z.strictObject({ say: Words, ...onward }), cannot: z.strictObject({ say: Words, ...onward }).optional(),
});
const CheckOf = z.strictObject({ kind: z.literal("check"), ...common, say: Words, check: z.enum(CHECK_NAMES), outcomes: z.array(z.strictObject({ id: Id, say: Words, ...onward })).min(2) });
export const OUTCOMES = ["restore-plan", "hold-snapshots", "rotate-keys", "verify", "open-incident", "notify", "stop"] as const;
const EndOf = z.strictObject({
  kind: z.literal("end"), ...common, say: Words, outcome: z.enum(OUTCOMES), how: z.array(Words).min(1).max(8), built: z.boolean(),
  /** Of a restore plan: to which state. before-damage: the second before the moment that was given, or the newest good snapshot where none was. */
  plan: z.strictObject({ to: z.enum(["before-damage", "newest-good"]) }).optional(),
});

export const NodeOf = z.discriminatedUnion("kind", [QuestionOf, MomentOf, WhatOf, InstructionOf, CheckOf, EndOf]);
export const TreeOf = z.strictObject({
  /** The scenario's id. */
  id: Id,
  /** For people; the digest is what counts. */
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: Words,
  /** How a person recognises it. */
  when: Words,
  sources: z.array(SourceOf).min(1),
  start: Id,
  nodes: z.array(NodeOf).min(2),
});

export type Tree = z.infer<typeof TreeOf>;
export type TreeNode = z.infer<typeof NodeOf>;
export type Source = z.infer<typeof SourceOf>;
export type Figure = z.infer<typeof FigureOf>;
export type Role = (typeof ROLES)[number];
export type Outcome = (typeof OUTCOMES)[number];
export type Offer = (typeof OFFERS)[number];
export type RestoreHints = z.infer<typeof Sets>;

/** Where a node may lead, by the code of the answer that leads there. */
export interface Way {
  readonly answer: string;
  readonly next: string;
  readonly again: boolean;
}

/** Codes: an answer's or an outcome's id; "given" and "unknown" of a moment; "chosen" of a what; "done" and "cannot" of an instruction. */
export function waysOf(node: TreeNode): readonly Way[] {
  const way = (answer: string, { next, again }: { readonly next: string; readonly again?: true | undefined }): Way => ({ answer, next, again: again === true });
  switch (node.kind) {
    case "question":
      return node.answers.map((answer) => way(answer.id, answer));
    case "check":
      return node.outcomes.map((outcome) => way(outcome.id, outcome));
    case "moment":
      return [way("given", node), way("unknown", node.unknown)];
    case "what":
      return [way("chosen", node)];
    case "instruction":
      return [way("done", node.done), ...(node.cannot === undefined ? [] : [way("cannot", node.cannot)])];
    case "end":
      return [];
    default:
      node satisfies never;
      return [];
  }
}

export function nodeOf(tree: Tree, id: string): TreeNode | null {
  return tree.nodes.find((node) => node.id === id) ?? null;
}
