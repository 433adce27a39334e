/** What can stand in a restore's way, in words. */
import type { ErrorWords } from "./errors.ts";

const say = (happened: string, meaning: string, todo: string): ErrorWords => ({ happened, meaning, todo });
const UNTOUCHED = "Your store and the snapshots are not touched.";

export const RESTORE_ERRORS: Record<string, ErrorWords> = {
  "restore.no_such_moment": say("There is no copy from that moment.", UNTOUCHED, "Choose a moment between your first snapshot and now."),
  "restore.not_here": say("Nothing can be put back from here.", UNTOUCHED, "Ask whoever runs this app to connect it to the store."),
  "restore.not_in_this_state": say("Somebody was quicker, or this plan is over.", "Nothing was changed by what you pressed.", "Reload the page to see how the plan stands now."),
  "restore.identity_needed_again": say("The app restarted, and the keys it had in memory are gone, as they should be.", "What has been put back stays; nothing is done twice.", "Choose your identity file again and go on."),
  "restore.planning_stopped": say("Planning was stopped.", UNTOUCHED, "Start it again whenever you like."),
  "restore.no_snapshot_before": say("What the store has now was not read yet.", UNTOUCHED, "Wait for the snapshot that is being taken, or take one, and start planning again."),
  "restore.before_incomplete": say("The snapshot of what the store has now has gaps, and the store could not be asked record by record.", "A plan on such ground could make records twice, so there is none. Your store is not touched.", "See that the app is still connected to the store, take another snapshot, and make a new plan."),
  "restore.too_many_new": say("The store has more new records than a plan can keep in mind.", UNTOUCHED, "Restore kind by kind."),
  "restore.shop_unreachable": say("The store cannot be asked for single records.", UNTOUCHED, "See that the app is still connected to the store, then try again."),
  "restore.differs": say("Some records are not what they were to be.", "They were read again after they were written, and differ.", "Look at the report, and make a new plan for these records."),
  "restore.contended": say("Somebody else changed this plan at the same moment.", "One of the two changes counts; the other was not made.", "Reload the page and look at the plan again."),
  "restore.digest_mismatch": say("The plan in the storage is not the one that was shown.", "Nothing is put back on its word. Your store is not touched.", "Make a new plan, and tell whoever answers for security."),
  "restore.plan_missing": say("The plan is not in the storage any more.", UNTOUCHED, "Make a new plan, and find out who removed it."),
  "restore.plan_too_old": say("The plan is more than a day old.", "What it says may not be so any more. Your store is not touched.", "Make a new plan."),
  "restore.shop_moved_on": say("Records that the plan is about were changed after it was made.", "What it says is not so any more. Your store is not touched.", "Make a new plan: it sees the changes, and you decide about them."),
  "restore.rights_missing": say("Your store has not granted what this restore takes to write.", "Nothing is written before it has. Your store and the snapshots are not touched.", "Open the restore in your store's admin and press “Ask the store for it”; somebody who may manage apps says yes there."),
  "restore.undecided": say("Some conflicts are not decided yet.", UNTOUCHED, "Decide them one by one or by rule, then ask for approval."),
  "restore.nothing_to_do": say("This plan would change nothing.", "The store is as it was at the chosen moment, as far as it can be.", "Choose another moment or other records."),
  "restore.too_many_decisions": say("These are more single decisions than a plan can hold.", "They were not saved.", "Decide by rule, and single records where they differ from it."),
  "restore.bad_remark": say("This remark cannot be kept.", "The decision was not recorded.", "Write one line of up to 500 characters, without an e-mail address."),
  "restore.cancelled": say("The restore was cancelled.", "What had been put back by then stays; the report says what.", "Make a new plan if you still need one."),
  "restore.bad_invitation": say("This cannot be allowed as it was entered.", "Nothing was changed.", "Enter another store's own domain, as in example.myshopify.com, and 1 to 30 days. At most twenty stores can be allowed at once."),
  "restore.no_approver": say("The team would have nobody left who can approve.", "Nothing was changed.", "Name at least one approver, and better two, because nobody can approve their own plan."),
  "restore.bad_member": say("A name or a role in the team is not as it should be.", "Nothing was changed.", "Give each member a short name without an e-mail address."),
};
