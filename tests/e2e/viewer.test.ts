/**
 * The downtime viewer, in a browser, when everything else is gone: the app is set up and takes a snapshot, then the shop is stopped, the app with its PostgreSQL is stopped, and another machine's command line shows one
 * person's record to a responder who signs in at their organization's provider.
 */
import { strict as assert } from "node:assert";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { startOidc, type OidcServer } from "#tests/support/servers/oidc.ts";
import { openAdmin, passesAxe } from "./support/admin.ts";
import { SIZES, startBrowser, USER_AGENT } from "./support/browser.ts";
import { freePort } from "../../bin/demo/processes.ts";
import { stepsOf } from "./support/walk.ts";
import { startWorld } from "./support/world.ts";
import type { World } from "./support/world.ts";

const HOLDFAST = resolve(import.meta.dirname, "../../bin/holdfast");
const PICTURES = join(import.meta.dirname, "screenshots");
/** The promise is 2 s (measured and printed below); the bound is for a machine that does many other things. */
const ASKED_MS = 2_000;
const BOUND_MS = 15_000;

const files = mkdtempSync(join(tmpdir(), "holdfast-viewer-e2e-"));
const identity = join(files, "identity.jwk");

let browser: Browser;
let world: World | null = null;
let oidc: OidcServer;
let viewer: ChildProcess | null = null;
let url = "";
let storage = "";
let shop = "";
let written = "";
let context: BrowserContext;
let page: Page;
/** A second person's browser. */
let secondContext: BrowserContext;
let second: Page;
const addresses: string[] = [];
const complaints: string[] = [];
const person = { id: "", email: "", firstName: "" };

const step = stepsOf("viewer", () => [page], 300_000);

before(async () => {
  browser = await startBrowser();
  const port = await freePort(0);
  url = `http://localhost:${String(port)}`;
  oidc = await startOidc({ redirectUris: [`${url}/callback`], groups: { rita: ["responders"], ben: ["responders"] } });
}, { timeout: 60_000 });

after(async () => {
  await context?.close();
  await secondContext?.close();
  await browser?.close();
  viewer?.kill();
  await world?.close();
  await oidc?.close();
  rmSync(files, { recursive: true, force: true });
});

async function look(name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  for (const [width, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`), fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${name} at ${String(size.width)} px is ${String(over)} px too wide`);
    await passesAxe(page, `${name} at ${String(size.width)} px`);
  }
  await page.setViewportSize(SIZES.wide);
}

/** Nothing of this machine's own settings. */
function bare(home: string): NodeJS.ProcessEnv {
  return { NODE_ENV: "production", PATH: process.env["PATH"], HOME: home, HOLDFAST_HOME: home };
}

function holdfast(args: readonly string[], home: string): string {
  return execFileSync(HOLDFAST, [...args], { env: bare(home), encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
}

step("the app is set up, takes a snapshot, and is told how responders sign in", async () => {
  world = await startWorld({ customers: 60, orders: 60, env: { HOLDFAST_PRIVATE_PROVIDER: "allow" } });
  shop = world.shop.shop;
  const admin = await openAdmin(browser, world);
  page = admin.page;
  await admin.go("/app/setup");
  await admin.on("Set-up");
  await admin.app.getByRole("button", { name: "Check this storage" }).click();
  await admin.app.getByText("This storage does what it must.").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), admin.app.getByRole("button", { name: "Make the key and download it" }).click()]);
  await download.saveAs(identity);
  await admin.app.getByLabel("Choose the downloaded identity file").setInputFiles(identity);
  await admin.app.getByText("You have your key").waitFor();
  await admin.app.getByRole("button", { name: "Make the vault" }).click();
  await admin.on("Overview");
  await admin.app.getByRole("button", { name: "Take a snapshot now" }).click();
  await admin.app.getByText(/^Yes, as of .* Not proven yet by a drill\.$/).waitFor({ timeout: 120_000 });
  await admin.go("/app/settings/viewer");
  await admin.on("Downtime viewer");
  await admin.app.getByLabel("Issuer").fill("not an address");
  await admin.app.getByLabel("Client id").fill("holdfast-viewer");
  await admin.app.getByRole("button", { name: "Test the provider" }).click();
  await admin.app.getByText("An issuer is an address that begins with https://").waitFor();
  await admin.app.getByLabel("Issuer").fill(oidc.issuer);
  await admin.app.getByLabel("Groups whose members are responders").fill("responders");
  await admin.app.getByRole("button", { name: "Test the provider" }).click();
  await admin.app.getByText("The provider answers.").waitFor();
  await admin.look("60-viewer-settings");
  await page.getByRole("button", { name: "Save" }).click();
  await admin.app.getByText("If Shopify is down, the members of 1 group can see one person's record at a time.").waitFor();
  assert.deepEqual(admin.complaints, []);
  await admin.close();
});

