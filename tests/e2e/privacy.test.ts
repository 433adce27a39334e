/** A privacy request from its webhook to its certificate, by keyboard, with an identity that a passphrase guards; then a data request, a legal hold and a drill with the same identity. */
import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CompactEncrypt } from "jose";
import { chooseByKeyboard, tabTo } from "./support/admin.ts";
import { startWalk } from "./support/walk.ts";

const { world, people: { admin }, files, step } = await startWalk("privacy", ["admin"], { customers: 40, orders: 20 });

const PASSPHRASE = "correct horse battery synthetic";
const [identity, guarded] = [join(files, "identity.jwk"), join(files, "guarded.jwe")];

async function openWithPassphrase(button: string | RegExp): Promise<void> {
  await chooseByKeyboard(admin, /^Identity file/, guarded);
  await admin.app.getByLabel("Passphrase of the identity").waitFor();
  await tabTo(admin, /^Passphrase of the identity/);
  await admin.page.keyboard.type(PASSPHRASE);
  await tabTo(admin, button);
}

async function requestOf(topic: "customers/redact" | "customers/data_request", name: string): Promise<void> {
  await world.shop.sendComplianceWebhook(topic);
  for (let tries = 0; tries < 40; tries++) {
    await admin.go("/app/requests");
    await admin.on("Privacy");
    if ((await admin.app.getByRole("link", { name: new RegExp(`^${name}`) }).count()) > 0) break;
  }
  await admin.app.getByRole("link", { name: new RegExp(`^${name}`) }).first().click();
  await admin.on(name);
}

step("a vault with a snapshot, and an identity under a passphrase", async () => {
  await admin.go("/app/setup");
  await admin.on("Set-up");
  await admin.app.getByLabel("Kind of storage").selectOption("s3");
  await admin.app.getByLabel("Secret access key").waitFor();
  await admin.look("30-setup-s3");
  await admin.app.getByLabel("Kind of storage").selectOption("file");
  await admin.app.getByRole("button", { name: "Test this storage" }).click();
  await admin.app.getByText("This storage can hold a vault.").waitFor({ timeout: 120_000 });
  await admin.app.getByRole("button", { name: "Check this storage" }).click();
  await admin.app.getByText("This storage does what it must.").waitFor();
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.app.getByRole("button", { name: "Make the key and download it" }).click()]);
  await download.saveAs(identity);
  await admin.app.getByLabel("Choose the downloaded identity file").setInputFiles(identity);
  await admin.app.getByText("You have your key").waitFor();
  await admin.app.getByRole("button", { name: "Make the vault" }).click();
  await admin.on("Overview");
  const text = new TextEncoder().encode(readFileSync(identity, "utf8"));
  writeFileSync(guarded, await new CompactEncrypt(text).setProtectedHeader({ alg: "PBES2-HS512+A256KW", enc: "A256GCM", p2c: 10_000 }).encrypt(new TextEncoder().encode(PASSPHRASE)));
  await admin.app.getByRole("button", { name: "Take a snapshot now" }).click();
  await admin.app.getByText(/^Yes, as of .* Not proven yet by a drill\.$/).waitFor({ timeout: 120_000 });
});

step("a data request is answered with a package that only the identity opens", async () => {
  await requestOf("customers/data_request", "Wants to know what is kept");
  await admin.look("31-request-data");
  await openWithPassphrase("Put the package together");
  await admin.page.keyboard.press("Enter");
  await admin.app.getByRole("heading", { name: "The package", exact: true }).waitFor({ timeout: 120_000 });
  await admin.look("32-request-package");
  await openWithPassphrase("Open and download the package");
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.page.keyboard.press("Enter")]);
  const saved = join(files, "person.jsonl");
  await download.saveAs(saved);
  const [head, ...lines] = readFileSync(saved, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as { from?: string; kind?: string; versionsInBackups?: number });
  assert.ok((head?.versionsInBackups ?? 0) > 0 && lines.some(({ from, kind }) => from === "backup" && kind === "Customer"));
});

