/** The assistant: decision trees walked by people, one answer at a time, so that nobody has to think of what comes first at 3 a.m. */
export { recordEmergency, type RecordedEmergency } from "./emergencies.ts";
export { exportRun, type ExportedRun } from "./export-run.ts";
export { listAssistant, newestOpenRun, openAssistantRuns, type ListedAssistant } from "./list.ts";
export { lookUp, type LookedUpNow } from "./look-up.ts";
export { assistantOutcome, type AssistantOutcome } from "./outcome.ts";
export { readRun, type ReadRun } from "./read-run.ts";
export { recordRestored, restoresOf } from "./restores.ts";
export { showRun, type ShownRun, type ShownStep } from "./show.ts";
export { startAssistant, type StartedAssistant } from "./start.ts";
export type { AssistantPorts } from "./append.ts";
export { takeStep, type AskedStep, type TakenStep } from "./take-step.ts";
/** The shape of an answer, for whoever takes one from outside. */
export { ACTS, AnswerOf as AnswerShape } from "#app/response/index.ts";
export { assistantPorts } from "./assistant-ports.ts";