step("the vault says who may, signed; then the shop, the app and its PostgreSQL are gone", async () => {
  const app = world!;
  const [name = ""] = readdirSync(app.stores);
  storage = `file://${join(app.stores, name)}`;
  assert.ok(readdirSync(join(app.stores, name, "access", "roster")).length === 1, "the roster is not in the vault");
  await app.stopApp();
  await app.shop.close();
  await assert.rejects(fetch(app.appUrl));
  await assert.rejects(fetch(app.shop.url));
  const home = join(files, "looking");
  mkdirSync(home);
  const lines = (holdfast(["export", storage, "latest", "--identity", identity, "--out", "-"], home)).split("\n").filter(Boolean).map((line) => JSON.parse(line) as { id: string; firstName?: string; defaultEmailAddress?: { emailAddress?: string } | null; customer?: { id: string } | null });
  const owner = lines.find(({ customer }) => customer != null)?.customer?.id;
  const found = lines.find(({ id, defaultEmailAddress }) => id === owner && defaultEmailAddress?.emailAddress !== undefined);
  assert.ok(found, "no customer with an order");
  Object.assign(person, { id: found.id, email: found.defaultEmailAddress?.emailAddress ?? "", firstName: found.firstName ?? "" });
});

step("another machine starts the viewer with the storage and nothing else", async () => {
  const home = join(files, "elsewhere");
  mkdirSync(home);
  viewer = spawn(HOLDFAST, ["viewer", "start", storage, "--url", url, "--json"], { env: bare(home), stdio: ["ignore", "pipe", "pipe"] });
  viewer.stderr?.on("data", (chunk: Buffer) => { written += chunk.toString("utf8"); });
  const ready = await new Promise<string>((done, failed) => {
    viewer?.stdout?.once("data", (chunk: Buffer) => { done(chunk.toString("utf8")); });
    viewer?.once("exit", () => { failed(new Error(`the viewer ended at once:\n${written}`)); });
  });
  const { entersEvents, shop: of } = JSON.parse(ready) as { entersEvents: boolean; shop: string };
  assert.deepEqual([entersEvents, of], [false, shop]);
  context = await browser.newContext({ viewport: SIZES.wide, userAgent: USER_AGENT, acceptDownloads: true, reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC" });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("request", (request) => { if (request.url().startsWith(url)) addresses.push(request.url()); });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("console", (message) => { if (message.type() === "error" && message.location().url.startsWith(url)) complaints.push(message.text()); });
});

step("somebody who is not named gets no further than a code", async () => {
  await page.goto(url);
  await look("61-viewer-start");
  await page.getByRole("link", { name: "Sign in with your organization" }).click();
  await page.getByLabel("Account").fill("mallory");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "You are signed in, but you are not named as a responder." }).waitFor();
  await look("62-viewer-not-named");
  complaints.length = 0;
});

