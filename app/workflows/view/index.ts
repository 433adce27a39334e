/** What the viewer does, one verb per file. */
export { agreeTo, askToTakeAway, type Agreement, type Wish } from "./agree.ts";
export { MOST_HITS, findPeople, type FindOutcome, type Hit } from "./find-people.ts";
export { openPerson, type OpenOutcome, type OpenPerson } from "./open-person.ts";
export { PURPOSES, REASONS, reasonOf, statedPurpose, type Purpose, type Reason, type StatedPurpose } from "./purpose.ts";
export { publishRoster, type Published } from "./publish-roster.ts";
export { recordRef } from "./record-ref.ts";
export { revealField, type FieldRef, type RevealOutcome } from "./reveal.ts";
export { rolesByRoster } from "./roster-roles.ts";
export { sheetRecord, type SheetField, type SheetRecord } from "./sheet.ts";
export { exportSheet, printSheet, type PrintSheet, type SheetLine } from "./take-away.ts";
export { FIND_BY, type FindBy, type FoundRoot, type ViewEvents, type Viewer, type ViewSource, type ViewStep } from "./view.ts";
