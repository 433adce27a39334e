/** The door: how every source that speaks JSONL turns bytes into records. */
export { identify, type Identity, type IdentifyOutcome } from "./identify.ts";
export { MAX_LINE_BYTES, splitLines, type LineBatch, type SplitOptions } from "./lines.ts";
export { readRecords, type ReadRecordsOptions, type RecordReading } from "./read-records.ts";
