/** Finding somebody, and one person's record: opened, shown field by field, closed. */
import { mask, maskAll, show } from "./masks.ts";
import { fill, get } from "./page.ts";
import { reason } from "./reason.ts";
import { step } from "./steps.ts";
import { askToExport, askToPrint, forgetAsked } from "./take-away.ts";

get<HTMLFormElement>("#find-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void (async () => {
    close();
    const answer = await step("find", { by: get<HTMLSelectElement>("#by").value, value: get<HTMLInputElement>("#value").value }, "Looking…");
    if (answer?.kind === "part") fill(get("#results"), answer.html);
  })();
});

get("#results").addEventListener("click", (event) => {
  const id = (event.target as HTMLElement).closest<HTMLElement>("[data-open]")?.dataset["open"];
  if (id !== undefined) void open(id);
});

async function open(id: string): Promise<void> {
  close();
  const answer = await step("open", { id }, "Opening the record…");
  if (answer?.kind !== "part") return;
  get("#results").replaceChildren();
  fill(get("#person"), answer.html);
}

function close(): void {
  forgetAsked();
  maskAll();
  get("#person").replaceChildren();
  get("#paper").replaceChildren();
}

get("#person").addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const field = target.closest<HTMLButtonElement>("[data-place]");
  if (field !== null) {
    if (field.dataset["shown"] === "yes") mask(field);
    else void reveal(field);
  } else if (target.closest("#print") !== null) void askToPrint();
  else if (target.closest("#take") !== null) {
    const form = get<HTMLFormElement>("#take-form");
    form.hidden = !form.hidden;
    if (!form.hidden) form.querySelector("input")?.focus();
  } else if (target.closest("#close") !== null) {
    close();
    void step("close", {}, "");
    get<HTMLInputElement>("#value").focus();
  }
});

get("#person").addEventListener("submit", (event) => {
  event.preventDefault();
  void askToExport();
});

async function reveal(button: HTMLButtonElement): Promise<void> {
  const why = reason();
  if (why === null) return;
  const answer = await step("reveal", { record: Number(button.dataset["record"]), place: Number(button.dataset["place"]), why }, "");
  if (answer?.kind === "value") show(button, answer.value);
}
