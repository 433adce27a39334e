/** The worst day, walked by two people: records are mangled and deleted, one plans the restore, the other approves it, it is put back, and the report says so. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answerScopes } from "./support/admin.ts";
import { SCOPES } from "#app/sources/shopify/index.ts";
import { startWalk } from "./support/walk.ts";

const { world, people: { ana, ben }, files, step } = await startWalk("restore", ["ana", "ben"], { customers: 200, orders: 60 });

const identity = join(files, "identity.jwk");

async function snapshotTaken(): Promise<void> {
  await ana.app.getByRole("button", { name: "Take a snapshot now" }).click();
  await ana.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor();
  await ana.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor({ state: "detached", timeout: 120_000 });
}

step("a store is set up and has a snapshot", async () => {
  await ana.go("/app/restore");
  await ana.on("Restore");
  await ana.app.getByText("There is nothing to restore from yet: set-up is not finished.").waitFor();
  await ana.look("79-restore-empty");
  await ana.go("/app/setup");
  await ana.on("Set-up");
  await ana.app.getByRole("button", { name: "Check this storage" }).click();
  await ana.app.getByText("This storage does what it must.").waitFor();
  const [download] = await Promise.all([ana.page.waitForEvent("download"), ana.app.getByRole("button", { name: "Make the key and download it" }).click()]);
  await download.saveAs(identity);
  await ana.app.getByLabel("Choose the downloaded identity file").setInputFiles(identity);
  await ana.app.getByText("You have your key").waitFor();
  await ana.app.getByRole("button", { name: "Make the vault" }).click();
  await ana.on("Overview");
  await snapshotTaken();
});

step("an app mangles metafields and deletes customers", async () => {
  const report = await world.shop.corrupt({ metafields: 0.05, deleteCustomers: 10, seed: "walk" });
  assert.ok(report.metafields > 0 && report.deleted.length === 10);
});

step("the assistant asks what happened, one thing at a time, and ends in a plan that is filled in", async () => {
  await ana.go("/app/assistant");
  await ana.on("Assistant");
  await ana.app.getByRole("button", { name: "Start: An app overwrote data" }).click();
  const question = ana.app.locator("h2.hf-question");
  const onwards = ana.app.getByRole("link", { name: "Make the restore plan" });
  await question.waitFor();
  for (let asked = 0; asked < 40 && (await onwards.count()) === 0; asked++) {
    const before = await ana.frame().evaluate(() => document.querySelector("main")?.innerText ?? "");
    const everything = ana.app.getByRole("radio", { name: /^Everything/ });
    const unknown = ana.app.getByRole("button", { name: "Nobody knows yet" });
    if ((await everything.count()) > 0) await everything.press("Space");
    else if ((await ana.app.getByRole("radio").count()) > 0) await ana.app.getByRole("radio").first().press("Space");
    if ((await unknown.count()) > 0) await unknown.click();
    else await ana.app.locator("main button.Polaris-Button--variantPrimary").first().click();
    // The next question stands there, or what was looked up for this one.
    await ana.frame().waitForFunction((was) => (document.querySelector("main")?.innerText ?? "") !== was && document.querySelector("main button[aria-busy=true]") === null, before);
  }
  await ana.look("80-assistant-end");
  await onwards.click();
  await ana.on("Plan a restore");
  await ana.app.getByText("Filled in from the questions you answered.").waitFor();
  assert.ok(await ana.app.getByLabel("Everything", { exact: true }).isChecked());
  await ana.look("81-restore-new");
});

step("one person plans: the shop is read first, and nothing is changed", async () => {
  await ana.app.getByRole("button", { name: "See what would change" }).click();
  await ana.on("Everything");
  assert.match(new URL(ana.frame().url()).pathname, /^\/app\/restore\/[\w-]+$/);
  await ana.app.getByRole("heading", { name: "Open the copies" }).waitFor({ timeout: 120_000 });
  await ana.look("82-restore-keys");
  await ana.app.getByLabel("Identity file").setInputFiles(identity);
  await ana.app.getByText(/This file opens what is needed\./).waitFor();
  await ana.app.getByRole("button", { name: "See what would change" }).click();
  await ana.app.getByText(/re-creates 10 records with new ids\. .*Nothing is changed before a second person has approved it\./).waitFor({ timeout: 120_000 });
  await ana.look("83-restore-draft");
});

step("the person who planned asks for approval, and cannot give it", async () => {
  await ana.app.getByRole("button", { name: "Ask for approval" }).click();
  await ana.app.getByText("Waits for approval").first().waitFor();
  await ana.app.getByText(/It takes an approver who had no hand in this plan\./).waitFor();
  assert.equal(await ana.app.getByRole("button", { name: /^Approve/ }).count(), 0);
  await ana.look("84-restore-waits");
});

step("a second person sees the same plan, and approves it", async () => {
  await ben.go("/app/restore?staff=70000000002");
  await ben.on("Restore");
  await ben.app.getByText("1 restore waits for your approval.").waitFor();
  await ben.look("85-restore-list");
  await ben.app.getByRole("table").getByRole("link").first().click();
  await ben.app.getByRole("heading", { name: "Approve or refuse" }).waitFor();
  await ben.look("86-restore-approve");
  await ben.app.getByLabel("Remark").fill("Seen, go ahead");
  await ben.app.getByRole("button", { name: /^Approve: change/ }).click();
  await ben.app.getByText(/^Approved, and not begun\./).waitFor();
});

step("the store has let the app read only: the restore cannot begin before somebody grants exactly what it takes", async () => {
  await ana.app.getByText(/^Approved, and not begun\./).waitFor({ timeout: 30_000 });
  await ana.app.getByRole("heading", { name: "Let the app write what this restore takes" }).waitFor();
  assert.equal(await ana.app.getByRole("heading", { name: "Put the records back" }).count(), 0);
  const needed = await ana.app.locator("li code").allTextContents();
  assert.ok(needed.includes("write_customers") && needed.every((scope) => !world.shop.grantedScopes().includes(scope)), needed.join());
  await ana.look("86b-restore-rights");
  await ana.app.getByRole("button", { name: "Ask the store for it" }).click();
  assert.deepEqual((await answerScopes(ana, "Decline")).sort(), needed.sort());
  await ana.app.getByText("It was declined, so nothing may be written. You can ask again.").waitFor();
  assert.deepEqual(world.shop.grantedScopes().filter((scope) => scope.startsWith("write_")), []);
  await ana.app.getByRole("button", { name: "Ask the store for it" }).click();
  await answerScopes(ana, "Allow");
  // The click is answered before the platform has granted anything.
  await ana.app.getByRole("heading", { name: "Put the records back" }).waitFor({ timeout: 30_000 });
  assert.deepEqual(world.shop.grantedScopes().filter((scope) => scope.startsWith("write_")), needed.sort());
});

step("the first person sees the approval without a reload, and puts the records back", async () => {
  await ana.app.getByRole("heading", { name: "Put the records back" }).waitFor({ timeout: 30_000 });
  await ana.app.getByLabel("Identity file").setInputFiles(identity);
  await ana.app.getByText(/This file opens what is needed\./).waitFor();
  await ana.look("87-restore-approved");
  await ana.app.getByRole("button", { name: /^Change \d+ records in this store$/ }).click();
  await ana.app.getByRole("heading", { name: "What became of every record" }).waitFor({ timeout: 180_000 });
  await ana.app.getByText(/^[\d,]+ records? restored exactly/).waitFor();
  await ana.look("88-restore-report");
});

step("the report can be taken away, and the identity never left the browser", async () => {
  for (const format of ["CSV", "JSON"] as const) {
    const [download] = await Promise.all([ana.page.waitForEvent("download"), ana.app.getByRole("button", { name: `Download as ${format}` }).click()]);
    const path = join(files, `report.${format}`);
    await download.saveAs(path);
    const text = readFileSync(path, "utf8");
    if (format === "CSV") assert.match(text, /^kind,id,newId,outcome,code,losses,differs\n/);
    else assert.ok((JSON.parse(text) as { records: unknown[] }).records.length > 10);
  }
  const { d } = JSON.parse(readFileSync(identity, "utf8")) as { d: string };
  assert.equal([...ana.sent, ...ben.sent].filter((request) => request.includes(d)).length, 0);
  assert.ok(!world.log().includes(d));
});

step("what was granted for it is given back, and the app reads on", async () => {
  await ana.look("88b-restore-give-back");
  await ana.app.getByRole("button", { name: "Give it back" }).click();
  await ana.app.getByRole("heading", { name: "Give the right to write back" }).waitFor({ state: "detached" });
  assert.deepEqual(world.shop.grantedScopes(), [...SCOPES].sort());
});

step("the run of the assistant shows the restore it led to, recorded by the app and by nobody's hand", async () => {
  await ana.go("/app/assistant");
  await ana.on("Assistant");
  await ana.app.getByRole("link", { name: /An app overwrote data$/ }).first().click();
  await ana.app.getByRole("heading", { name: "The restore of this run" }).waitFor();
  await ana.app.getByText("Recorded: Restored from backup").waitFor();
  assert.equal(await ana.app.getByText("not yet").count(), 0);
  assert.equal(await ana.app.getByRole("button", { name: "Restored from backup" }).count(), 0);
  await ana.look("88c-assistant-restored");
  await ana.app.getByRole("link", { name: "Open the report" }).click();
  await ana.app.getByRole("heading", { name: "What became of every record" }).waitFor();
});

step("somebody asks to be named in the response team, which changes nothing yet", async () => {
  await ben.go("/app/settings/team");
  await ben.on("Response team");
  await ben.app.getByLabel("Your name, as colleagues call you").fill("Robin");
  await ben.app.getByRole("button", { name: "Ask to be named" }).click();
  await ben.app.getByText("Asks to be named").waitFor();
  await ben.look("89-team");
});

step("the browsers had nothing to complain about", async () => {
  assert.deepEqual([...ana.complaints, ...ben.complaints].filter((line) => !/404/.test(line)), []);
});
