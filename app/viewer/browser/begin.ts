/** The beginning: what it is for, and the key, which is read here and stays here. */
import { readIdentity } from "../../ui/browser/identity.ts";
import { find, get, tell } from "./page.ts";
import { desk, step, take } from "./steps.ts";

/** Whoever holds an identity may use it although there is a key service. */
const choice = find<HTMLInputElement>("#own-identity");
const withIdentity = (): boolean => desk.dataset["ownKey"] !== "yes" || choice?.checked === true;

choice?.addEventListener("change", () => {
  get("#identity-rows").hidden = !withIdentity();
  get<HTMLInputElement>("#identity").required = withIdentity();
});

get<HTMLFormElement>("#begin-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void begin();
});

async function begin(): Promise<void> {
  const field = (name: string): string => find<HTMLInputElement>(`#${name}`)?.value ?? "";
  if (withIdentity() && !(await readKey())) return;
  const begun = await step("begin", { purpose: field("purpose"), case: field("case"), ...(choice?.checked === true ? { identity: true } : {}) }, "Opening the newest backup…");
  if (begun === null) return;
  get("#begin").hidden = true;
  get("#find").hidden = false;
  const purpose = get<HTMLSelectElement>("#purpose");
  get("#stated").textContent = `${purpose.selectedOptions[0]?.textContent ?? ""}${field("case") === "" ? "" : `, case ${field("case")}`}. To change it, load the page again.`;
  get<HTMLInputElement>("#value").focus();
}

const IDENTITY_WORDS = {
  not_an_identity: ["That file is no identity.", "Choose the file that was downloaded when the vault was made."],
  public_half: ["That file is a public half.", "Choose the identity file, which opens what is sealed."],
  sealed: ["The identity is guarded by a passphrase.", "Type it below, then press Begin."],
  wrong_passphrase: ["The passphrase does not open this file.", "Check it, then press Begin."],
  too_large: ["That file is too large to be an identity.", "Choose the file that was downloaded when the vault was made."],
} as const;

async function readKey(): Promise<boolean> {
  const file = find<HTMLInputElement>("#identity")?.files?.[0];
  if (file === undefined) return false;
  const row = get("#passphrase-row");
  const passphrase = get<HTMLInputElement>("#passphrase");
  const read = await readIdentity(file.size > 1_000_000 ? "" : await file.text(), row.hidden ? undefined : passphrase.value);
  if (read.ok) {
    take(read.identity);
    passphrase.value = "";
    return true;
  }
  const [what, next] = IDENTITY_WORDS[read.problem];
  tell(what, next);
  if (read.problem === "sealed" || read.problem === "wrong_passphrase") {
    row.hidden = false;
    passphrase.focus();
  }
  return false;
}
