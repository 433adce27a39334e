/** One run of a tree, as it is kept: steps in the order in which they happened. Nothing is changed or taken away; a correction is one step more. */
import { z } from "zod";
import { ACTS, CHECKS, type CheckName } from "./tree.ts";

const At = z.iso.datetime({ precision: 3 });
const Node = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
/** Ids of records as the platform spells them; what they say is never here. */
const Gid = z.string().regex(/^gid:\/\/shopify\/[A-Za-z]{1,64}\/[A-Za-z0-9_-]{1,64}$/);

/** What is concerned. kinds: roots, as records name them ("Customer"). records: each with all that belongs to it. namespace: every metafield of one app. */
export const SelectionOf = z.discriminatedUnion("what", [
  z.strictObject({ what: z.literal("everything") }),
  z.strictObject({ what: z.literal("kinds"), kinds: z.array(z.string().regex(/^[A-Z][A-Za-z]{1,63}$/)).min(1).max(40) }),
  z.strictObject({ what: z.literal("namespace"), namespace: z.string().regex(/^[A-Za-z0-9_$-]{1,255}$/) }),
  z.strictObject({ what: z.literal("records"), ids: z.array(Gid).min(1).max(100) }),
]);
export type Selection = z.infer<typeof SelectionOf>;

export const AnswerOf = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("choice"), id: Node }),
  /** Null: nobody knows. */
  z.strictObject({ kind: z.literal("moment"), at: At.nullable() }),
  z.strictObject({ kind: z.literal("what"), selection: SelectionOf }),
  /** waiver: the step that asked to set an order aside, where one was needed. */
  z.strictObject({ kind: z.literal("done"), waiver: z.number().int().min(1).optional() }),
  z.strictObject({ kind: z.literal("cannot") }),
  /** Goes on with what was looked up in step `lookup`. */
  z.strictObject({ kind: z.literal("seen"), lookup: z.number().int().min(1) }),
]);
export type Answer = z.infer<typeof AnswerOf>;

/** What a look-up found: counts, flags, ids of ours, times. Names may carry a kind or a word of the shop's configuration: "removed:Customer", "app:reviews". */
export const FactsOf = z.array(z.strictObject({ name: z.string().regex(/^[a-z][A-Za-z-]{0,40}(:[A-Za-z0-9 ._&+-]{1,80})?$/), value: z.union([z.number(), z.boolean(), z.string().max(80)]) })).max(60);
export type Facts = z.infer<typeof FactsOf>;

const base = {
  /** From 1, without a hole. */
  n: z.number().int().min(1),
  at: At,
  /** As the ledger names an actor. */
  by: z.string().min(1).max(150),
};

export const StepOf = z.discriminatedUnion("what", [
  z.strictObject({ ...base, what: z.literal("answered"), node: Node, answer: AnswerOf }),
  z.strictObject({ ...base, what: z.literal("looked-up"), node: Node, check: z.enum(Object.keys(CHECKS) as [CheckName, ...CheckName[]]), outcome: Node, facts: FactsOf }),
  /** The answer of step `to`, and those after it on the way, do not stand any more. */
  z.strictObject({ ...base, what: z.literal("went-back"), to: z.number().int().min(1) }),
  /** Something that was done, beside the questions. waiver: the step that asked to set an order aside, where one was needed. */
  z.strictObject({ ...base, what: z.literal("recorded"), act: z.enum(ACTS), waiver: z.number().int().min(1).nullable(), /** The plan of a restore that it was taken from. */ plan: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).optional(), /** The emergency snapshot that was taken. */ snapshot: z.string().regex(/^[0-9a-f]{16}$/).optional() }),
  z.strictObject({ ...base, what: z.literal("waiver-asked"), rule: Node, reason: z.string().min(1).max(500) }),
  z.strictObject({ ...base, what: z.literal("waiver-decided"), asked: z.number().int().min(1), approved: z.boolean() }),
  z.strictObject({ ...base, what: z.literal("finished") }),
  z.strictObject({ ...base, what: z.literal("abandoned") }),
]);
export type RunStep = z.infer<typeof StepOf>;
/** As a person or the app asks for it, before it has a number, a time and an actor. */
export type NewStep = RunStep extends infer S ? (S extends RunStep ? Omit<S, "n" | "at" | "by"> : never) : never;
