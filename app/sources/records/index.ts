/** The door: how every source that speaks JSONL turns bytes into records. */
export type { ByteSource } from "./byte-source.ts";
export { identify, type Identity, type IdentifyOutcome } from "./identify.ts";
export { MAX_LINE_BYTES, splitLines, type LineBatch, type SplitOptions } from "./lines.ts";
export { countKind, readRecords, recordsOf, type ReadRecordsOptions, type RecordReading } from "./read-records.ts";
