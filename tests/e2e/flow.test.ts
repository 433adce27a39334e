/** Shopify Flow through the built app, without a mouse: a workflow takes a snapshot, an event that Flow does not know is shown, and sent again when it does. */
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { TRIGGERS } from "#app/workflows/flow/triggers.ts";
import type { FlowTriggers } from "#app/sandbox/index.ts";
import { chooseByKeyboard, tabTo } from "./support/admin.ts";
import { startWalk } from "./support/walk.ts";

const DECLARED: FlowTriggers = Object.fromEntries(Object.values(TRIGGERS).map(({ handle, fields }) => [handle, Object.fromEntries(Object.values(fields).map(({ key, type }) => [key, { type }]))]));
const CANARY = "CANARY-71d0-SYNTHETIC-allergy";
const { world, people: { admin }, files, step } = await startWalk("flow", ["admin"], { customers: 30, orders: 10, canary: CANARY });

step("before the app is opened once, a step is told so", async () => {
  const run = await world.shop.runFlowAction({ handle: "take-snapshot" });
  assert.deepEqual([run.state, run.answers.map(({ status }) => status)], ["failed", [422]]);
  assert.match(run.shown, /^Holdfast is not installed on this store\./);
  assert.equal((await fetch(`${world.appUrl}/flow/actions/take-snapshot`)).status, 405);
  assert.equal((await fetch(`${world.appUrl}/flow/actions/take-snapshot`, { method: "POST", body: "{}" })).status, 401);
});

step("a step of a workflow takes the first snapshot", async () => {
  const identity = join(files, "identity.jwk");
  await admin.go("/app/setup");
  await tabTo(admin, "Check this storage");
  await admin.page.keyboard.press("Enter");
  await admin.app.getByText("This storage does what it must.").waitFor();
  await tabTo(admin, "Make the key and download it");
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.page.keyboard.press("Enter")]);
  await download.saveAs(identity);
  await chooseByKeyboard(admin, /Choose the downloaded identity file/, identity);
  await tabTo(admin, "Make the vault");
  await admin.page.keyboard.press("Enter");
  await admin.on("Overview");

  // Deployed without the trigger that is about to be needed.
  world.shop.declareFlowTriggers({ "drill-passed": {} });
  const run = await world.shop.runFlowAction({ handle: "take-snapshot", properties: { reason: "exercise" } });
  assert.equal(run.state, "done");
  assert.equal(run.returnValue?.["complete"], true);
});

step("what Flow did not know is shown with what to do, and sent again by keyboard once it does", async () => {
  await admin.go("/app/flow");
  await admin.on("Shopify Flow");
  await admin.app.getByText("1 event did not reach Flow").waitFor();
  await admin.app.getByText("Flow does not know this trigger.").waitFor();
  world.shop.declareFlowTriggers(DECLARED);
  // A page that has only just come does not answer to keys yet; it is pressed until the event is no longer offered.
  while ((await admin.app.getByText("Taken by Flow").count()) === 0) {
    if ((await admin.app.getByRole("button", { name: "Send again: Snapshot completed" }).count()) > 0) {
      await tabTo(admin, "Send again: Snapshot completed");
      await admin.page.keyboard.press("Enter");
    }
    await new Promise((done) => setTimeout(done, 500));
    await admin.go("/app/flow");
    await admin.on("Shopify Flow");
  }
  const taken = world.shop.flowReceipts().filter(({ errors }) => errors.length === 0);
  assert.deepEqual(taken.map(({ handle, payload }) => [handle, payload["Complete"]]), [["snapshot-completed", true]]);
  await admin.look("38-flow");
});

step("a workflow that is switched on shows, and nothing of a customer went anywhere", async () => {
  assert.equal(await world.shop.setFlowListener("snapshot-failed", true), 200);
  await admin.go("/app/flow");
  await admin.app.getByText("A workflow starts with it").waitFor();
  assert.deepEqual([JSON.stringify(world.shop.flowReceipts()), world.log(), admin.sent.join()].map((text) => text.includes("CANARY")), [false, false, false]);
  assert.deepEqual(admin.complaints, []);
});
