import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { AxeBuilder } from "@axe-core/playwright";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import type { Browser, Frame, Page } from "playwright-core";
import { readSessionToken, STAFF } from "#app/sandbox/auth/session-token.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { startShop } from "./support.ts";

/** A very small embedded app: a menu, a title bar, a save bar, and a few buttons. */
const APP = (bridge: string, key: string): string => `<!doctype html><html lang="en"><head><title>Small app</title><script src="${bridge}" data-api-key="${key}"></script></head><body>
<ui-nav-menu><a href="/app" rel="home">Overview</a><a href="/app/snapshots">Snapshots</a></ui-nav-menu>
<ui-title-bar title="Over the frame"><button variant="primary" onclick="document.getElementById('out').textContent='acted'">Act</button></ui-title-bar>
<ui-save-bar id="bar"><button variant="primary" onclick="document.getElementById('out').textContent='saved'">Save</button><button>Discard</button></ui-save-bar>
<ui-modal id="ask"><p>Sure?</p><ui-title-bar title="A question"><button onclick="document.getElementById('out').textContent='yes'">Yes</button></ui-title-bar></ui-modal>
<main><h1>Small app</h1><p id="path"></p><p id="out"></p>
<button onclick="shopify.toast.show('Snapshot done')">Toast</button><button onclick="shopify.saveBar.show('bar')">Edit</button><button onclick="shopify.modal.show('ask')">Ask</button></main>
<script>document.getElementById('path').textContent = location.pathname;
document.addEventListener('shopify:navigate', (e) => { e.preventDefault(); history.pushState(null, '', e.target.getAttribute('href')); document.getElementById('path').textContent = location.pathname; });</script></body></html>`;

const EXECUTABLE = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

