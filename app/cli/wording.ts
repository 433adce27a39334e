/**
 * What the command says when it cannot do something: one sentence, what is wrong and what to do. Keyed by the errors' stable codes.
 *
 * `what` stands in for the error's own message where that is written for engineers; `{object}` is the stored object's name.
 */
import type { KeyErrorCode } from "#app/keys/index.ts";
import type { RecoverErrorCode } from "#app/recover/index.ts";
import type { LedgerErrorCode } from "#app/ledger/index.ts";
import type { SandboxErrorCode } from "#app/sandbox/index.ts";
import type { SourceErrorCode } from "#app/sources/port.ts";
import type { StoreErrorCode, VaultErrorCode } from "#app/vault/index.ts";
import type { CliErrorCode } from "./errors.ts";
import type { RefusedCode } from "./refused.ts";

export type KnownCode = CliErrorCode | KeyErrorCode | LedgerErrorCode | RecoverErrorCode | SandboxErrorCode | SourceErrorCode | StoreErrorCode | VaultErrorCode | DrillCode | RefusedCode;

/** Ends of a drill that are told as errors because it could not be carried out. */
type DrillCode = "drill.key_missing" | "drill.records_missing";

export interface Wording {
  readonly what?: string;
  /** Imperative, lower case, no full stop. */
  readonly next: string;
}

