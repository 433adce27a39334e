/**
 * Errors in words, keyed by their stable code. Each says three things: what happened, what it means for the data, what to do.
 * A test (tests/ui/wording-errors.test.ts) fails when a code exists in the product without words here.
 */

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
  "store.bad_key": say("The storage was asked for an object with an impossible name.", EARLIER_SAFE, "This is a fault of ours: please send the code to support."),
  "store.bad_address": say("The storage address is not one we understand.", NOTHING_CHANGED, "Write it as file:///folder, with three slashes and the whole path."),
  "store.unreachable": say("The storage could not be reached.", EARLIER_SAFE, "See that the storage is up and the address is right, then press Try again."),
  "store.refused": say("The storage refused access.", EARLIER_SAFE, "See that the app may read and write there, then press Try again."),
  "store.no_space": say("The storage refused the last write: it is full.", EARLIER_SAFE, "Free space or raise the limit, then press Try again."),
  "store.read_only": say("The storage does not allow writing.", EARLIER_SAFE, "Allow the app to write there, then press Try again."),
  "store.locked": say("The storage holds a locked object where something was to be written or removed.", "Locked objects stay as they are; nothing was lost.", "Wait until the lock has run out, or choose other storage."),
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

  "request.invalid": say("Something that was entered is not as it should be.", NOTHING_CHANGED, "Correct the field that is marked and try again."),
  "request.unauthenticated": say("Your session has ended.", NOTHING_CHANGED, "Reload the page, or open the app from the Shopify admin again."),
  "request.refused": say("You may not do this.", NOTHING_CHANGED, "Ask the store's owner for the permission."),
  "request.not_found": say("There is nothing at this address.", "Your data is not affected.", "Go back to the overview and follow the menu."),
  "request.wrong_method": say("The page was asked in a way it does not know.", NOTHING_CHANGED, "Go back to the overview and try again."),
  "request.conflict": say("Something else was done at the same moment.", NOTHING_CHANGED, "Reload the page to see how it stands now."),
  "request.too_large": say("What was sent is too large.", NOTHING_CHANGED, "Choose a smaller file."),
  "request.failed": say("Something went wrong on our side.", "Snapshots taken before are not touched.", "Try again. If it happens again, please send the code to support."),
};

const UNKNOWN = say("Something went wrong.", "Snapshots taken before are not touched.", "Try again. If it happens again, please send the code to support.");

export function errorWords(code: string): ErrorWords {
  return ERROR_WORDS[code] ?? UNKNOWN;
}
