/** What others wait for: this person's word on something that shall be taken away. */
import { fill, find, get, say } from "./page.ts";
import { ask, leave, step } from "./steps.ts";

/** How often the page looks. */
const LOOK_MS = 4_000;
let waitingFor = "";
async function lookAtPending(): Promise<void> {
  const answer = await ask("pending", {});
  if (answer.kind === "ended") leave(answer.to);
  if (answer.kind !== "part" || answer["sheets"] === waitingFor) return;
  waitingFor = String(answer["sheets"]);
  const had = get("#pending").contains(document.activeElement);
  fill(get("#pending"), answer.html);
  if (waitingFor !== "") say("Somebody waits for your word on something to be taken away.");
  if (had) find("#pending button")?.focus();
}

get("#pending").addEventListener("click", (event) => {
  const { agree, refuse } = (event.target as HTMLElement).closest<HTMLElement>("[data-agree], [data-refuse]")?.dataset ?? {};
  const sheet = agree ?? refuse;
  if (sheet === undefined) return;
  void step("decide", { sheet, agree: agree !== undefined }, "Recording your word…").then(async (answer) => {
    await lookAtPending();
    if (answer !== null) say(agree === undefined ? "You have refused." : "You have agreed.");
  });
});
window.setInterval(() => void lookAtPending(), LOOK_MS);
void lookAtPending();
