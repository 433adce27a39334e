/** Set-up and drill without a mouse; a page that stays true while the app behind it is restarted; and what a person is told when storage is gone. */
import { strict as assert } from "node:assert";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { chooseByKeyboard, tabTo } from "./support/admin.ts";
import { startWalk } from "./support/walk.ts";

const { world, people: { admin }, files, step } = await startWalk("keyboard", ["admin"], { customers: 60, orders: 20 });

const identity = join(files, "identity.jwk");

async function pickByKeyboard(label: RegExp): Promise<void> {
  await chooseByKeyboard(admin, label, identity);
}

step("set-up is done by keyboard alone", async () => {
  await admin.go("/app/setup");
  await admin.on("Set-up");
  await tabTo(admin, "Check this storage");
  await admin.page.keyboard.press("Enter");
  await admin.app.getByText("This storage does what it must.").waitFor();
  await tabTo(admin, "Make the key and download it");
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.page.keyboard.press("Enter")]);
  await download.saveAs(identity);
  await pickByKeyboard(/Choose the downloaded identity file/);
  await admin.app.getByText("You have your key").waitFor();
  await tabTo(admin, "Make the vault");
  await admin.page.keyboard.press("Enter");
  await admin.on("Overview");
  await admin.app.getByText("2 of 4 steps done.").waitFor();
});

step("a snapshot outlives a restart of the app, and so does the page that shows it", async () => {
  world.shop.setFaults({ slowBulk: 6000 });
  await tabTo(admin, "Take a snapshot now");
  await admin.page.keyboard.press("Enter");
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor();
  await world.stopApp("SIGKILL");
  // Two questions of the page go unanswered meanwhile; it must not take that for an error.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor();
  world.shop.setFaults({});
  await world.startApp();
  await admin.app.getByRole("heading", { name: "Taking a snapshot" }).waitFor({ state: "detached", timeout: 200_000 });
  await admin.app.getByText(/^Yes, as of .* Not proven yet by a drill\.$/).waitFor();
  assert.deepEqual(admin.complaints.filter((line) => line.startsWith("uncaught")), []);
});

step("a drill is run by keyboard alone, and goes on while nobody looks", async () => {
  await admin.go("/app/drills/new");
  await admin.on("Run a drill");
  await pickByKeyboard(/^Identity file/);
  await admin.app.getByText(/This file opens the snapshot\./).waitFor();
  await tabTo(admin, "Start the drill");
  await admin.page.keyboard.press("Enter");
  await admin.on(/^Drill of today/);
  const address = new URL(admin.frame().url()).pathname;
  await admin.page.goto("about:blank");
  await admin.go(address);
  await admin.app.getByText(/^Passed\. /).waitFor({ timeout: 180_000 });
  const { d } = JSON.parse(readFileSync(identity, "utf8")) as { d: string };
  assert.equal(admin.sent.filter((request) => request.includes(d)).length, 0);
});

step("when the storage is gone every screen says what happened, what it means and what to do", async () => {
  renameSync(world.stores, `${world.stores}-gone`);
  await admin.go("");
  await admin.app.getByRole("button", { name: "Take a snapshot now" }).click();
  // Alerts of the storage may stand in a banner of their own; this one is about the snapshot.
  const alert = admin.app.getByRole("alert").filter({ hasText: "Snapshot not taken" });
  await alert.getByText("There is no vault at the storage address any more").waitFor({ timeout: 120_000 });
  await admin.app.getByText(/^Not for certain: the copy is as of /).waitFor();
  await alert.getByText("If the storage was moved or emptied, the copies went with it; the app deletes none.").waitFor();
  await alert.getByText("Bring the storage back to its address, then press Try again.").waitFor();
  await admin.look("18-overview-failed");
  await admin.go("/app/drills/new");
  await admin.app.getByRole("alert").getByText("Code: vault.not_found").waitFor();
  await admin.look("19-drill-storage-gone");
  renameSync(`${world.stores}-gone`, world.stores);
  await admin.go("");
  await alert.getByRole("button", { name: "Try again" }).click();
  await alert.waitFor({ state: "detached", timeout: 120_000 });
  // What was raised about the storage meanwhile is found resolved at the next look, within a minute.
  const yes = admin.app.getByText(/^Yes, as of /);
  for (const began = Date.now(); (await yes.count()) === 0 && Date.now() - began < 120_000;) await admin.go("");
  await yes.waitFor();
});

step("how often snapshots are taken is saved from the admin's own save bar", async () => {
  await admin.go("/app/settings");
  await admin.on("Settings");
  await admin.app.getByText(/The next is due/).waitFor();
  await admin.app.getByLabel("Take a full snapshot").selectOption("hour");
  const bar = admin.page.getByRole("region", { name: "Unsaved changes" });
  await bar.getByRole("button", { name: "Save" }).click();
  await bar.waitFor({ state: "hidden" });
  await admin.go("/app/settings");
  assert.equal(await admin.app.getByLabel("Take a full snapshot").inputValue(), "hour");
  await admin.app.getByText(/The next is due in \d+ (?:seconds|minutes?)|The next is due in 1 hour|The next is due just now/).waitFor();
});
