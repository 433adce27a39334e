/** Fields that are shown, and masked again: after a minute, at Escape, and when the record is left. */
import { find, get, say } from "./page.ts";

/** A field that was shown is masked again after this long. */
const SHOWN_MS = 60_000;

/** Masked texts of what is shown now, and when each is masked again. */
const shown = new Map<string, { readonly masked: string; readonly timer: number }>();

export function show(button: HTMLButtonElement, value: string): void {
  const id = button.getAttribute("aria-controls") ?? "";
  const place = get(`#${id}`);
  shown.set(id, { masked: place.textContent ?? "", timer: window.setTimeout(() => { mask(button); }, SHOWN_MS) });
  place.textContent = value;
  place.classList.remove("masked");
  button.dataset["shown"] = "yes";
  button.textContent = "Hide";
  button.setAttribute("aria-label", (button.getAttribute("aria-label") ?? "").replace(/^Show/, "Hide"));
  say(`${place.closest(".field")?.querySelector("dt")?.textContent ?? "The field"} is shown for a minute.`);
}

export function mask(button: HTMLButtonElement): void {
  const id = button.getAttribute("aria-controls") ?? "";
  const was = shown.get(id);
  const place = find(`#${id}`);
  if (was === undefined || place === null) return;
  window.clearTimeout(was.timer);
  shown.delete(id);
  place.textContent = was.masked;
  place.classList.add("masked");
  delete button.dataset["shown"];
  button.textContent = "Show";
  button.setAttribute("aria-label", (button.getAttribute("aria-label") ?? "").replace(/^Hide/, "Show"));
}

export function maskAll(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-shown=yes]")) mask(button);
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") maskAll(); });
