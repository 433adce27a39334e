/** The journal: what changed between snapshots, sealed as it happens (docs/design.md 9). */
export { cutThrough, pruneJournal, readCuts } from "./cut.ts";
export type { JournalCut, PrunedJournal, PruneJournal } from "./cut.ts";
export { journalDifferences } from "./differences.ts";
export type { JournalDifference, JournalDifferences } from "./differences.ts";
export { lastStates } from "./last-state.ts";
export type { LastStates } from "./last-state.ts";
export { JournalLog } from "./log.ts";
export { journalObject } from "./names.ts";
export { JournalNeeds, journalKeys, journalPacks, journalSegments } from "./needs.ts";
export { journalOverlay, stateAt } from "./state.ts";
export type { Overlay, StateAt, StateAtOptions } from "./state.ts";
export { journalVersions } from "./versions.ts";
export type { JournalVersion } from "./versions.ts";
export { JournalWriter, openJournalWriter } from "./writer.ts";
export type { OpenJournalWriter } from "./writer.ts";
export type * from "./types.ts";
