/** A walk through the app: a world of its own, a browser, the people who walk, and steps that build on one another. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { openAdmin, type Admin } from "./admin.ts";
import { startBrowser } from "./browser.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

/** Above what any step takes on a machine that does many other things. */
const STEP_MS = 240_000;

export interface Walk<Person extends string> {
  readonly world: World;
  readonly browser: Browser;
  /** Each in a browser context of their own: they share nothing but the shop. */
  readonly people: Readonly<Record<Person, Admin>>;
  /** A folder for what they download; gone afterwards. */
  readonly files: string;
  readonly step: Step;
}

export type Step = (name: string, run: () => Promise<void>) => void;

/** Everything is closed when the file's tests are over. Asked for at the top of the file, before its first step. */
export async function startWalk<const Person extends string>(name: string, who: readonly Person[], options: WorldOptions): Promise<Walk<Person>> {
  const files = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0)) await one.close();
    rmSync(files, { recursive: true, force: true });
  };
  try {
    const world = await startWorld(options);
    opened.unshift(world);
    const browser = await startBrowser();
    opened.unshift(browser);
    const people: Partial<Record<Person, Admin>> = {};
    for (const person of who) opened.unshift((people[person] = await openAdmin(browser, world)));
    after(close);
    return { world, browser, people: people as Record<Person, Admin>, files, step: stepsOf(name, () => Object.values<Admin>(people as Record<Person, Admin>).map(({ page }) => page)) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** After a step that failed the next ones would only wait for what cannot come: they are skipped, and pictures of the pages are kept in the system's temporary folder. */
export function stepsOf(name: string, pages: () => readonly (Page | undefined)[], timeout = STEP_MS): Step {
  let broken = "";
  return (title, run) => {
    test(title, { timeout }, async (t) => {
      if (broken !== "") return t.skip(`after "${broken}" failed`);
      try {
        await run();
      } catch (error) {
        broken = title;
        for (const [n, page] of pages().entries()) await page?.screenshot({ path: join(tmpdir(), `holdfast-${name}-failed-${String(n)}.png`) }).catch(() => undefined);
        throw error;
      }
    });
  };
}