step("an erasure is confirmed by typing, carried out by keyboard, and leaves a certificate", async () => {
  await requestOf("customers/redact", "Wants to be erased");
  await admin.look("33-request-erase");
  const number = /Type (\d+) to confirm/.exec((await admin.app.getByText(/^Type \d+ to confirm$/).first().textContent()) ?? "")?.[1] ?? "";
  await chooseByKeyboard(admin, /^Identity file/, guarded);
  await admin.app.getByLabel("Passphrase of the identity").waitFor();
  await tabTo(admin, /^Passphrase of the identity/);
  await admin.page.keyboard.type(PASSPHRASE);
  await tabTo(admin, /^Erase 1 customer from 1 snapshot$/);
  await admin.page.keyboard.press("Enter");
  await admin.app.getByText(`Type ${number}, exactly as it is written here.`).first().waitFor();
  await admin.app.getByLabel(`Type ${number} to confirm`).fill(number);
  await admin.app.getByRole("button", { name: "Erase 1 customer from 1 snapshot" }).click();
  await admin.app.getByRole("heading", { name: "Certificate of erasure" }).waitFor({ timeout: 120_000 });
  await admin.look("34-request-erased");
  const { d } = JSON.parse(readFileSync(identity, "utf8")) as { d: string };
  assert.equal(admin.sent.filter((request) => request.includes(d) || request.includes(PASSPHRASE)).length, 0, "the identity or its passphrase was sent");
  await admin.go("/app/requests/certificates");
  await admin.app.getByText("1 certificate. Everything that was to go is gone.").waitFor();
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.app.getByRole("button", { name: /^Download certificate/ }).click()]);
  assert.match(download.suggestedFilename(), /certificate-1\.json$/);
  await admin.look("35-certificates");
});

step("a policy shows what would go before anything goes, and a legal hold names its basis", async () => {
  await admin.go("/app/retention");
  await admin.on("Retention");
  await admin.app.getByRole("button", { name: "Show what would go" }).click();
  await admin.app.getByText("Nothing would go.").waitFor();
  await admin.app.getByLabel("Name").fill("case 14");
  await admin.app.getByLabel("Reason").fill("litigation");
  await admin.app.getByLabel("It is a legal hold: it bars erasures, too").check();
  await admin.app.getByRole("button", { name: "Place the legal hold" }).click();
  await admin.app.getByText("Name the basis, in one line without an @.").first().waitFor();
  await admin.app.getByLabel("Basis").fill("litigation");
  await admin.app.getByLabel("Where it is written").fill("Doe v. Roe, No. 14");
  await admin.app.getByRole("button", { name: "Place the legal hold" }).click();
  await admin.app.getByText(/1 hold in force, 1 with a legal basis\./).waitFor();
  await admin.look("36-retention");
  await admin.go("/app/keys");
  await admin.on("Keys");
  await admin.app.getByText(/^1 key opens the backups\./).waitFor();
  await admin.look("37-keys");
});

step("a drill passes with the identity under its passphrase", async () => {
  await admin.go("/app/drills/new");
  await admin.on("Run a drill");
  await admin.app.getByLabel("Identity file").setInputFiles(guarded);
  await admin.app.getByLabel("Passphrase of the identity").fill("wrong");
  await admin.app.getByRole("button", { name: "Start the drill" }).click();
  await admin.app.getByText(/The passphrase does not open this identity/).first().waitFor();
  await admin.app.getByLabel("Passphrase of the identity").fill(PASSPHRASE);
  await admin.app.getByRole("button", { name: "Start the drill" }).click();
  await admin.on(/^Drill of today/);
  await admin.app.getByText(/^Passed\. /).waitFor({ timeout: 180_000 });
  assert.deepEqual(admin.complaints, []);
});
