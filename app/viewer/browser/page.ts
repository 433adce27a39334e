/** The page as the desk's program sees it: its places, what it says, what it complains of. */

export const find = <T extends HTMLElement = HTMLElement>(selector: string): T | null => document.querySelector<T>(selector);
export const get = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const element = find<T>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
};

// What is put into the page as markup was made by the server, escaped; nothing else may be (Trusted Types, where the browser has them).
interface Policy { createHTML(text: string): string }
const types = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: { createHTML(text: string): string }): Policy } }).trustedTypes;
const policy: Policy = types?.createPolicy("holdfast-viewer", { createHTML: (text) => text }) ?? { createHTML: (text) => text };
export function fill(region: HTMLElement, markup: string): void {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(markup);
  region.replaceChildren(template.content);
  region.querySelector<HTMLElement>("[data-focus]")?.focus();
}

export function say(text: string): void {
  get("#status").textContent = text;
}

export function tell(what: string, next: string): void {
  const box = get("#problem");
  const [head, rest] = [document.createElement("b"), document.createElement("p")];
  head.textContent = what;
  rest.textContent = next;
  box.replaceChildren(head, rest);
  box.classList.add("error");
  box.focus();
}

export function clearProblem(): void {
  const box = get("#problem");
  box.replaceChildren();
  box.classList.remove("error");
}
