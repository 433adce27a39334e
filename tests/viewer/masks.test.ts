/** A field that was shown is masked again: after a minute, at Escape, and when it is hidden by hand; and a later showing has a minute of its own. The page is a few objects here; a browser test has the real one. */
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

/** What masks.ts asks of an element. */
class Element {
  textContent = "";
  readonly dataset: Record<string, string> = {};
  readonly attributes = new Map<string, string>();
  readonly classes = new Set<string>();
  readonly classList = { add: (name: string) => void this.classes.add(name), remove: (name: string) => void this.classes.delete(name) };
  getAttribute(name: string): string | null { return this.attributes.get(name) ?? null; }
  setAttribute(name: string, value: string): void { this.attributes.set(name, value); }
  closest(): { querySelector: () => Element } { return { querySelector: () => label }; }
}

const MASKED = "S•••";
let label: Element;
let keys: ((event: { key: string }) => void)[];
let elements: Map<string, Element>;
let buttons: Element[];
let masks: typeof import("#app/viewer/browser/masks.ts");

function field(id: string, name: string): { button: Element; value: Element } {
  const value = new Element();
  value.textContent = MASKED;
  value.classes.add("masked");
  elements.set(`#${id}`, value);
  const button = new Element();
  button.textContent = "Show";
  button.setAttribute("aria-controls", id);
  button.setAttribute("aria-label", `Show ${name}`);
  buttons.push(button);
  return { button, value };
}

beforeEach(async () => {
  jest.useFakeTimers();
  jest.resetModules();
  keys = [];
  buttons = [];
  label = Object.assign(new Element(), { textContent: "First name" });
  elements = new Map([["#status", new Element()], ["#problem", new Element()]]);
  Object.assign(globalThis, {
    window: globalThis,
    document: {
      querySelector: (selector: string) => elements.get(selector) ?? null,
      querySelectorAll: () => buttons.filter(({ dataset }) => dataset["shown"] === "yes"),
      addEventListener: (_type: string, listener: (event: { key: string }) => void) => void keys.push(listener),
    },
  });
  masks = await import("#app/viewer/browser/masks.ts");
});
afterEach(() => {
  jest.useRealTimers();
  for (const name of ["window", "document"]) Reflect.deleteProperty(globalThis, name);
});

const show = ({ button }: { button: Element }, text: string): void => masks.show(button as never, text);
const isMasked = ({ button, value }: { button: Element; value: Element }): boolean => value.textContent === MASKED && value.classes.has("masked") && button.textContent === "Show" && button.dataset["shown"] === undefined && button.getAttribute("aria-label")!.startsWith("Show ");

test("a shown field is masked again after a minute, and not a moment before", () => {
  const one = field("f0-0", "First name");
  show(one, "SYNTHETIC");
  expect([one.value.textContent, one.value.classes.has("masked"), one.button.textContent, one.button.getAttribute("aria-label")]).toEqual(["SYNTHETIC", false, "Hide", "Hide First name"]);
  expect(elements.get("#status")!.textContent).toBe("First name is shown for a minute.");
  jest.advanceTimersByTime(59_999);
  expect(one.value.textContent).toBe("SYNTHETIC");
  jest.advanceTimersByTime(1);
  expect(isMasked(one)).toBe(true);
});

test("each field has its own minute", () => {
  const [one, two] = [field("f0-0", "First name"), field("f0-1", "Note")];
  show(one, "SYNTHETIC one");
  jest.advanceTimersByTime(30_000);
  show(two, "SYNTHETIC two");
  jest.advanceTimersByTime(30_000);
  expect([isMasked(one), two.value.textContent]).toEqual([true, "SYNTHETIC two"]);
  jest.advanceTimersByTime(30_000);
  expect(isMasked(two)).toBe(true);
});

test("a field that was hidden by hand and shown again is not masked by the first showing's minute", () => {
  const one = field("f0-0", "First name");
  show(one, "SYNTHETIC");
  jest.advanceTimersByTime(50_000);
  masks.mask(one.button as never);
  expect(isMasked(one)).toBe(true);
  show(one, "SYNTHETIC");
  jest.advanceTimersByTime(30_000);
  expect(one.value.textContent).toBe("SYNTHETIC");
  jest.advanceTimersByTime(30_000);
  expect(isMasked(one)).toBe(true);
});

test("Escape masks everything at once, and no timer is left", () => {
  const all = [field("f0-0", "First name"), field("f0-1", "Note")];
  for (const one of all) show(one, "SYNTHETIC");
  keys.forEach((listener) => { listener({ key: "a" }); });
  expect(all.some(isMasked)).toBe(false);
  keys.forEach((listener) => { listener({ key: "Escape" }); });
  expect(all.every(isMasked)).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});
