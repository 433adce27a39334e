/** A person at the admin: opens the embedded app, looks at its frame, takes pictures, and lets axe look for what others would trip over. */
import { strict as assert } from "node:assert";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Frame, FrameLocator, Page } from "playwright-core";
import { SIZES, USER_AGENT } from "./browser.ts";
import type { World } from "./world.ts";

const PICTURES = fileURLToPath(new URL("../screenshots/", import.meta.url));
const PATIENCE_MS = 60_000;

export interface Admin {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The embedded app. */
  readonly app: FrameLocator;
  /** The same as a frame, for what a locator cannot say. */
  frame(): Frame;
  /** Bodies of all requests that the page sent to the app. */
  readonly sent: string[];
  /** What went wrong in the browser's console. */
  readonly complaints: string[];
  /** Goes to an address of the app, inside the admin. */
  go(path: string): Promise<void>;
  /** Waits for the screen with this heading. */
  on(heading: string | RegExp): Promise<void>;
  /** Pictures at both widths, nothing wider than its screen, and no violation. (The gallery looks for violations at both widths.) */
  look(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openAdmin(browser: Browser, world: World, options: { prepare?: (context: BrowserContext) => Promise<void> } = {}): Promise<Admin> {
  const context = await browser.newContext({ viewport: SIZES.wide, userAgent: USER_AGENT, acceptDownloads: true, reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC" });
  context.setDefaultTimeout(PATIENCE_MS);
  await options.prepare?.(context);
  const page = await context.newPage();
  const [sent, complaints]: [string[], string[]] = [[], []];
  page.on("request", (request) => {
    if (request.url().startsWith(world.appUrl)) sent.push(`${request.url()}\n${request.postData() ?? ""}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/cdn\.shopify\.com|ERR_(NAME_NOT_RESOLVED|INTERNET_DISCONNECTED|CONNECTION)|favicon/.test(`${message.text()} ${message.location().url}`)) complaints.push(message.text());
  });
  const app = page.frameLocator("iframe");
  const frame = (): Frame => {
    const found = page.frames().find((f) => f.url().startsWith(world.appUrl));
    if (!found) throw new Error("the app is not in the admin's frame");
    return found;
  };
  const on = async (heading: string | RegExp): Promise<void> => {
    await app.getByRole("heading", { level: 1, name: heading, exact: typeof heading === "string" }).waitFor();
    await app.locator("[aria-busy=true]").waitFor({ state: "detached" });
  };
  return {
    context, page, app, frame, sent, complaints, on,
    go: async (path) => {
      await page.goto(`${world.shop.adminUrl}${path}`);
      await app.locator("main h1").first().waitFor();
      // The page answers to keys and clicks once it is hydrated.
      await frame().waitForLoadState("networkidle");
    },
    look: async (name) => {
      mkdirSync(PICTURES, { recursive: true });
      for (const [width, size] of Object.entries(SIZES)) {
        await page.setViewportSize(size);
        await frame().waitForFunction(() => document.fonts.status === "loaded");
        await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`) });
        const over = await frame().evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${name} at ${size.width} px is ${over} px too wide`);
      }
      await page.setViewportSize(SIZES.wide);
      await passesAxe(page, name);
    },
    close: () => context.close(),
  };
}

/** Every rule of axe, best practices included, in the page and in its frames. */
export async function passesAxe(page: Page, what: string): Promise<void> {
  const framed = page.frames().length > 1;
  const builder = new AxeBuilder({ page });
  // Putting together what several frames say takes a page of its own each time, several times slower; a preview has no frames.
  const found = await (framed ? builder : builder.setLegacyMode(true)).analyze();
  // The whole page is looked at, because some rules only work so; what lies outside the app's frame is the admin's.
  const violations = found.violations
    .map((v) => ({ ...v, nodes: v.nodes.filter((n) => !framed || n.target.length > 1) }))
    .filter((v) => v.nodes.length > 0);
  const said = violations.map((v) => `${v.id} (${v.impact ?? "?"}): ${v.help}\n${v.nodes.slice(0, 3).map((n) => `    ${n.target.join(" ")}\n    ${n.html.slice(0, 200)}`).join("\n")}`);
  assert.equal(violations.length, 0, `axe on ${what}:\n${said.join("\n")}`);
}

/** Answers the admin's own dialog about access scopes, which lies around the app's frame. Gives back what was asked for. */
export async function answerScopes(admin: Pick<Admin, "page">, answer: "Allow" | "Decline"): Promise<string[]> {
  const dialog = admin.page.getByRole("dialog", { name: /asks for more access$/ });
  await dialog.waitFor();
  const asked = await dialog.getByRole("listitem").allTextContents();
  await dialog.getByRole("button", { name: answer }).click();
  await dialog.waitFor({ state: "detached" });
  return asked;
}

/** Presses Tab until the focus stands on the element of this role and name; a person without a mouse finds it the same way. */
export async function tabTo(admin: Pick<Admin, "page" | "frame">, name: string | RegExp, most = 60): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < most; i += 1) {
    await admin.page.keyboard.press("Tab");
    const at = await admin.frame().evaluate(() => {
      const el = document.activeElement;
      if (!el || el === document.body) return null;
      const labels = el instanceof HTMLInputElement && el.labels ? [...el.labels].map((l) => l.textContent ?? "").join(" ") : "";
      const style = getComputedStyle(el);
      const after = getComputedStyle(el, "::after");
      const visible = style.outlineStyle !== "none" || style.boxShadow !== "none" || after.outlineStyle !== "none" || after.boxShadow !== "none" || el.matches(":focus-visible");
      const { width, height } = el.getBoundingClientRect();
      return { name: (el.getAttribute("aria-label") ?? (labels || (el.textContent ?? ""))).trim(), visible, width, height };
    });
    if (at === null) continue;
    seen.push(at.name);
    if (typeof name === "string" ? at.name === name : name.test(at.name)) {
      assert.ok(at.visible, `the focus on "${at.name}" cannot be seen`);
      return;
    }
  }
  throw new Error(`Tab does not reach ${String(name)}; it passed ${seen.join(" | ")}`);
}

/** Picks a file without a mouse: finds the control by Tab, opens it by Space. */
export async function chooseByKeyboard(admin: Pick<Admin, "page" | "frame">, label: string | RegExp, file: string): Promise<void> {
  // Listened to first: in a frame of another origin the browser would else hear of the key before it hears that choosers are to be caught.
  const chooser = admin.page.waitForEvent("filechooser");
  const [opened] = await Promise.all([chooser, tabTo(admin, label).then(() => admin.page.keyboard.press("Space"))]);
  await opened.setFiles(file);
}
