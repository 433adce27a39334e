export { NO_REVISION, REVISIONS } from "./all.ts";
export type { Delta, RemoveStep, Request, ReviseStep, Revision } from "./revision.ts";
