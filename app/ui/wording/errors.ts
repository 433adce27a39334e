/**
 * Errors in words, keyed by their stable code. Each says three things: what happened, what it means for the data, what to do.
 * A test (tests/ui/wording-errors.test.ts) fails when a code exists in the product without words here.
 */
import { RESTORE_ERRORS } from "./errors-restore.ts";
import { PRIVACY_ERRORS } from "./errors-privacy.ts";
import { ASSISTANT_ERRORS } from "./errors-assistant.ts";
import { COVERAGE_ERRORS } from "./errors-coverage.ts";
import { DRILL_ERRORS } from "./errors-drills.ts";

export interface ErrorWords {
  readonly happened: string;
  readonly meaning: string;
  readonly todo: string;
}

const EARLIER_SAFE = "Snapshots taken before are not touched; this one was not taken.";
const NOTHING_CHANGED = "Nothing was changed.";

function say(happened: string, meaning: string, todo: string): ErrorWords {
  return { happened, meaning, todo };
}

export const ERROR_WORDS: Record<string, ErrorWords> = {
  ...PRIVACY_ERRORS,
  ...ASSISTANT_ERRORS,
  ...RESTORE_ERRORS,
  ...DRILL_ERRORS,
  "store.bad_key": say("The storage was asked for an object with an impossible name.", EARLIER_SAFE, "This is a fault of ours: please send the code to support."),
  "store.bad_address": say("The storage address is not one that this app can use.", NOTHING_CHANGED, "See that each part of it is right. A folder is written as file:///folder, with the whole path, in the folder that this host has for vaults; a server must be one that can be reached from outside."),
  "store.unreachable": say("The storage could not be reached.", EARLIER_SAFE, "See that the storage is up and the address is right, then press Try again."),
  "store.refused": say("The storage refused access.", EARLIER_SAFE, "See that the app may read and write there, then press Try again."),
  "store.no_space": say("The storage refused the last write: it is full.", EARLIER_SAFE, "Free space or raise the limit, then press Try again."),
  "store.read_only": say("The storage does not allow writing.", EARLIER_SAFE, "Allow the app to write there, then press Try again."),
  "store.locked": say("The storage holds a locked object where something was to be written or removed.", "Locked objects stay as they are; nothing was lost.", "Wait until the lock has run out, or choose other storage."),
  "store.diverged": say("The two copies of the storage differ.", NOTHING_CHANGED, "Check each of the two storages, and ask whoever runs them which one is right."),
  "store.lock_unsupported": say("This storage cannot lock objects.", NOTHING_CHANGED, "Choose storage with object lock, or go on without locks."),
  "store.failed": say("The storage failed while it was being used.", EARLIER_SAFE, "Look at the storage's own status, then press Try again."),

  "source.not_found": say("The store could not be found.", EARLIER_SAFE, "See that the app is still installed on this store, then press Try again."),
  "source.bad_address": say("The store's address is not one we understand.", NOTHING_CHANGED, "Open the app from the Shopify admin again."),
  "source.unauthorized": say("Shopify no longer lets the app read this store.", EARLIER_SAFE, "Open the app from the Shopify admin and accept its permissions, then press Try again."),
  "source.unreachable": say("Shopify could not be reached.", EARLIER_SAFE, "Nothing to do if Shopify is down: the next snapshot runs by itself. Or press Try again."),
  "source.throttled": say("Shopify asked us to slow down for too long.", EARLIER_SAFE, "Wait some minutes, then press Try again. Other apps may be using up the store's limit."),
  "source.schema_mismatch": say("Shopify's answers do not have the shape we know.", EARLIER_SAFE, "Update the app; if it is the newest, please send the code to support."),
  "source.failed": say("Shopify could not finish preparing the data.", EARLIER_SAFE, "Press Try again. If it happens again, please send the code to support."),
  "source.cancelled": say("The run was stopped.", "Snapshots taken before are not touched; nothing half-done was kept.", "Start it again whenever you like."),

  "vault.exists": say("There is already a vault at this address, and it is not this store's.", "It was not touched.", "Choose another folder or bucket for this store."),
  "vault.not_found": say("There is no vault at the storage address any more.", "If the storage was moved or emptied, the copies went with it; the app deletes none.", "Bring the storage back to its address, then press Try again."),
  "vault.not_linked": say("No storage is connected to this store yet.", NOTHING_CHANGED, "Finish set-up first."),
  "vault.no_host_keys": say("This host has lost its half of the vault's keys.", "What is in the storage is not touched, and your identity still opens it. No new snapshot can be taken.", "Bring back the app's database from its own backup, or ask support."),
  "vault.wrong_keys": say("The keys on this host belong to another vault.", "What is in the storage is not touched.", "See that the storage address is this store's own, then press Try again."),
  "vault.no_key": say("None of the keys opens this snapshot.", "It is not damaged; it is sealed to another key.", "Choose the identity file that was downloaded when the vault was made."),
  "vault.unsupported_format": say("The vault was written by a newer version of the app.", "What is in the storage is not touched.", "Update the app, then press Try again."),
  "vault.damaged_object": say("An object in the storage is not what it was when it was written.", "Records in that object cannot be trusted; all others are not affected.", "Take a new snapshot, keep the storage as it is, and send the object's name to support."),
  "vault.missing_object": say("An object that this snapshot needs is not in the storage.", "Records in that object cannot be restored from this snapshot; all others are not affected.", "See whether somebody removed files from the storage, bring them back, then take a new snapshot."),
  "vault.no_such_snapshot": say("There is no such snapshot in the vault.", "Other snapshots are not affected.", "Go to the list of snapshots and choose one."),
  "vault.ambiguous_snapshot": say("More than one snapshot answers to this name.", NOTHING_CHANGED, "Go to the list of snapshots and choose one."),
  "vault.bad_recipient": say("The public half of the key is not one that data may be sealed to.", NOTHING_CHANGED, "Make a new key in a current browser."),
  "vault.last_recipient": say("Nobody would be left who can open the backups.", NOTHING_CHANGED, "Add another key together with this change."),
  "vault.not_a_recipient": say("That key cannot open these backups, now or earlier.", NOTHING_CHANGED, "Check which key you meant."),
  "vault.recipients_rolled_back": say("The storage shows an older list of who may open the backups than it did before.", EARLIER_SAFE, "Bring the list back from a copy of the storage, and find out who removed it."),
  "vault.recipients_contended": say("Somebody else changed who may open the backups at the same time.", NOTHING_CHANGED, "Try again."),
  "vault.findings": say("The check of the storage found something that is not as it was written.", "Records in what is damaged cannot be trusted; all others are not affected.", "Run holdfast verify on the storage: it names every object and what to do."),
  "vault.bad_record": say("The store sent a record that the vault cannot hold.", EARLIER_SAFE, "Please send the code to support; no customer data is needed."),
  "emergency.bad_request": say("An emergency snapshot was asked for in a way we do not understand.", NOTHING_CHANGED, "Pick a reason from the list; an incident's number has letters, digits, - and _ only."),
  "emergency.run_over": say("That run of the assistant has ended, or is not there.", NOTHING_CHANGED, "Choose another run, or hold the snapshot for 72 hours."),
  "emergency.no_such_incident": say("No snapshot is held for an incident of that number.", NOTHING_CHANGED, "Load this page again: somebody else may have closed it."),
  "vault.journal_contended": say("Another program was writing captured changes at the same time.", NOTHING_CHANGED, "Nothing to do: the changes are sealed again by themselves."),
  "vault.journal_rolled_back": say("Captured changes that were written to the storage are not there any more.", EARLIER_SAFE, "Find out who set the storage back, and take a snapshot now."),
  "vault.overtaken": say("The snapshot took so long that older data it built on is being removed.", EARLIER_SAFE, "Press Try again."),
  "vault.writer_closed": say("The snapshot was written to after it had ended.", EARLIER_SAFE, "This is a fault of ours: please send the code to support, then press Try again."),
  "vault.no_scratch": say("Our server ran out of room while it worked.", NOTHING_CHANGED, "Try again later. If it happens again, send the code to support."),
  "vault.read_only": say("The vault was opened for reading only.", NOTHING_CHANGED, "This is a fault of ours: please send the code to support."),

  "ledger.bad_entry": say("An event could not be written into the log.", EARLIER_SAFE, "This is a fault of ours: please send the code to support."),
  "ledger.bad_signature": say("The log of events carries a signature that is not this vault's.", "The copies are not touched, but the log cannot be trusted until this is looked into.", "Leave the storage as it is and call whoever answers for security."),
  "ledger.contended": say("Something else was writing into the log at the same moment.", EARLIER_SAFE, "Press Try again."),
  "ledger.damaged": say("The log of events is damaged.", "The copies are not touched, but the log cannot be trusted until this is looked into.", "Leave the storage as it is and call whoever answers for security."),
  "ledger.forked": say("The log of events exists in two versions that contradict each other.", "The copies are not touched, but somebody may have changed the log.", "Leave the storage as it is and call whoever answers for security."),
  "ledger.rolled_back": say("The log of events is shorter than it was before.", "The copies are not touched, but events were removed from the log.", "Leave the storage as it is and call whoever answers for security."),
  "ledger.no_signer": say("The key that signs the log is not on this host.", "What is in the storage is not touched. No new snapshot can be taken.", "Bring back the app's database from its own backup, or ask support."),
  "ledger.not_entered": say("A snapshot is not in the log yet.", "The snapshot itself is safe; the next one will enter it.", "Take a snapshot now."),

  "run.cancelled": say("The work was stopped before it began.", NOTHING_CHANGED, "Start it again whenever you like."),
  "run.gave_up": say("The app ended unexpectedly several times while it did this, so it does not try again by itself.", EARLIER_SAFE, "Please send the code to support, then press Try again."),
  "snapshot.cancelled": say("The snapshot was stopped.", EARLIER_SAFE, "Start it again whenever you like."),
  "snapshot.failed": say("The snapshot could not be taken.", EARLIER_SAFE, "Press Try again. If it happens again, please send the code to support."),
  "snapshot.missing": say("A snapshot that the log knows is not in the vault.", "That snapshot cannot be restored; others are not affected.", "Leave the storage as it is and call whoever answers for security."),
  "snapshot.not_entered": say("A snapshot in the vault is not in the log.", "The snapshot is there; nothing says who took it.", "Take a new snapshot: it enters the missing one too."),
  "recipients.missing": say("The list of who may open the backups is not in the storage any more.", "The copies are not touched; the next one might be sealed to somebody who was removed.", "Bring the list back from a copy of the storage, and find out who removed it."),
  "recovery.missing": say("A part of the recovery program in the vault is gone.", "The copies are not touched; the program in the project still restores them.", "Take a snapshot: it writes the program again if none of this version is there; keep a copy of it elsewhere."),
  "recovery.damaged": say("The recovery program in the vault is not the one that was written.", "The copies are not touched. Do not run that program: use one kept elsewhere or the project's own.", "Remove its folder from the storage and take a snapshot: it writes the program again."),
  "recipients.replaced": say("The list of who may open the backups is not the one that the log knows.", "The copies are not touched; the next one might be sealed to somebody else.", "Leave the storage as it is and call whoever answers for security."),
  "recipients.damaged": say("The list of who may open the backups is damaged.", "The copies are not touched, and nothing is sealed until this is mended.", "Bring the list back from a copy of the storage."),
  "snapshot.replaced": say("A snapshot is not the one that the log knows.", "Do not restore from it.", "Leave the storage as it is and call whoever answers for security."),

  "drill.bad_keys": say("What the browser sent are not content keys.", "No record was opened.", "Choose your identity file again and start the drill again."),
  "drill.cancelled": say("The drill was stopped.", "Your store and the snapshots are not touched.", "Start it again whenever you like."),
  "drill.differs": say("The restored shop is not equal to the snapshot.", "The snapshot itself opened and every record was equal to its digest; something changed on the way back.", "See the differences by kind and field below."),
  "drill.refused": say("Some records could not be put back.", "The snapshot itself opened and every record was equal to its digest.", "See the numbers below, and send them to support with the code."),
  "drill.not_read_back": say("The restored shop could not be read back as a whole.", "The snapshot itself opened and every record was equal to its digest; whether it was restored equal is not known.", "Run the drill again."),
  "drill.records_missing": say("The snapshot holds fewer records than it says.", "Do not rely on this snapshot; older ones are not affected.", "Take a new snapshot, run a drill on it, and send the code to support."),
  "drill.key_missing": say("A content key that this snapshot needs was not handed in.", "No result: it says nothing about the snapshot.", "Choose your identity file again and start the drill again."),
  "drill.identity_needed_again": say("The app restarted while the drill ran, and the keys it had in memory are gone, as they should be.", "No result: it says nothing about the snapshot. Your store is not touched.", "Choose your identity file again and start the drill again."),
  "drill.failed": say("The drill could not be finished.", "Your store and the snapshots are not touched.", "Run the drill again. If it happens again, please send the code to support."),

  "access.other_shop": say("This belongs to another store.", NOTHING_CHANGED, "Open the app from the store it belongs to."),
  "access.not_for_you": say("You may not do this.", NOTHING_CHANGED, "Ask the store's owner for the permission."),
  "setup.private_key": say("What was sent holds a private key.", "It was refused and not kept.", "Make a new key: the old one has left your browser and is not private any more."),
  "shop.not_connected": say("The app is not connected to this store any more.", EARLIER_SAFE, "Open the app from the Shopify admin; if it was removed, install it again."),
  "storage.not_linked": say("No storage is connected to this store yet.", NOTHING_CHANGED, "Finish set-up first."),
  "storage.no_host_keys": say("This host has lost its half of the vault's keys.", "What is in the storage is not touched, and your identity still opens it.", "Bring back the app's database from its own backup, or ask support."),
  unexpected: say("Something went wrong on our side.", EARLIER_SAFE, "Try again. If it happens again, please send the code to support."),

  "request.invalid": say("Something that was entered is not as it should be.", NOTHING_CHANGED, "Correct the field that is marked and try again."),
  "request.unauthenticated": say("Your session has ended.", NOTHING_CHANGED, "Reload the page, or open the app from the Shopify admin again."),
  "access.not_a_responder": say("This takes a responder, and you are not named as one.", NOTHING_CHANGED, "Ask an approver of the response team to name you, under Settings, Response team."),
  "access.not_an_approver": say("This takes an approver, and you are not named as one.", NOTHING_CHANGED, "Ask an approver of the response team to do it, or to name you, under Settings, Response team."),
  "access.no_app_there": say("One of the two stores does not have this app any more.", NOTHING_CHANGED, "See that the app is installed in both stores, then try again."),
  "access.not_invited": say("The other store's team has not allowed restores of this store into theirs.", NOTHING_CHANGED, "Ask an approver of that store to allow it: in that store's admin, in this app, under Settings, Response team."),
  "access.invitation_over": say("The time for which the other store allowed it is over.", NOTHING_CHANGED, "Ask an approver of that store to allow it again: in that store's admin, in this app, under Settings, Response team."),
  "access.same_person": say("This takes a second person, and you are the one who asked for it.", NOTHING_CHANGED, "Ask another approver of the response team to look at it."),
  "request.refused": say("You may not do this.", NOTHING_CHANGED, "Ask the store's owner for the permission."),
  "request.not_found": say("There is nothing at this address.", "Your data is not affected.", "Go back to the overview and follow the menu."),
  "request.wrong_method": say("The page was asked in a way it does not know.", NOTHING_CHANGED, "Go back to the overview and try again."),
  "request.conflict": say("Something else was done at the same moment.", NOTHING_CHANGED, "Reload the page to see how it stands now."),
  "request.too_large": say("What was sent is too large.", NOTHING_CHANGED, "Choose a smaller file."),
  "request.failed": say("Something went wrong on our side.", "Snapshots taken before are not touched.", "Try again. If it happens again, please send the code to support."),
};

const UNKNOWN = say("Something went wrong.", "Snapshots taken before are not touched.", "Try again. If it happens again, please send the code to support.");

export function errorWords(code: string): ErrorWords {
  return ERROR_WORDS[code] ?? PRIVACY_ERRORS[code] ?? COVERAGE_ERRORS[code] ?? UNKNOWN;
}
