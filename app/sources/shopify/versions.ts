/**
 * The API versions that the catalogue's queries were written for and tested with, oldest first. A shop is read with one of them (its pin): the newest
 * whose live schema was found to have all that the catalogue needs. A version that is not in this list is looked at, but never read with.
 */
export const SUPPORTED_VERSIONS: readonly string[] = ["2026-10"];

/** The version every query of the catalogue is written for. */
export const API_VERSION = "2026-10";
