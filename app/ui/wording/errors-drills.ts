/** Words for what stops a drill or an answer for one, keyed by code. */
interface Words {
  readonly happened: string;
  readonly meaning: string;
  readonly todo: string;
}
const say = (happened: string, meaning: string, todo: string): Words => ({ happened, meaning, todo });
const NOT_TOUCHED = "Your store and the snapshots are not touched.";
const NOT_SIGNED = "Nothing was signed or kept.";

export const DRILL_ERRORS: Readonly<Record<string, Words>> = {
  "drill.no_snapshot": say("There is no snapshot to drill yet.", "Nothing was started.", "Take a snapshot first."),
  "drill.no_unattended_key": say("No key service is set up that could open a snapshot by itself.", "No record was opened.", "Run the drill with an identity file, or have whoever runs the app set up a key service."),
  "drill.not_made": say("The made-up store could not be read whole.", `It says nothing about your copies. ${NOT_TOUCHED}`, "Run the drill again. If it happens again, please send the code to support."),
  "drill.not_synthetic": say("A made-up record has what looks like somebody's address or number.", `The rehearsal was ended before a sandbox shop saw it. ${NOT_TOUCHED}`, "Please send the code to support."),
  "drill.identifiers_left": say("A record could still be recognised after its identifiers were replaced.", `The rehearsal was ended before a sandbox shop saw any record. ${NOT_TOUCHED}`, "Please send the code to support; the log names the kind and the field, and no value."),
  "drill.action_needed": say("A corrective action is missing.", NOT_SIGNED, "Say what is done about it, by when, and by which role."),
  "drill.remarks_too_long": say("The text is longer than 2,000 characters.", NOT_SIGNED, "Shorten it."),
  "drill.remarks_identify": say("The text has what looks like somebody's name, address or number.", NOT_SIGNED, "Take it out: this record is kept for good, and names nobody."),
};
