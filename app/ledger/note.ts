/**
 * Checkpoints as signed notes: https://c2sp.org/tlog-checkpoint in https://c2sp.org/signed-note, signed with Ed25519 (RFC 8032).
 *
 *   <origin>\n<size>\n<root, base64>\n\n— <key name> <base64(key id ‖ signature)>\n
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type JsonWebKey } from "node:crypto";
import type { Hash } from "./merkle.ts";

export interface Checkpoint {
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** Hex, 64 digits. */
  readonly root: string;
  /** The whole signed note. */
  readonly note: string;
}

/** An Ed25519 JWK; `x` is all that verifying takes. */
export interface Ed25519Key {
  readonly kty?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
}

export interface NoteSigner {
  /** The key's name in the note; no spaces, no "+". Usually the origin. */
  readonly name: string;
  /** Private JWK. */
  readonly privateKey: JsonWebKey;
}

const ED25519 = 1;
/** "— ", an em dash (U+2014) and a space, begins a signature line. */
const SIGNATURE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/;
const NAME = /^[^\s+]+$/;
/** A note has no control characters but the newline. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

export interface CheckpointSigner {
  readonly publicKey: Ed25519Key;
  checkpoint(origin: string, size: number, root: Hash): Checkpoint;
}

/** Reads the key once, for many checkpoints. Throws TypeError for a name, an origin or a key that a note cannot have. */
export function noteSigner(signer: NoteSigner): CheckpointSigner {
  if (!NAME.test(signer.name)) throw new TypeError("A key name has no space or plus.");
  const privateKey = createPrivateKey({ key: signer.privateKey, format: "jwk" });
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" });
  const keyId = noteKeyId(signer.name, publicKey);
  return {
    publicKey,
    checkpoint: (origin, size, root) => {
      if (origin === "" || origin.includes("\n")) throw new TypeError("An origin is one line.");
      const text = `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
      const signature = sign(null, Buffer.from(text), privateKey);
      const note = `${text}\n— ${signer.name} ${Buffer.concat([keyId, signature]).toString("base64")}\n`;
      return { origin, size, root: Buffer.from(root).toString("hex"), note };
    },
  };
}

export function signCheckpoint(origin: string, size: number, root: Hash, signer: NoteSigner): Checkpoint {
  return noteSigner(signer).checkpoint(origin, size, root);
}

/** The first four bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key). */
export function noteKeyId(name: string, publicKey: Ed25519Key): Buffer {
  return noteKeyIdOf(name, ED25519, rawKey(publicKey));
}

export function noteKeyIdOf(name: string, type: number, publicKey: Uint8Array): Buffer {
  return createHash("sha256").update(`${name}\n`).update(Uint8Array.of(type)).update(publicKey).digest().subarray(0, 4);
}

/** Reads what `verifierKey` writes. Null for anything else, a wrong key id included. */
export function parseVerifierKey(text: string): { readonly name: string; readonly key: Ed25519Key } | null {
  const [name, , ...rest] = text.trim().split("+");
  const bytes = Buffer.from(rest.join("+"), "base64");
  if (name === undefined || !NAME.test(name) || bytes.length !== 33 || bytes[0] !== ED25519) return null;
  const key = { kty: "OKP", crv: "Ed25519", x: bytes.subarray(1).toString("base64url") };
  return verifierKey(name, key) === text.trim() ? { name, key } : null;
}

/** The key as other programs take it: <name>+<key id, hex>+<base64(0x01 ‖ public key)>. */
export function verifierKey(name: string, publicKey: Ed25519Key): string {
  const key = Buffer.concat([Uint8Array.of(ED25519), rawKey(publicKey)]).toString("base64");
  return `${name}+${noteKeyId(name, publicKey).toString("hex")}+${key}`;
}

/** Null when the text is no checkpoint in its one form. Says nothing about signatures. Extension lines and others' signatures may be there. */
export function parseCheckpoint(note: string): Checkpoint | null {
  const parts = splitNote(note);
  if (parts === null) return null;
  const [origin, size, root] = parts.text.split("\n");
  if (origin === undefined || origin === "" || size === undefined || root === undefined) return null;
  if (!/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) return null;
  const hash = Buffer.from(root, "base64");
  if (hash.length !== 32 || hash.toString("base64") !== root) return null;
  return { origin, size: Number(size), root: hash.toString("hex"), note };
}

/** True when the note is signed by this key, under whatever name. One wrong signature of it spoils the note, as C2SP asks. */
export function isSignedBy(note: string, publicKey: Ed25519Key): boolean {
  const parts = splitNote(note);
  if (parts === null) return false;
  const mine = parts.signatures.filter(({ name, bytes }) => noteKeyId(name, publicKey).equals(bytes.subarray(0, 4)));
  if (mine.length === 0) return false;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: rawKey(publicKey).toString("base64url") }, format: "jwk" });
  return mine.every(({ bytes }) => bytes.length === 68 && verify(null, Buffer.from(parts.text), key, bytes.subarray(4)));
}

export interface NoteParts {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly bytes: Buffer; /** Without its newline. */ readonly line: string }[];
}

/** Null when it is no signed note. */
export function splitNote(note: string): NoteParts | null {
  const cut = note.lastIndexOf("\n\n");
  if (cut === -1 || !note.endsWith("\n") || CONTROL.test(note) || !note.isWellFormed()) return null;
  const signatures = [];
  for (const line of note.slice(cut + 2, -1).split("\n")) {
    const match = SIGNATURE.exec(line);
    const bytes = Buffer.from(match?.[2] ?? "", "base64");
    // Base64 has spellings to spare for the same bytes; one is right.
    if (match === null || bytes.length < 5 || bytes.toString("base64") !== match[2]) return null;
    signatures.push({ name: match[1]!, bytes, line });
  }
  return { text: note.slice(0, cut + 1), signatures };
}

function rawKey(key: Ed25519Key): Buffer {
  const raw = Buffer.from(key.x ?? "", "base64url");
  if (raw.length !== 32 || (key.crv !== undefined && key.crv !== "Ed25519")) throw new TypeError("Not an Ed25519 key.");
  return raw;
}
