/** A headless Chromium: Debian's when it is there, else the one HOLDFAST_CHROMIUM names, else Playwright's own. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const DEBIAN = "/usr/bin/chromium";

/** Shopify's library answers 410 to user agents of robots, and headless Chromium says that it is one. */
export const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 400, height: 900 } } as const;

export function browserPath(): string | undefined {
  const named = process.env["HOLDFAST_CHROMIUM"];
  if (named) return named;
  if (existsSync(DEBIAN)) return DEBIAN;
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : undefined;
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (!executablePath) throw new Error("no Chromium: install Debian's (apt-get install chromium) or Playwright's (npx playwright-core install chromium)");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-features=LocalNetworkAccessChecks"],
  });
}
