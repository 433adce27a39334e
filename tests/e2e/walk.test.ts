/** The main job, walked by a person: install, set up, take two snapshots, prove one by a drill. Real app, real database, sandbox shop, real browser. */
import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newIdentity } from "#app/ui/browser/identity.ts";
import { sections } from "#app/ui/wording/sections.ts";
import { startWalk } from "./support/walk.ts";

const { world, people: { admin }, files, step } = await startWalk("walk", ["admin"], { customers: 400, orders: 150, faults: { slowBulk: 1500 } });

const identity = join(files, "identity.jwk");

step("the app installs from the admin and says at once that nothing is safe yet", async () => {
  await admin.go("");
  await admin.on("Overview");
  await admin.app.getByText("We do not know yet: nothing has been copied.").waitFor();
  await admin.app.getByText("0 of 4 steps done.").waitFor();
  await admin.look("01-overview-empty");
});

step("other sections are empty and say where to begin", async () => {
  for (const [path, heading, name] of [["/app/snapshots", "Snapshots", "02-snapshots-empty"], ["/app/drills", "Drills", "02-drills-empty"], ["/app/settings", "Settings", "02-settings-empty"]] as const) {
    await admin.go(path);
    await admin.on(heading);
    await admin.app.getByRole("link", { name: /Finish set-up|Go to the overview/ }).first().waitFor();
    await admin.look(name);
  }
});

step("a storage that cannot be used is refused with a reason, one that can says what was tried", async () => {
  await admin.app.getByRole("link", { name: "Finish set-up" }).click();
  await admin.on("Set-up");
  const address = admin.app.getByLabel("Storage address");
  const suggested = await address.inputValue();
  await address.fill("ftp://nowhere");
  await admin.app.getByRole("button", { name: "Check this storage" }).click();
  await admin.app.getByText("The storage address is not one that this app can use.").waitFor();
  await admin.look("03-setup-refused");
  await address.fill(suggested);
  await admin.app.getByRole("button", { name: "Check this storage" }).click();
  await admin.app.getByText("This storage does what it must.").waitFor();
  await admin.app.getByText("Read it back, byte for byte").waitFor();
});

step("the key is made in the browser, downloaded, and must be shown to have been kept", async () => {
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.app.getByRole("button", { name: "Make the key and download it" }).click()]);
  assert.match(download.suggestedFilename(), /^holdfast-identity-[\w-]{8}\.jwk$/);
  await download.saveAs(identity);
  const make = admin.app.getByRole("button", { name: "Make the vault" });
  assert.ok(await make.isDisabled());
  const other = join(files, "other.jwk");
  writeFileSync(other, (await newIdentity()).fileText);
  await admin.app.getByLabel("Choose the downloaded identity file").setInputFiles(other);
  await admin.app.getByText(/This is another key\. Choose holdfast-identity-/).first().waitFor();
  await admin.look("04-setup-key");
  assert.ok(await make.isDisabled());
  await admin.app.getByLabel("Choose the downloaded identity file").setInputFiles(identity);
  await admin.app.getByText("You have your key").waitFor();
  await admin.look("05-setup-ready");
  await make.click();
  await admin.on("Overview");
  await admin.app.getByText("2 of 4 steps done.").waitFor();
});

step("the private half has not left the browser", async () => {
  const { d } = JSON.parse(readFileSync(identity, "utf8")) as { d: string };
  assert.ok(d.length > 40 && admin.sent.length > 5);
  assert.equal(admin.sent.filter((request) => request.includes(d)).length, 0);
  assert.ok(!world.log().includes(d));
});

step("the first snapshot shows its progress and ends whole", async () => {
  await admin.app.getByRole("button", { name: "Take a snapshot now" }).click();
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor();
  await admin.look("06-overview-running");
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor({ state: "detached", timeout: 120_000 });
  await admin.app.getByText(/^Yes, as of .* Not proven yet by a drill\.$/).waitFor();
  await admin.look("07-overview-unproven");
});

