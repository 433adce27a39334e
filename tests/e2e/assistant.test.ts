/** The assistant at 3 a.m.: by keyboard alone on a phone's width, two people on one run, and an order of steps that takes both of them. Real app, real database, real browser. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import type { Admin } from "./support/admin.ts";
import { SIZES } from "./support/browser.ts";
import { startWalk } from "./support/walk.ts";

const { people: { ana, ben }, step } = await startWalk("assistant", ["ana", "ben"], { customers: 5, orders: 2 });

let address = "";

const question = (one: Admin) => one.app.locator("h2.hf-question");

/** Goes on with Tab until what has focus is called so, then presses the key. */
async function press(one: Admin, name: string, key = "Enter"): Promise<void> {
  const met: string[] = [];
  for (let n = 0; n < 60; n++) {
    await one.page.keyboard.press("Tab");
    const now = await one.frame().evaluate(() => {
      const el = document.activeElement as (HTMLElement & { labels?: NodeListOf<HTMLLabelElement> | null }) | null;
      return { name: (el?.getAttribute("aria-label") ?? el?.labels?.[0]?.textContent ?? el?.textContent ?? "").trim(), seen: el?.matches(":focus-visible") ?? false };
    });
    met.push(now.name);
    if (now.name !== name) continue;
    assert.ok(now.seen, `focus on ${name} cannot be seen`);
    await one.page.keyboard.press(key);
    return;
  }
  assert.fail(`${name} was not reached: ${met.join(" | ")}`);
}

step("a scenario is started by keyboard, on a phone", async () => {
  await ana.page.setViewportSize(SIZES.narrow);
  await ana.go("/app/assistant");
  await ana.on("Assistant");
  await press(ana, "Start: Shopify is down");
  await ana.on("Shopify is down");
  await question(ana).getByText("Write down that this is an incident").waitFor();
  address = new URL(ana.frame().url()).pathname;
  assert.match(address, /^\/app\/assistant\/[\w-]+$/);
  await ana.look("90-assistant-first");
  await ana.page.setViewportSize(SIZES.narrow);
});

step("an answer moves on: focus goes to the next question, and what the app looks up is there", async () => {
  await ana.go(address);
  await press(ana, "It is written down");
  await question(ana).getByText("Are the snapshots safe").waitFor();
  await ana.frame().waitForFunction(() => document.activeElement?.matches("h2.hf-question"));
  await ana.app.getByText("It could not be seen whether there is a hold.").first().waitFor();
  assert.match(await ana.app.locator("[role=status][aria-live=polite]").last().textContent() ?? "", /Step 2.*Are the snapshots safe/);
});

step("a second person finds the same place on another device, and each sees what the other says", async () => {
  await ben.go(address);
  await question(ben).getByText("Are the snapshots safe").waitFor();
  await ben.app.getByText("It is written down").first().waitFor();
  await ben.app.getByRole("button", { name: "Continue" }).click();
  await question(ben).getByText("Place a hold on all snapshots").waitFor();
  // Ana has pressed nothing: her page looks by itself.
  await question(ana).getByText("Place a hold on all snapshots").waitFor();
});

step("of two answers to one question the first stands, and the second person is told so", async () => {
  // Ben's page does not look for a while, as on a phone in a pocket: he answers what is answered already.
  await ben.frame().evaluate(() => Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true }));
  await ana.app.getByRole("button", { name: "Not possible now" }).click();
  await question(ana).getByText("Keep the store as it is now").waitFor();
  await ben.app.getByRole("button", { name: "The hold is in place" }).click();
  await ben.app.getByText("Somebody else answered while you did.").waitFor();
  await question(ben).getByText("Keep the store as it is now").waitFor();
  await ben.frame().evaluate(() => Reflect.deleteProperty(document, "visibilityState"));
  for (const one of [ana, ben]) assert.equal(await one.app.getByRole("list", { name: "Steps, oldest first" }).getByText("Place a hold on all snapshots.", { exact: true }).count(), 1);
});

step("going back keeps what was said, and says that it was taken back", async () => {
  await ana.app.getByRole("button", { name: "Back to the question before" }).click();
  await question(ana).getByText("Place a hold on all snapshots").waitFor();
  await ana.app.getByText("Taken back").first().waitFor();
  await ana.app.getByRole("button", { name: "The hold is in place" }).click();
  await question(ana).getByText("Keep the store as it is now").waitFor();
});

step("a failover before the restore asks for a reason, and its author cannot approve it", async () => {
  await ana.app.getByRole("button", { name: "Switched to a redundant system" }).click();
  await ana.app.getByText("Another step comes first").waitFor();
  await ana.app.getByLabel("Why it cannot wait").fill("Call the mother of patient 12 at 555 010 0123");
  await ana.app.getByRole("button", { name: "Ask a second person" }).click();
  await ana.app.getByText("The reason cannot be kept as it is.").waitFor();
  await ana.app.getByLabel("Why it cannot wait").fill("The pharmacy counter cannot wait for the restore to finish");
  await ana.app.getByRole("button", { name: "Ask a second person" }).click();
  await ana.app.getByText("A second person must approve it").waitFor();
  assert.equal(await ana.app.getByRole("button", { name: "Approve the reason" }).count(), 0);
  await ana.look("91-assistant-order");
});

step("the run is abandoned, its answers stay, and the file for an auditor has them all", async () => {
  await ana.app.getByRole("button", { name: "Abandon this run" }).click();
  await ana.app.getByRole("button", { name: "Yes, abandon it" }).click();
  await question(ana).getByText("This run was abandoned.").waitFor();
  const [file] = await Promise.all([ana.page.waitForEvent("download"), ana.app.getByRole("button", { name: "Download for an auditor" }).click()]);
  const exported = JSON.parse(readFileSync(await file.path(), "utf8")) as { format: string; run: { state: string; steps: number }; steps: { answer: string | null; stands: boolean }[] };
  assert.equal(exported.format, "holdfast-assistant-run/1");
  assert.equal(exported.run.state, "abandoned");
  assert.equal(exported.steps.length, exported.run.steps);
  assert.ok(exported.steps.some(({ answer, stands }) => answer === "cannot" && !stands));
  assert.deepEqual(ana.complaints.filter((said) => !/409|422/.test(said)), []);
});
