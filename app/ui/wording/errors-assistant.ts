/** Words for what a person may meet in the assistant, keyed by code. */
interface Words {
  readonly happened: string;
  readonly meaning: string;
  readonly todo: string;
}
const say = (happened: string, meaning: string, todo: string): Words => ({ happened, meaning, todo });
const KEPT = "All answers given so far are kept, and this one was not added.";

export const ASSISTANT_ERRORS: Readonly<Record<string, Words>> = {
  "assistant.conflict": say("Somebody else answered while you did.", "Their answer stands, and yours was not added.", "Look at what they said below. To change it, go back to that question."),
  "assistant.not_found": say("There is no such run of the assistant.", "Your data is not affected.", "Go back to the list and choose a run, or start a new one."),
  "assistant.no_scenario": say("There is no such scenario.", "Nothing was started.", "Choose one from the list."),
  "assistant.ended": say("This run has ended.", KEPT, "Start a new run if there is more to do."),
  "assistant.moved_on": say("Something else is asked by now.", KEPT, "Read the question that is asked now."),
  "assistant.bad_answer": say("The question has no such answer.", KEPT, "Choose one of the answers that are offered."),
  "assistant.not_yet": say("That moment has not come yet.", KEPT, "Give a time in the past, and mind the time zone."),
  "assistant.nothing_to_go_back": say("That answer does not stand any more.", KEPT, "Choose an answer from the list of those that stand."),
  "assistant.out_of_order": say("Another step comes first.", "Nothing was recorded. The attempt is in the log.", "Restore first and record it; or give a reason for another order, which a second person must approve."),
  "assistant.nothing_to_waive": say("There is no reason to decide, or one waits already.", "Nothing was changed.", "Reload the page to see how it stands now."),
  "assistant.bad_reason": say("The reason cannot be kept as it is.", "Nothing was changed.", "Write one line of 20 to 500 characters, without names, numbers of records, dates, phone numbers or e-mail addresses."),
  "assistant.own_reason": say("You gave this reason yourself.", "It still waits for a second person.", "Ask another approver of the response team to read it."),
  "assistant.restore_by_plan": say("That a restore was done is not told by hand.", KEPT, "Carry out a plan that was made from this run: it is recorded here when its report is there."),
  "assistant.not_decided": say("The questions are not answered to the end yet.", KEPT, "Answer what is asked, or abandon the run."),
};