step("a responder signs in, says why, and opens the vault with an identity that stays in the browser", async () => {
  await page.goto(url);
  await page.getByRole("link", { name: "Sign in with your organization" }).click();
  await page.getByLabel("Account").fill("rita");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${url}/desk`);
  await look("63-viewer-desk");
  await page.getByLabel("Purpose").selectOption("treatment");
  await page.getByLabel("Case or ticket number").fill("INC-2026-7");
  await page.getByLabel("Identity file").setInputFiles(identity);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "Find the person" }).waitFor();
});

step("the person is found by e-mail, opened masked, within the time that was promised", async () => {
  await page.getByLabel("Known by").selectOption("email");
  await page.getByLabel("Exactly as it is known").fill(person.email);
  const asked = performance.now();
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("button", { name: "Open customer" }).click();
  await page.getByRole("heading", { name: /^Customer \d+$/ }).waitFor();
  const took = performance.now() - asked;
  process.stdout.write(`# one record on screen ${took.toFixed(0)} ms after asking (asked for: ${String(ASKED_MS)} ms)\n`);
  assert.ok(took < BOUND_MS, `it took ${took.toFixed(0)} ms`);
  const text = await page.locator("#person").innerText();
  assert.ok(!text.includes(person.firstName) && !text.includes(person.email), "something is shown that nobody asked for");
  assert.match(text, /Order \d+/, "what belongs to the person is not there");
  await look("64-viewer-person");
});

step("a field is shown for a reason, by keyboard, and hidden again", async () => {
  const show = page.getByRole("button", { name: "Show First name" }).first();
  await show.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Say first what you need the field for.").waitFor();
  await page.getByLabel("I show a field").selectOption("identify");
  await show.focus();
  await page.keyboard.press("Enter");
  const hide = page.getByRole("button", { name: "Hide First name" }).first();
  await hide.waitFor();
  assert.ok((await page.locator("#person").innerText()).includes(person.firstName));
  await look("65-viewer-shown");
  await page.keyboard.press("Escape");
  await show.waitFor();
  assert.ok(!(await page.locator("#person").innerText()).includes(person.firstName), "it is not masked again");
});

