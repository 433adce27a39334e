/**
 * node --import ./app/sandbox/patch-fetch.mjs …: requests to shops and to Shopify's admin go to sandbox shops instead, and the app's own
 * code knows nothing of it. Loaded before the app, because the Shopify library takes globalThis.fetch when it is imported.
 *
 * HOLDFAST_SANDBOX_URL: one sandbox's address for every shop, or a JSON object of shop domain to address. A shop that is not named is
 * refused: synthetic runs must never reach a real shop.
 */
const setting = process.env["HOLDFAST_SANDBOX_URL"] ?? "";

if (setting !== "") {
  /** @type {Record<string, string> | null} */
  const byShop = setting.trimStart().startsWith("{") ? /** @type {Record<string, string>} */ (JSON.parse(setting)) : null;
  const one = byShop === null ? new URL(setting) : null;
  for (const address of byShop === null ? [setting] : Object.values(byShop)) {
    if (!["127.0.0.1", "localhost"].includes(new URL(address).hostname)) throw new Error("HOLDFAST_SANDBOX_URL must name addresses on this machine");
  }
  const real = globalThis.fetch;

  /** @param {string} host */
  const sandboxOf = (host) => {
    if (one !== null) return one;
    const address = byShop?.[host];
    if (address === undefined) throw new TypeError(`HOLDFAST_SANDBOX_URL names no sandbox for ${host}`);
    return new URL(address);
  };

  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const admin = url.hostname === "admin.shopify.com" ? /^\/store\/([a-z0-9-]+)/.exec(url.pathname) : null;
    if (!url.hostname.endsWith(".myshopify.com") && admin === null) return real(input, init);
    const shop = admin === null ? url.hostname : `${admin[1]}.myshopify.com`;
    const base = sandboxOf(shop);
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    headers.set("x-forwarded-host", shop);
    const target = new URL(url.pathname + url.search, base);
    return real(new Request(target, /** @type {RequestInit} */ ({ method: request.method, headers, body: request.body, duplex: "half", redirect: request.redirect, signal: request.signal })));
  };
}
