/** The door to response: decision trees as data, what a run of one is, and which steps come before which. Pure. */
export { accept, type Accepted, type StepRefusal } from "./accept.ts";
export { canonical, digestOf } from "./digest.ts";
export { ResponseError, type ResponseErrorCode } from "./errors.ts";
export { lintTree, wordsOf, type LintCode, type LintFinding } from "./lint.ts";
export { mayRecord, ORDER_RULES, type OrderDecision, type OrderRule, type OrderRuleId } from "./order.ts";
export { outcomeOf, type RunOutcome } from "./outcome.ts";
export { coveringPaths, pathsOf, stepsToEnd, type Path, type PathStep } from "./paths.ts";
export { faultOfReason, REASON_MAX, REASON_MIN, type ReasonFault } from "./plain-reason.ts";
export { codeOfAnswer, replay, type Answered, type LookedUp, type RunState, type TimelineAct, type Waiver } from "./replay.ts";
export { AnswerOf, FactsOf, SelectionOf, StepOf, type Answer, type Facts, type NewStep, type RunStep, type Selection } from "./run.ts";
export { ACTS, CHECKS, nodeOf, waysOf, type Act, type CheckName, type Figure, type Offer, type Outcome, type RestoreHints, type Role, type Source, type Tree, type TreeNode, type Way } from "./tree.ts";
export { freeze, TREES, treeOf, type FrozenTree } from "./trees/all.ts";