step("nothing goes to paper on one person's word: a second one signs in and sees what is asked for, and no value", async () => {
  const show = page.getByRole("button", { name: "Show First name" }).first();
  await page.getByRole("button", { name: "Print" }).click();
  await page.getByText("It waits for a second person.").waitFor();
  assert.equal(await page.locator("#paper table").count(), 0);
  await look("65b-viewer-waits");
  secondContext = await browser.newContext({ viewport: SIZES.wide, userAgent: USER_AGENT, reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC" });
  second = await secondContext.newPage();
  second.setDefaultTimeout(60_000);
  await second.goto(url);
  await second.getByRole("link", { name: "Sign in with your organization" }).click();
  await second.getByLabel("Account").fill("ben");
  await second.getByRole("button", { name: "Sign in" }).click();
  await second.waitForURL(`${url}/desk`);
  await second.getByRole("heading", { name: "Somebody waits for your word" }).waitFor();
  const asked = await second.locator("#pending").innerText();
  assert.match(asked, /asks to print 1 field of customer \d+\.[\s\S]*Care of a patient · case INC-2026-7/);
  assert.ok(!asked.includes(person.firstName) && !asked.includes(person.email));
  await passesAxe(second, "the second person's page");
  for (const [name, size] of Object.entries(SIZES)) {
    await second.setViewportSize(size);
    await second.screenshot({ path: join(PICTURES, `65c-viewer-second-${name}.png`), fullPage: true });
    assert.ok((await second.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0);
  }
  await agree();
  assert.ok(await show.isVisible());
});

/** By keyboard alone. */
async function agree(): Promise<void> {
  await second.getByRole("button", { name: "Agree that Rita SYNTHETIC may" }).focus();
  await second.keyboard.press("Enter");
  await second.getByText("You have agreed.").waitFor();
  await second.locator("#pending section").waitFor({ state: "detached" });
}

step("what goes to paper says who, when and why on every page, and holds what was shown", async () => {
  await page.evaluate(() => { window.print = () => undefined; });
  await page.getByText("A second person has agreed.").waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#paper table").waitFor({ state: "attached" });
  await page.emulateMedia({ media: "print" });
  const paper = await page.locator("#paper").innerText();
  assert.ok(paper.includes(person.firstName) && !paper.includes(person.email));
  assert.match(paper, /sheet [0-9a-f]{16} · printed .* UTC/);
  assert.match(paper, /By Rita SYNTHETIC .*Care of a patient · case INC-2026-7/);
  assert.equal(await page.locator("#person").isVisible(), false, "the screen is printed too");
  assert.equal(await page.locator("#paper thead").evaluate((head) => getComputedStyle(head).display), "table-header-group");
  await page.screenshot({ path: join(PICTURES, "66-viewer-paper.png"), fullPage: true });
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  assert.equal(await page.locator("#paper table").count(), 0, "the page keeps the sheet");
});

step("an export opens for its recipient alone", async () => {
  const keys = join(files, "officer");
  holdfast(["keys", "new", "--out", keys], join(files, "looking"));
  await page.getByRole("button", { name: "Export" }).first().click();
  await page.getByLabel("That person's recipient file").setInputFiles(join(keys, "identity.jwk"));
  await page.locator("#take-form").getByRole("button", { name: "Ask to export" }).click();
  await page.getByText("That file has a private half in it.").waitFor();
  await page.getByLabel("That person's recipient file").setInputFiles(join(keys, "recipient.jwk"));
  await page.locator("#take-form").getByRole("button", { name: "Ask to export" }).click();
  await second.getByText("sealed to the recipient").waitFor();
  await agree();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the sealed file now" }).click()]);
  const saved = join(files, download.suggestedFilename());
  await download.saveAs(saved);
  const sealed = readFileSync(saved, "utf8");
  assert.ok(!sealed.includes(person.firstName));
  const { identityFrom, openerFor } = await import("#app/keys/index.ts");
  const opened = Buffer.from((await openerFor(identityFrom(JSON.parse(readFileSync(join(keys, "identity.jwk"), "utf8")))).open(Buffer.from(sealed))) ?? []).toString("utf8");
  assert.ok(opened.includes(`"Customer.firstName":${JSON.stringify(person.firstName)}`));
});

step("signing off wipes the session; the way back shows nothing", async () => {
  await page.getByRole("button", { name: "Sign off" }).click();
  await page.getByRole("heading", { name: "You have signed off." }).waitFor();
  await look("67-viewer-signed-off");
  await page.goBack().catch(() => null);
  await page.waitForTimeout(500);
  assert.ok(!(await page.content()).includes(person.firstName));
  assert.deepEqual(complaints, []);
});

step("what was done waits on that machine's disk, and nothing of the person is there, in the log, or in an address", async () => {
  const home = join(files, "elsewhere");
  const kept = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
  for (const action of ["viewer.signed_in", "record.searched", "record.viewed", "record.revealed", "record.export_asked", "record.export_agreed", "record.printed", "record.exported", "viewer.signed_out", "request.refused"]) assert.ok(kept.includes(action), `no ${action}`);
  const plain = person.id.replace(/\D/g, "");
  for (const [what, text] of [["the log", written], ["the list of events", kept], ["an address", addresses.join("\n")]] as const) {
    for (const value of [person.email, person.firstName, plain]) assert.ok(!text.includes(value), `${what} holds what it must not`);
  }
});

step("when the host is back, what was done goes into the vault's ledger", async () => {
  viewer?.kill("SIGTERM");
  await new Promise((done) => viewer?.once("exit", done));
  viewer = null;
  const home = join(files, "elsewhere");
  holdfast(["vault", "adopt", storage, "--identity", identity], home);
  viewer = spawn(HOLDFAST, ["viewer", "start", storage, "--url", url, "--json"], { env: bare(home), stdio: ["ignore", "pipe", "ignore"] });
  const ready = await new Promise<string>((done) => viewer?.stdout?.once("data", (chunk: Buffer) => { done(chunk.toString("utf8")); }));
  assert.equal((JSON.parse(ready) as { entered: number }).entered >= 8, true, ready);
  const { ok } = JSON.parse(holdfast(["ledger", "verify", storage, "--json"], home)) as { ok: boolean };
  assert.equal(ok, true);
});