step("a second snapshot after changes in the store names how much changed", async () => {
  const report = await world.shop.changeFraction(0.05, "walk");
  assert.ok(report.changed.length > 0);
  await admin.app.getByRole("button", { name: "Take a snapshot now" }).click();
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor();
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor({ state: "detached", timeout: 120_000 });
  await admin.go("/app/snapshots");
  await admin.app.getByText(/^2 snapshots since .* None has a gap\.$/).waitFor();
  await admin.look("08-snapshots");
  await admin.app.getByRole("table").getByRole("link").first().click();
  await admin.on(/^Snapshot of today/);
  await admin.app.getByText(/^Whole\. [\d,]+ records counted here, [\d,]+ by the shop, at \d\d:\d\d:\d\d/).waitFor();
  await admin.app.getByText(/\d+ changed.*as they were/).waitFor();
  await admin.app.getByRole("button", { name: "Technical details" }).click();
  await admin.look("09-snapshot");
});

step("a drill refuses the wrong identity by name, and passes with the right one", async () => {
  await admin.app.getByRole("link", { name: "Prove it with a drill" }).click();
  await admin.on("Run a drill");
  await admin.look("10-drill-new");
  const { kid, d } = JSON.parse(readFileSync(identity, "utf8")) as { kid: string; d: string };
  await admin.app.getByLabel("Identity file").setInputFiles(join(files, "other.jwk"));
  await admin.app.getByText(new RegExp(`The snapshot opens with key ${kid}`)).first().waitFor();
  await admin.look("11-drill-wrong-file");
  await admin.app.getByLabel("Identity file").setInputFiles(identity);
  await admin.app.getByText(/This file opens the snapshot\./).waitFor();
  await admin.app.getByRole("button", { name: "Start the drill" }).click();
  await admin.on(/^Drill of today/);
  await admin.look("12-drill-running");
  await admin.app.getByText(/^Passed\. [\d,]+ records opened and equal to what was kept, restored in /).waitFor({ timeout: 180_000 });
  await admin.look("13-drill-passed");
  assert.equal(admin.sent.filter((request) => request.includes(d)).length, 0, "the identity was sent");
});

step("the overview is safe, and proven", async () => {
  await admin.go("/app/drills");
  await admin.app.getByText(/^1 of 1 drill passed\. Median /).waitFor();
  await admin.look("14-drills");
  await admin.go("");
  await admin.app.getByText(/^Yes, as of .* Last proven today .*: [\d,]+ records in /).waitFor();
  await admin.app.getByText("Safe", { exact: true }).waitFor();
  await admin.look("15-overview-safe");
  await admin.go("/app/settings");
  await admin.app.getByRole("button", { name: "Check this storage" }).click();
  await admin.app.getByText("This storage does what it must.").waitFor();
  await admin.look("16-settings");
});

step("every entry of the menu leads to a screen that answers, and so do the screens behind them", async () => {
  const entries = await admin.frame().locator("ui-nav-menu a").evaluateAll((links) => links.map((a) => [a.textContent ?? "", a.getAttribute("href") ?? ""] as const));
  assert.deepEqual(entries.map(([name]) => name), ["Holdfast", ...sections.map(({ name }) => name)]);
  for (const [name, path] of entries) {
    await admin.go(new URL(path, world.appUrl).pathname);
    await admin.on(name === "Holdfast" ? "Overview" : name);
  }
  for (const [path, heading, name] of [
    ["/app/alerts", "Alerts", "20-alerts"], ["/app/alerts/settings", "Who is told of alerts", "21-alert-settings"], ["/app/runs", "Runs", "22-runs"],
    ["/app/exposure", "Exposure", "23-exposure"], ["/app/recovery-points", "Recovery points", "24-recovery-points"],
  ] as const) {
    await admin.go(path);
    await admin.on(heading);
    await admin.look(name);
  }
});

step("an address that leads nowhere says so", async () => {
  await admin.go("/app/snapshots/20200101T000000Z-nothing");
  await admin.app.getByText("There is nothing at this address.").waitFor();
  await admin.look("17-not-found");
});

step("the browser had nothing to complain about", async () => {
  assert.deepEqual(admin.complaints.filter((line) => !/404/.test(line)), []);
});
