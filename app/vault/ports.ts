/** What the vault asks of its surroundings, besides the store: a clock, randomness, and someone who can unwrap. */

export interface Clock {
  now(): Date;
}

/** `bytes` unpredictable bytes. In production node:crypto's randomBytes; in tests a seeded generator. */
export type Random = (bytes: number) => Uint8Array;

/** A JSON Web Key (RFC 7517), public half only. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
}

/** A JSON Web Key with its private half. */
export interface Jwk extends PublicJwk {
  readonly d?: string;
}

/** Who may open what is sealed. keyId is the RFC 7638 thumbprint (base64url SHA-256) of `jwk`. */
export interface Recipient {
  readonly keyId: string;
  /** EC P-256 or P-384 (ECDH-ES+A256KW), or RSA of 3072 bits and more (RSA-OAEP-256). */
  readonly jwk: PublicJwk;
}

/** What the host keeps. It compares, lists, diffs and signs with these; it opens no record. */
export interface HostKeys {
  readonly vaultId: string;
  /** 32 bytes. */
  readonly indexKey: Uint8Array;
  /** Ed25519 private JWK. */
  readonly signingKey: Jwk;
}

/** Unwraps keys for a merchant identity. Answers null for "not sealed to me"; throws for damage. */
export interface KeyOpener {
  readonly keyId?: string;
  open(jwe: Uint8Array): Promise<Uint8Array | null>;
}

/** Content keys (snapshot keys) by their id, 32 bytes each; null: not available. */
export interface ContentKeys {
  get(keyId: string): Promise<Uint8Array | null>;
}
