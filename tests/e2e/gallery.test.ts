/** Every screen in every state, in a real browser without a shop behind it: nothing too wide, nothing axe would stop at, also at 400 px and 200 % zoom. */
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { passesAxe } from "./support/admin.ts";
import { SIZES, startBrowser } from "./support/browser.ts";
import { servePreview } from "./support/preview/serve.ts";
import type { Preview } from "./support/preview/serve.ts";

/** At 400 px every screen must fit; axe looks at one full state of each, the markup of the others being the same. */
const NARROW = /^(overview-(gaps|running)|snapshots-(long|empty)|snapshot-longGaps|drills-long|drill-(differs|running)|drill-new-ready|setup-refused|settings-checked|alerts-some|alert-told|alert-settings-(saved|refused)|runs-live|recovery-(breached|long)|overview-alerts|problem-failed|loading)$/;

let browser: Browser;
let preview: Preview;
let names: readonly string[] = [];

before(async () => {
  preview = await servePreview();
  browser = await startBrowser();
  const page = await browser.newPage();
  await page.goto(preview.url);
  names = await page.locator("li a").allTextContents();
  await page.close();
}, { timeout: 180_000 });

after(async () => {
  await browser?.close();
  await preview?.close();
});

/** axe opens a page of its own beside the one it looks at, which takes a context. */
async function newPage(options: BrowserContextOptions): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

async function eachScreen(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  assert.ok(names.length > 30, `only ${names.length} screens`);
  for (const name of names) {
    await page.goto(`${preview.url}#${name}`);
    await page.locator("main h1").first().waitFor();
    await look(name);
  }
}

async function tooWide(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

for (const [width, viewport] of Object.entries(SIZES)) {
  test(`${width}: every screen fits, and axe finds nothing`, { timeout: 400_000 }, async () => {
    const page = await newPage({ viewport, reducedMotion: "reduce" });
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await eachScreen(page, async (name) => {
      assert.ok((await tooWide(page)) <= 0, `${name} is too wide at ${viewport.width} px`);
      if (width === "wide" || NARROW.test(name)) await passesAxe(page, `${name} at ${viewport.width} px`);
    });
    assert.deepEqual(errors, []);
    await page.context().close();
  });
}

test("at 200 % zoom of a small window nothing is lost, and every target is large enough to hit", { timeout: 200_000 }, async () => {
  // 200 % of 1280 px leaves 640; WCAG 2.2 asks for 24 by 24 px of everything that is pressed, unless it stands in a sentence. What is pressed of a choice is its label.
  const page = await newPage({ viewport: { width: 640, height: 450 }, deviceScaleFactor: 2, reducedMotion: "reduce" });
  await eachScreen(page, async (name) => {
    assert.ok((await tooWide(page)) <= 0, `${name} is too wide at 200 %`);
    const small = await page.evaluate(() => [...document.querySelectorAll("button, input:not([type=hidden]), [role=button], [role=tab]")]
      .filter((el) => el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !el.closest("[aria-hidden=true]"))
      .map((el) => ({ what: (el.textContent ?? "").trim() || el.outerHTML.slice(0, 120), box: (el.matches("input") ? (el.closest("label") ?? el) : el).getBoundingClientRect(), lone: el.classList.contains("Polaris-Button--variantPlain") }))
      .filter(({ box, lone }) => box.width > 0 && box.height > 0 && (box.width < 24 || (box.height < 24 && !lone)))
      .map(({ what, box }) => `${what}: ${Math.round(box.width)} by ${Math.round(box.height)}`));
    assert.deepEqual(small, [], `targets too small on ${name}`);
  });
  await page.context().close();
});

test("with reduced motion nothing moves", async () => {
  const page = await browser.newPage({ reducedMotion: "reduce" });
  await page.goto(`${preview.url}#overview-starting`);
  await page.locator(".hf-indeterminate").waitFor();
  const moving = await page.evaluate(() => document.getAnimations().filter((a) => a.playState === "running" && Number(a.effect?.getTiming().duration ?? 0) > 10).length);
  assert.equal(moving, 0);
  await page.close();
});

test("the drill chart is drawn when it is seen, and its table is reached by keyboard", async () => {
  const page = await browser.newPage({ viewport: SIZES.wide });
  await page.goto(`${preview.url}#drills-long`);
  await page.locator(".recharts-line-curve").waitFor();
  assert.match((await page.getByRole("img", { name: /Time to restore over the last 17 drills/ }).getAttribute("aria-label")) ?? "", /from 5 min 4\d s to/);
  const all = page.getByRole("button", { name: "Show all 17 drills" });
  await all.focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("table").getByRole("row").count(), 18);
  await page.close();
});

test("the chart of recovery points breaks off where nothing was measured, and every figure of it is in its table", async () => {
  const page = await browser.newPage({ viewport: SIZES.wide });
  await page.goto(`${preview.url}#recovery-breached`);
  const line = page.locator(".recharts-line-curve");
  await line.waitFor();
  assert.equal(((await line.getAttribute("d")) ?? "").match(/M/g)?.length, 2);
  await page.getByText("All figures").focus();
  await page.keyboard.press("Enter");
  const figures = page.getByRole("table", { name: "Recovery points of Metaobjects, newest first" });
  assert.equal(await figures.getByRole("row").count(), 1 + 219);
  await page.goto(`${preview.url}#recovery-long`);
  const kinds = page.getByRole("table", { name: "Recovery points by kind of data, the worst first" });
  assert.equal(await kinds.getByRole("row").count(), 9);
  await page.getByRole("button", { name: "Show all 29 kinds" }).click();
  assert.equal(await kinds.getByRole("row").count(), 30);
  await page.close();
});

test("an alert is acknowledged, and whom to tell is set down, by keyboard alone", { timeout: 240_000 }, async () => {
  const page = await browser.newPage({ viewport: SIZES.narrow, reducedMotion: "reduce" });
  /** Goes on with Tab until what has focus is called so; says what it met on the way. */
  const tabTo = async (name: string): Promise<void> => {
    const met: string[] = [];
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press("Tab");
      const now = await page.evaluate(() => {
        const el = document.activeElement as (HTMLElement & { labels?: NodeListOf<HTMLLabelElement> | null }) | null;
        return { name: el?.labels?.[0]?.textContent ?? el?.textContent ?? "", seen: el !== null && el.matches(":focus-visible") };
      });
      met.push(now.name);
      if (now.name.trim() !== name) continue;
      assert.equal(now.seen, true, `focus on ${name} cannot be seen`);
      return;
    }
    assert.fail(`${name} was not reached: ${met.join(" | ")}`);
  };
  await page.goto(`${preview.url}#alert-told`);
  await page.locator("main h1").first().waitFor();
  for (const name of ["See the snapshot", "Note (optional)"]) await tabTo(name);
  await page.keyboard.type("Called the maker");
  assert.equal(await page.getByLabel("Note (optional)").inputValue(), "Called the maker");
  await tabTo("Acknowledge");
  await page.goto(`${preview.url}#alert-settings-saved`);
  await page.getByRole("heading", { name: "Who is told of alerts" }).waitFor();
  for (const name of ["Tell people of alerts", "Minutes until the next level is told", "E-mail addresses", "Slack-compatible webhook", "Remove the webhook", "Send a test to level 1", "E-mail addresses", "Slack-compatible webhook", "Send a test to level 2", "Remove level 2", "Add a level"]) await tabTo(name);
  await page.close();
});
