/** What the vault's door hands out of its search. */
export { findByTokens, findInVault } from "./find.ts";
export type { FindOutcome, FindPlace, FoundRecord } from "./find.ts";
export { findById } from "./find-by-id.ts";
export { packTokens, searchKeys, searchMaterial } from "./keys.ts";
export type { PackTokens, SearchKeys, SearchMaterial } from "./keys.ts";
export { rebuildSearch } from "./rebuild.ts";
export type { RebuildSearch, RebuiltSearch } from "./rebuild.ts";
export type { SearchQuery, SearchTerm, TermSource } from "./terms.ts";