export const WORDING: Readonly<Record<KnownCode, Wording>> = {
  "cli.usage": { next: "run the same command with --help to see how it is written" },
  "cli.no_home": { next: "set HOLDFAST_HOME to a directory of yours" },
  "cli.home_unusable": { next: "give this user write access to it, or set HOLDFAST_HOME to another directory" },
  "cli.no_host_keys": {
    next: "run 'holdfast vault adopt' with an identity to make this its host, or, to read only, give --identity FILE",
  },
  "cli.host_keys_damaged": { next: "remove that file and run 'holdfast vault adopt' with an identity, or, to read only, give --identity FILE" },
  "cli.record_not_found": { next: "check the id, which must be whole and exactly as the source writes it, and the snapshot" },
  "cli.record_erased": { next: "nothing brings it back; the vault's ledger says when and why it was erased" },
  "cli.output_failed": { next: "check that the directory is there, may be written and has room, then run it again" },
  "cli.output_closed": { next: "read it to its end, or write to a file with --out FILE" },
  "cli.ledger_empty": { next: "take a snapshot first" },
  "cli.entry_not_found": { next: "give an entry's place counted from 0, latest, or an id that an entry speaks of" },
  "cli.witness_refused": { next: "give whoever runs the witness the ledger's public key, as 'holdfast ledger prove --json' prints it" },
  "cli.witness_unavailable": { next: "try again later; the ledger is as it was" },
  "cli.checkpoint_unreadable": { next: "check the path" },
  "cli.not_a_checkpoint": { next: "choose another file name; nothing was written" },
  "cli.no_shop_token": { next: "start one with 'holdfast sandbox start', or for a real shop put an Admin API access token in HOLDFAST_SHOPIFY_ACCESS_TOKEN" },
  "cli.rights_missing": { next: "grant these access scopes to the app whose access token this is (a custom app: in its configuration), then run it again" },
  "cli.sandbox_session_damaged": { next: "stop that sandbox and start it again" },
  "cli.no_roster": { next: "connect an identity provider in the app under Settings, Downtime viewer, or write a roster with 'holdfast viewer roster'" },
  "cli.port_unusable": { next: "choose another --port, or end what uses it" },
  "cli.interrupted": { what: "Interrupted", next: "run it again when you like; what was committed before is safe" },

  "keys.not_found": { next: "check the path and who may read it" },
  "keys.exists": { next: "choose another directory" },
  "keys.not_written": { next: "check that the directory may be written and has room" },
  "keys.not_a_key": { next: "give the recipient.jwk or identity.jwk that 'holdfast keys new' made" },
  "keys.recipient_not_identity": { next: "give the identity.jwk that belongs to it" },
  "keys.identity_not_recipient": { next: "give recipient.jwk, and keep identity.jwk away from this host" },
  "keys.unsupported": { next: "make a new pair with 'holdfast keys new'" },
  "keys.passphrase_needed": { next: "give --passphrase-file FILE" },
  "keys.passphrase_empty": { next: "put a passphrase on its first line" },
  "keys.passphrase_wrong": { next: "check the passphrase file, or use a copy of the identity" },
  "keys.damaged": { next: "use a copy of the identity; if that fails too, run 'holdfast verify' to see what is damaged" },
  "keys.bad_address": { next: "correct the address; 'holdfast keys rotate --help' shows how they are written" },
  "keys.no_credentials": { next: "sign in to the key service on this host, then run it again" },
  "keys.denied": { next: "have whoever keeps the key allow this use, or use another identity" },
  "keys.disabled": { next: "have whoever keeps the key enable it, or use another identity" },
  "keys.throttled": { next: "wait a minute and run it again" },
  "keys.unreachable": { next: "check the network and the service's status page, then run it again" },
  "keys.bad_split": { next: "choose at least 2 shares and a threshold from 2 to the number of shares" },
  "keys.share_damaged": { next: "compare it with the paper or file it was taken from, and correct it" },
  "keys.share_foreign": { next: "bring shares that were made together: their first lines name the same key and the same set" },
  "keys.shares_too_few": { next: "bring more of the officers' shares" },

  "ledger.damaged": { next: "run 'holdfast ledger verify' to see every damaged object, then bring them back from a copy of the storage" },
  "ledger.bad_signature": { next: "find out who else writes to this storage before going on" },
  "ledger.rolled_back": { next: "bring back the removed objects from a copy of the storage, and find out who removed them" },
  "ledger.forked": { next: "find out who else holds the vault's signing key, and compare with a copy of the storage" },
  "ledger.bad_entry": { next: "please report this: the program made it" },
  "ledger.no_signer": { next: "run it on the host that made the vault" },
  "ledger.contended": { next: "try again when fewer programs write to this vault" },

  "recover.usage": { next: "run the same command with --help to see how it is written" },
  "recover.out_exists": { next: "choose another --out" },
  "recover.out_failed": { next: "check that the directory may be written and has room, then run it again" },
  "recover.no_terminal": { next: "give --passphrase-file FILE" },
  "recover.interrupted": { what: "Interrupted", next: "run it again when you like; it changes nothing in the vault" },

  "sandbox.schema_unavailable": { next: "connect to the network once, so that the schema can be fetched" },
  "sandbox.schema_damaged": { next: "delete .cache/shopify-admin-schema and start it again" },
  "sandbox.bad_option": { next: "run 'holdfast sandbox start --help' to see what it takes" },
  "sandbox.port_taken": { next: "choose another --port, or leave it out" },

  "source.not_found": { next: "check the path or the domain after the colon" },
  "source.bad_address": { next: "write jsonl:PATH with a file, or shopify:DOMAIN with a name like example.myshopify.com" },
  "source.unauthorized": { next: "give this user, or the token, access to it" },
  "source.unreachable": { next: "check the network and the name, then run it again" },
  "source.throttled": { next: "wait a few minutes and run it again" },
  "source.schema_mismatch": { next: "update Holdfast, which reads an API version that the shop no longer answers" },
  "source.failed": { next: "run it again; the snapshots taken before are safe" },
  "source.cancelled": { next: "run it again; the snapshots taken before are safe" },

  "store.bad_key": { next: "move the vault to a directory with a shorter path that holds nothing else" },
  "store.bad_address": { next: "correct it and run it again" },
  "store.unreachable": { next: "check that the storage is connected, then run it again" },
  "store.refused": { next: "check the credentials and what they may do (docs/stores.md); a directory must be readable and writable for this user and on a file system with hard links" },
  "store.no_space": { next: "free some space and run it again; the snapshots taken before are safe" },
  "store.read_only": { next: "make it writable and run it again" },
  "store.locked": { next: "wait until the lock ends" },
  "store.lock_unsupported": { next: "use a storage that can lock objects" },
  "store.diverged": { next: "run 'holdfast verify' on each of the two to see which is right, and remove the other's object" },
  "store.failed": { next: "check the storage and its connection, then run it again" },

  "vault.exists": { what: "There is a vault at this address already", next: "choose another directory; a vault is never written over" },
  "vault.not_found": { what: "There is no vault at this address", next: "check it, or make one with 'holdfast vault create'" },
  "vault.wrong_keys": { next: "give the keys or the identity that belong to this vault" },
  "vault.no_key": { what: "This identity is not among those the vault is sealed to", next: "give another identity.jwk" },
  "vault.unsupported_format": { next: "update Holdfast" },
  "vault.damaged_object": { next: "run 'holdfast verify' to see everything that is damaged, and 'holdfast vault repair', with --from if there is a copy of the storage, to mend {object}" },
  "vault.missing_object": { next: "run 'holdfast verify' to see everything that is missing, and 'holdfast vault repair', with --from if there is a copy of the storage, to bring {object} back" },
  "vault.no_such_snapshot": { what: "No snapshot answers to that name", next: "run 'holdfast snapshots' to see which there are" },
  "vault.ambiguous_snapshot": { next: "give more of its id" },
  "vault.bad_recipient": { next: "make a new pair with 'holdfast keys new'" },
  "vault.last_recipient": { what: "Nobody would be left who can open the vault", next: "add another recipient with --add FILE in the same command" },
  "vault.not_a_recipient": { next: "run 'holdfast keys plan' to see who the recipients are" },
  "vault.recipients_rolled_back": { next: "bring {object} back from a copy of the storage, and find out who removed it" },
  "vault.recipients_contended": { next: "run it again" },
  "vault.bad_record": { next: "please report this: the source should have named it as a gap" },
  "vault.writer_closed": { next: "please report this, and run the command again" },
  "vault.no_scratch": { next: "free some space where HOLDFAST_HOME lies, or set it to a larger disk, and run it again; what was stored before is safe" },
  "vault.read_only": { next: "run it on the host that made the vault" },
  "vault.journal_contended": { what: "Another program is writing this vault's journal", next: "run it again; nothing was lost" },
  "vault.journal_rolled_back": { what: "The storage lacks captured changes that this host wrote ({object})", next: "find out who set the storage back, and take a snapshot" },
  "vault.overtaken": { what: "A prune is about to remove what this run built on, because it took longer than the prune's grace", next: "run it again; nothing was lost" },

  "prune.contended": { what: "Another prune began at the same moment", next: "run it again when that one is over" },
  "prune.damaged_manifest": { what: "A damaged manifest ({object}) leaves unknown what its snapshot needs, so nothing can be called garbage", next: "run 'holdfast vault repair', or bring {object} back from a copy of the storage" },
  "prune.damaged_redaction": { what: "A redaction's record ({object}) is damaged or missing, so which pack stands for which is not known", next: "run 'holdfast vault repair', or bring {object} back from a copy of the storage" },
  "prune.damaged_hold": { what: "A hold's record ({object}) is damaged, and may hold anything", next: "bring {object} back from a copy of the storage" },
  "prune.snapshot_missing": { what: "The ledger knows a snapshot ({object}) that is not in the storage and that no prune removed", next: "run 'holdfast verify' and find out who removed it before anything else goes" },
  "prune.hold_missing": { what: "The ledger knows a hold that is not in the storage", next: "bring {object} back from a copy of the storage, and find out who removed it" },
  "hold.bad_name": { what: "A hold's name is 1 to 64 letters, digits, spaces and ._#/-", next: "give another --name" },
  "hold.bad_reason": { what: "A reason is one line of at most 500 characters without an @", next: "give another --reason, and keep names and addresses out of it" },
  "hold.bad_basis": { what: "A legal hold's basis and citation are one line each, of 3 to 200 and 3 to 300 characters without an @, about at most 1000 persons", next: "give --basis and --citation, and keep names and addresses out of them" },
  "hold.bad_until": { what: "A hold ends in the future", next: "give a later --until, or none" },
  "hold.too_many": { what: "One hold names at most 50 snapshots", next: "place several, or one with --all" },
  "hold.not_found": { what: "No hold in force answers to that", next: "run 'holdfast holds' to see which there are" },
  "hold.too_late": { next: "run 'holdfast snapshots' to see what is there; the hold stands for what is" },
  "redaction.not_found": { what: "No snapshot and no pack has a record of any of these ids", next: "check the ids, which must be whole and exactly as the source writes them" },
  "redaction.ambiguous": { next: "say which with --kind KIND" },
  "redaction.contended": { what: "Another redaction began at the same moment, and nothing was erased by this one", next: "run it again when that one is over" },
  "redaction.damaged_redaction": { what: "An earlier redaction's record ({object}) is damaged or missing, so which pack stands for which is not known", next: "run 'holdfast vault repair', or bring {object} back from a copy of the storage" },
  "redaction.held": { what: "A legal hold ({object}) bids to keep these records, so nothing was erased", next: "run 'holdfast holds' to see its basis; when that has ended, 'holdfast release' it and erase them again" },
  "redaction.damaged_hold": { what: "A hold's record ({object}) is damaged, and may be a legal hold on these records", next: "bring {object} back from a copy of the storage, or release it by its id" },
  "redaction.bad_reason": { what: "A reason is one line of at most 500 characters without an @", next: "give another --reason: a case number, no names or addresses" },

  "drill.key_missing": { next: "give the identity that this snapshot is sealed to" },
  "drill.records_missing": { next: "run 'holdfast verify --read-data' to see what is damaged" },
};

export interface Told {
  readonly code: string;
  readonly sentence: string;
}

/** One sentence for any error. What has no code of ours is named by its class only: its message could hold anything. */
export function tell(error: unknown): Told {
  const code = property(error, "code");
  const wording = code === undefined ? undefined : (WORDING as Readonly<Record<string, Wording>>)[code];
  if (code === undefined || wording === undefined || !(error instanceof Error)) {
    const name = error instanceof Error ? error.name : "unknown";
    return { code: "unexpected", sentence: `Something unexpected went wrong (${code ?? name}); please report this with the command you ran.` };
  }
  const what = (wording.what ?? error.message).replace("{object}", property(error, "object") ?? "it").replace(/[.;\s]+$/, "");
  const next = wording.next.replace("{object}", property(error, "object") ?? "it");
  return { code, sentence: `${what}; ${next}.` };
}

function property(error: unknown, name: string): string | undefined {
  if (typeof error !== "object" || error === null || !(name in error)) return undefined;
  const value = (error as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
