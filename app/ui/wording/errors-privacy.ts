/** Words for what becomes of erasures, disclosures, holds, prunes and rotations, keyed by code. */
interface Words {
  readonly happened: string;
  readonly meaning: string;
  readonly todo: string;
}
const say = (happened: string, meaning: string, todo: string): Words => ({ happened, meaning, todo });
const NOTHING_ERASED = "Nothing was erased, and nothing was changed.";
const NOTHING_WENT = "No snapshot went, and nothing was removed.";
const REPAIR = "Have the storage repaired (holdfast vault repair), or bring the object back from a copy of the storage.";

export const PRIVACY_ERRORS: Readonly<Record<string, Words>> = {
  "custody.identity_needed_again": say("The app restarted, and the keys it had in memory are gone, as they should be.", "What was done until then is whole, and starting again finishes it.", "Choose your identity file again and start again."),
  "custody.cancelled": say("It was stopped.", "What was done until then is whole, and starting again finishes it.", "Start it again whenever you like."),
  "custody.too_many_keys": say("This vault has more keys than a browser should be sent.", NOTHING_ERASED, "Use the command line: holdfast redact --request, with your identity file."),
  "custody.unknown_work": say("A newer version of the app asked for this.", "Nothing was done.", "Update the app on every host, then start again."),
  "compliance.no_such_request": say("There is no such request any more.", "Nothing was opened.", "Go back to the list of requests."),
  "compliance.identity_needed": say("It waits for an identity.", "The backups are sealed to your keys, and we cannot open them.", "Open the request and choose your identity file."),
  "compliance.held": say("A legal hold stands against it.", "The person's records are kept, as the law bids, and the request is answered so.", "When the hold has ended, release it: the request is due again."),
  "compliance.hold_without_basis": say("A hold keeps the snapshots, and no basis in law is named for it.", "The request stays due, and its clock goes on.", "Release the hold, or place a legal hold with its basis and citation."),
  "compliance.erased_in_part": say("The storage's lock still holds on to an old key.", "The records are gone from every snapshot, but a copy of the old pack could still be opened.", "Carry it out again when the lock has ended."),
  "compliance.package_expired": say("The package was there for 30 days and is gone.", "The person's records are not touched.", "Make it again if it is still needed."),
  "compliance.package_erased": say("The person was erased, and the package with them.", "Nothing of it is kept.", "There is nothing to do."),
  "redaction.not_found": say("No snapshot holds a record of this id.", NOTHING_ERASED, "Check the id: it is the number at the end of the customer's address in the admin."),
  "redaction.ambiguous": say("The id stands for records of several kinds.", NOTHING_ERASED, "Give the whole id, such as gid://shopify/Customer/123."),
  "redaction.contended": say("Something else was being erased at the same moment.", NOTHING_ERASED, "Start it again."),
  "redaction.damaged_redaction": say("The record of an earlier erasure is damaged.", NOTHING_ERASED, REPAIR),
  "redaction.held": say("A legal hold bids to keep these records.", NOTHING_ERASED, "See the holds under Retention. When its basis has ended, release it and erase again."),
  "redaction.damaged_hold": say("A hold is damaged, and it may be a legal hold on these records.", NOTHING_ERASED, "Bring the object back from a copy of the storage, or release the hold by its id."),
  "redaction.bad_reason": say("The reason is one line of at most 500 characters without an @.", NOTHING_ERASED, "Write a case number, and no names or addresses."),
  "redaction.nothing_left": say("Nothing was left to erase.", "It was erased before, and no newer snapshot has it.", "There is nothing to do."),
  "hold.bad_name": say("A hold's name is 1 to 64 letters, digits, spaces and ._#/-.", "No hold was placed.", "Choose another name."),
  "hold.bad_reason": say("A reason is one line of at most 500 characters without an @.", "Nothing was changed.", "Shorten it, and keep names and addresses out of it."),
  "hold.bad_basis": say("A legal hold names its basis and where that is written, in one line each without an @.", "No hold was placed.", "Fill in both, and at most 1,000 persons."),
  "hold.bad_until": say("The hold would end before it begins.", "No hold was placed.", "Choose a later date, or none."),
  "hold.too_many": say("One hold names at most 50 snapshots.", "No hold was placed.", "Place several, or hold all of them."),
  "hold.not_found": say("That hold is not in force any more.", "Nothing was changed.", "Reload the page to see which there are."),
  "hold.too_late": say("A prune let one of these snapshots go at the same moment.", "The hold stands for what is there.", "Look at the list of snapshots."),
  "prune.contended": say("Another prune began at the same moment.", NOTHING_WENT, "Wait for it to end, then look at the draft again."),
  "prune.damaged_manifest": say("A snapshot's description is damaged, so what it needs is not known.", NOTHING_WENT, REPAIR),
  "prune.damaged_redaction": say("The record of an erasure is damaged, so which pack stands for which is not known.", NOTHING_WENT, REPAIR),
  "prune.damaged_hold": say("A hold is damaged, and may hold anything.", NOTHING_WENT, "Bring the object back from a copy of the storage, or release the hold by its id."),
  "prune.snapshot_missing": say("The log knows a snapshot that is not in the storage and that no prune removed.", NOTHING_WENT, "Find out who removed it before anything else goes."),
  "prune.hold_missing": say("The log knows a hold that is not in the storage.", NOTHING_WENT, "Bring it back from a copy of the storage, and find out who removed it."),
  "retention.bad_policy": say("That is no policy, or one that keeps nothing.", NOTHING_WENT, "Say how many of each to keep; at least one must be more than 0."),
  "storage.no_credentials": say("Nothing was entered that opens this storage.", "Nothing was written there.", "Enter the storage's credentials and test it again."),
};
