/** What the vault's door hands out of this room. */
export { checkRestoreObject, damagedRestoreObjects, MOST_RESTORE_BYTES, putRestoreObject, readRestoreObject, restoreObject, restoreObjectNames } from "./objects.ts";
export type { RestoreKeeper, RestoreReader } from "./objects.ts";
export { changedRoots } from "./changed-roots.ts";
export type { ChangedRoot, ChangedRoots } from "./changed-roots.ts";
export { familyIndex, sameFamily } from "./family-index.ts";
export type { FamilyEntry, FamilyIndex, StateOfIndex } from "./family-index.ts";
export { restoreKeyIds } from "./key-ids.ts";