describe("the admin page, in a browser", () => {
  let browser: Browser;
  let app: Server;
  let page: Page;
  let shop: SandboxShop;
  let bridge = "";
  let refusals = 0;
  const tokens: (string | undefined)[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ ...(EXECUTABLE === undefined ? {} : { executablePath: EXECUTABLE }), args: ["--no-sandbox", "--disable-gpu", "--disable-features=LocalNetworkAccessChecks"] });
    app = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      if (url.pathname === "/data") {
        tokens.push(request.headers.authorization);
        const refuse = refusals-- > 0;
        response.writeHead(refuse ? 401 : 200, refuse ? { "X-Shopify-Retry-Invalid-Session-Request": "1" } : {}).end(refuse ? "" : "fine");
        return;
      }
      response.writeHead(200, { "Content-Type": "text/html" }).end(APP(bridge, shop.apiKey));
    });
    await new Promise<void>((resolve) => app.listen(0, "localhost", resolve));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    app.closeAllConnections();
    await new Promise((resolve) => app.close(resolve));
  });
  afterEach(async () => {
    await page.context().close();
    tokens.length = 0;
    refusals = 0;
  });

  async function open(path = ""): Promise<Frame> {
    shop = await startShop({ customers: 2, host: "localhost", appUrl: `http://localhost:${(app.address() as AddressInfo).port}/app` });
    bridge = `${shop.url}/app-bridge.js`;
    page = await (await browser.newContext()).newPage();
    await page.goto(shop.adminUrl + path);
    const frame = page.frame({ url: /localhost.*embedded=1/ }) ?? (await page.waitForEvent("framenavigated", (one) => one.parentFrame() !== null));
    await frame.waitForSelector("h1");
    await page.waitForSelector("#app-menu a");
    return frame;
  }
  const claims = (token: string): ReturnType<typeof readSessionToken> => readSessionToken(token, { shop: shop.shop, apiKey: shop.apiKey, apiSecret: shop.apiSecret, now: new Date() });

  test("embeds the app with a signed address, and says loudly that it is a sandbox", async () => {
    const frame = await open();
    const query = new URL(frame.url()).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({ embedded: "1", shop: shop.shop, hmac: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(Buffer.from(query.get("host") ?? "", "base64").toString()).toBe(`admin.shopify.com/store/${shop.shop.replace(".myshopify.com", "")}`);
    expect(claims(query.get("id_token") ?? "")?.staffId).toBe(STAFF[0]?.id);
    expect(await page.getByText("Sandbox shop, synthetic data").isVisible()).toBe(true);
  }, 60_000);

  test("speaks for the staff member who was chosen", async () => {
    const frame = await open();
    await page.getByLabel("Signed in as").selectOption(String(STAFF[1]?.id));
    await page.getByRole("button", { name: "Switch" }).click();
    await page.waitForSelector("#app-menu a");
    const inner = page.frames().find((one) => one.parentFrame() !== null) ?? frame;
    expect(claims(await inner.evaluate("shopify.idToken()"))?.staffId).toBe(STAFF[1]?.id);
  }, 60_000);

  test("shows the app's menu, and leads to its pages without loading anew; a reload comes back there", async () => {
    const frame = await open();
    await page.getByRole("link", { name: "Snapshots" }).focus();
    await page.keyboard.press("Enter");
    await frame.waitForFunction("document.getElementById('path').textContent === '/app/snapshots'");
    await page.waitForURL(/\/apps\/holdfast\/app\/snapshots$/);
    expect(await page.getByRole("link", { name: "Snapshots" }).getAttribute("aria-current")).toBe("page");
    await page.reload();
    await page.waitForSelector("#app-menu a");
    expect(await page.frameLocator("#app").locator("#path").textContent()).toBe("/app/snapshots");
  }, 60_000);

  test("shows toasts where screen readers hear them, title bar actions, the save bar and dialogs", async () => {
    const frame = await open();
    await frame.getByRole("button", { name: "Toast" }).click();
    await page.getByRole("status").getByText("Snapshot done").waitFor();
    await page.getByRole("button", { name: "Dismiss: Snapshot done" }).click();
    expect(await page.getByRole("status").getByText("Snapshot done").count()).toBe(0);
    expect(await page.getByRole("heading", { level: 1 }).first().textContent()).toBe("Over the frame");
    await page.getByRole("button", { name: "Act" }).click();
    await frame.waitForFunction("document.getElementById('out').textContent === 'acted'");
    await frame.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("region", { name: "Unsaved changes" }).getByRole("button", { name: "Save" }).click();
    await frame.waitForFunction("document.getElementById('out').textContent === 'saved'");
    await frame.getByRole("button", { name: "Ask" }).click();
    await frame.getByRole("dialog", { name: "A question" }).getByRole("button", { name: "Yes" }).click();
    await frame.waitForFunction("document.getElementById('out').textContent === 'yes'");
    await page.keyboard.press("Escape");
    expect(await frame.getByRole("dialog").count()).toBe(0);
  }, 60_000);

  test("the app's requests carry a session token, and are sent once more with a new one when that is refused", async () => {
    const frame = await open();
    refusals = 1;
    expect(await frame.evaluate("fetch('/data').then((r) => r.text())")).toBe("fine");
    expect(tokens).toHaveLength(2);
    for (const header of tokens) expect(claims(header?.replace("Bearer ", "") ?? "")).not.toBeNull();
    expect(tokens[0]).not.toBe(tokens[1]);
  }, 60_000);

  test("the bounce page is left with a token", async () => {
    const frame = await open();
    await frame.goto(`${new URL(frame.url()).origin}/auth/session-token?shop=${shop.shop}&host=x&shopify-reload=${encodeURIComponent("/app/snapshots?x=1")}`);
    await frame.waitForURL(/id_token=/);
    const url = new URL(frame.url());
    expect([url.pathname, url.searchParams.get("x")]).toEqual(["/app/snapshots", "1"]);
    expect(claims(url.searchParams.get("id_token") ?? "")).not.toBeNull();
  }, 60_000);

  test("axe finds nothing, with the save bar and a toast shown", async () => {
    const frame = await open();
    await frame.getByRole("button", { name: "Toast" }).click();
    await frame.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("region", { name: "Unsaved changes" }).waitFor();
    const { violations } = await new AxeBuilder({ page }).exclude("#app").analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
  }, 60_000);
});

describe("the admin's addresses", () => {
  test("lead from the root to the app, and say so when no app is connected", async () => {
    const shop = await startShop({});
    const response = await fetch(shop.url);
    expect(response.url).toBe(shop.adminUrl);
    const html = await response.text();
    expect(html).toContain("No app is connected");
    expect(response.headers.get("content-security-policy")).toContain("frame-src 'none'");
  });

  test("give session tokens to JSON requests only", async () => {
    const shop = await startShop({});
    expect((await fetch(`${shop.url}/sandbox/session-token`, { method: "POST", body: "x=1" })).status).toBe(400);
  });

  test("escape what stands in an address", async () => {
    const shop = await startShop({ appUrl: "http://localhost:1/app" });
    const html = await (await fetch(`${shop.adminUrl}/app/%22%3E%3Cscript%3Ex`)).text();
    expect(html).not.toContain("<script>x");
  });
});
