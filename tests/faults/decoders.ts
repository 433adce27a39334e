/** Which functions take bytes or text that somebody else may have written, from the sources themselves; and what fuzzes each. */
import { globSync, readFileSync } from "node:fs";

/** Exported functions whose first parameter is bytes, a JWE, or a text to be read: a new one without an entry below fails the test. */
export function decodersIn(rooms: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of rooms.flatMap((room) => globSync(`${room}/**/*.ts`))) {
    const declared = /^export (?:async )?function (\w+)(?:<[^(]*>)?\((?:\w+: (?:Uint8Array|Buffer|GeneralJwe)\b|(?:text|note|jws|jwe): string\b)/gm;
    for (const [, name] of readFileSync(file, "utf8").matchAll(declared)) found.add(name as string);
  }
  return [...found].sort();
}

/** By function: the targets of fuzz.test.ts that reach it with hostile bytes, by itself or through those that call it first. */
export const FUZZED_BY: Readonly<Record<string, readonly string[]>> = {
  candidatesFor: ["wrapped key, by its recipient"],
  checkProof: ["ledger proof, checked"],
  checkRequestObject: ["request", "request, signed whatever it says"],
  checkRestoreObject: ["restore", "restore, signed whatever it says"],
  checkWrappedKey: ["wrapped key"],
  contentKeyOf: ["pack key"],
  cosignaturesOf: ["ledger cosignature"],
  decodeBundle: ["ledger bundle"],
  decodeEntries: ["journal entries"],
  decodeEntry: ["ledger entry"],
  decodeFrameLines: ["pack header and table"],
  decodeHead: ["search part's head", "search part's names"],
  decodeHeader: ["pack header and table"],
  decodeInner: ["inner"],
  decodeLeaf: ["leaf", "leaf, in columns", "locator"],
  decodeShare: ["share", "share with a right checksum"],
  decryptContent: ["wrapped key, by its recipient"],
  hashesOf: ["ledger tile"],
  isSignedBy: ["ledger checkpoint"],
  mendFromParity: ["parity"],
  openEntries: ["journal segment, signed whatever it says"],
  parseCertificate: ["certificate"],
  parseCheckpoint: ["ledger checkpoint"],
  parseCut: ["cut of the journal, signed whatever it says"],
  parseDescription: ["description", "description, signed whatever it says"],
  parseDrillObject: ["drill's record", "drill's record, signed whatever it says"],
  parseJwe: ["wrapped key, by its recipient"],
  parseKeyDigests: ["digests of keys"],
  parseManifest: ["manifest", "manifest, signed whatever it says"],
  parsePackList: ["pack list"],
  parseProof: ["ledger proof"],
  parsePrune: ["prune"],
  parseRecipients: ["recipients"],
  parseRedaction: ["redaction"],
  parseRoster: ["roster", "roster, signed whatever it says"],
  parseSegment: ["journal segment", "journal segment, signed whatever it says"],
  parseShare: ["share"],
  parseVerifierKey: ["ledger key"],
  parseWitnessKey: ["ledger key"],
  peekSigned: ["description", "hold"],
  protectedHeader: ["wrapped key, by its recipient"],
  readParity: ["parity"],
  recipientsOfWrappedKey: ["wrapped key's recipients"],
  splitNote: ["ledger checkpoint", "ledger cosignature"],
  unsealShare: ["sealed share"],
  unwrapPackSecret: ["pack secret"],
  verifySigned: ["hold", "recovery program's list"],
  verifyStatement: ["drill's record"],
  open: ["search part's names"],
};

/** Targets beside them: classes that read, and holds, which are read by name from the store. */
export const BY_CLASS = ["frame of layout 1, in columns", "frame of layout 2, in columns"] as const;

const OWN = "makes bytes, or takes only what this program made in the same run";
const KEYS = "derives from a key of our own";
/** Those that no hostile bytes reach before another of the above has taken them, with the reason. */
export const EXEMPT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["asBuffer", "compareRanges", "digestOf", "encodeParity", "labelOf", "leafHash", "nameBytes", "release", "sameRange", "seal", "sealEntries", "sealMessage", "sha256", "sha256Bytes", "toByteString", "toLines", "wrapKey", "wrapPackSecret"].map((name) => [name, OWN])),
  ...Object.fromEntries(["blocksKeyOf", "concatKdf", "deriveKey", "hmacs", "holdSubjects", "jobHmacs", "manyTimesKey", "packKeys", "partKeyOf", "searchKeyOf", "signingKeyOf", "termKeyOf", "tokenOf"].map((name) => [name, KEYS])),
  mendHead: "tries whatever it is given and believes nothing but a digest: tests/vault/repair",
  mendOneBit: "tries every bit and believes nothing but a digest: tests/vault/repair",
  parsePolicy: "what a person types",
  tileRoot: "takes hashes whose number TileReader has checked",
  recipientFromSpki: "a key service's answer, over TLS; node:crypto reads it",
};
