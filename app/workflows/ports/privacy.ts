/** Privacy requests as they are kept, storage credentials, retention policies, and who may unwrap unattended. No names, no e-mail addresses, no phone numbers. */
import type { KeyOpener, SourceRecord } from "#app/vault/index.ts";

export type ComplianceTopic = "customers/data_request" | "customers/redact" | "shop/redact";

/** A privacy request of the platform. Holds the customer's id (the work needs it), never name, e-mail or phone. */
export interface ComplianceRequest {
  /** The delivery's id: the same delivery twice is one request. */
  readonly id: string;
  readonly shop: string;
  readonly topic: ComplianceTopic;
  readonly customerId: string | null;
  readonly orderIds: readonly string[];
  readonly receivedAt: Date;
  /** 30 days after receipt, as the platform asks. */
  readonly dueAt: Date;
}

/** held: a legal hold with a named basis stands against it, which is its answer for as long as that is in force. */
export type RequestState = "open" | "held" | "answered";

/** What became of it: compliance.erased, .erased_in_part, .nothing_held, .held, .disclosed; or what it waits for: compliance.identity_needed, store.unreachable … */
export interface RequestStanding {
  readonly state: RequestState;
  readonly code: string | null;
  readonly answeredAt: Date | null;
  /** The certificate's or the package's object in the vault, and SHA-256 hex of its bytes. */
  readonly object: string | null;
  readonly digest: string | null;
  readonly hold: string | null;
  /** When the hold ends by itself; null: with its release. */
  readonly heldUntil: Date | null;
}

export type KeptRequest = ComplianceRequest & RequestStanding;

export interface ComplianceRequests {
  /** False: it was there before. */
  add(request: ComplianceRequest): Promise<boolean>;
  /** Those that nobody has answered, oldest first. */
  open(shop: string): Promise<readonly ComplianceRequest[]>;
  get(shop: string, id: string): Promise<KeptRequest | null>;
  /** Unanswered ones first by due date, then the others, newest answer first. At most `limit` (200). */
  list(shop: string, options?: { readonly states?: readonly RequestState[]; readonly limit?: number }): Promise<readonly KeptRequest[]>;
  /** Members that are not named become null. */
  settle(shop: string, id: string, standing: Partial<RequestStanding> & Pick<RequestStanding, "state" | "code">): Promise<void>;
  /** Shops that have an open or a held request, or a package that was answered with before this. */
  shopsWaiting(packagesBefore: Date): Promise<readonly string[]>;
}

/** A merchant's key service that this host may ask by itself, where its owner has set one up. */
export interface UnattendedKeys {
  /** Null: there is none for this shop; a person has to bring an identity. Throws KeyError. */
  openerFor(shop: string): Promise<KeyOpener | null>;
}

/** A record as the shop has it now, with what belongs to it. Null: it is not there any more. */
export interface CurrentRecords {
  fetch(shop: string, kind: string, id: string, signal: AbortSignal): Promise<readonly SourceRecord[] | null>;
}

// --- storage that belongs to the merchant ---------------------------------------------------------------------------------

/** What opens a storage, as the merchant entered it. Only ever kept sealed. */
export type StorageCredential =
  | { readonly kind: "s3"; readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined }
  | { readonly kind: "azure"; readonly accountKey?: string | undefined; readonly sasToken?: string | undefined }
  | { readonly kind: "gcs"; readonly serviceAccount: string }
  | { readonly kind: "sftp"; readonly privateKey?: string | undefined; readonly passphrase?: string | undefined; readonly password?: string | undefined; readonly knownHosts?: string | undefined };

export interface StorageCredentials {
  /** Seals and keeps it for the place that an address names (scheme and host, without path and parameters). Replaces what was there. */
  save(shop: string, url: string, credential: StorageCredential): Promise<void>;
  /** When it was saved; null: there is none. What it says comes out nowhere but in the store that is opened with it. */
  savedAt(shop: string, url: string): Promise<Date | null>;
  /** All of a shop's. */
  forget(shop: string): Promise<void>;
}

// --- retention ------------------------------------------------------------------------------------------------------------

export interface RetentionPolicy {
  readonly shop: string;
  /** "last=3,daily=7": app/vault/retention/policy.ts. */
  readonly keep: string;
  /** Whether what it lets go is pruned by itself, once a day. */
  readonly enabled: boolean;
  readonly savedAt: Date;
  readonly prunedAt: Date | null;
}

export interface RetentionPolicies {
  get(shop: string): Promise<RetentionPolicy | null>;
  save(policy: Omit<RetentionPolicy, "prunedAt">): Promise<void>;
  pruned(shop: string, at: Date): Promise<void>;
  /** Enabled ones that were last pruned before, or never. */
  due(before: Date, limit: number): Promise<readonly RetentionPolicy[]>;
}
