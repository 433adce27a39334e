/** docs/runbooks/night.md: what it tells people to press, run and read is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";

const ROOT = path.resolve(import.meta.dirname, "../..");
const page = readFileSync(path.join(ROOT, "docs/runbooks/night.md"), "utf8");
const sources = (folder: string): string =>
  readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true }).filter((one) => one.isFile() && /\.tsx?$/.test(one.name)).map((one) => readFileSync(path.join(one.parentPath, one.name), "utf8")).join("\n");
const screens = sources("app/ui");
const program = readFileSync(path.join(ROOT, "app/cli/program.ts"), "utf8");

describe("the page for the night", () => {
  const buttons = [...page.matchAll(/\*\*([^*]+)\*\*/g)].map((match) => match[1]!);
  test("names buttons", () => expect(buttons.length).toBeGreaterThan(8));
  test.each(buttons)("%s is a button of the app", (name) => expect([`>${name}<`, `"${name}"`].some((written) => screens.includes(written))).toBe(true));

  const commands = [...page.matchAll(/holdfast ([a-z]+)/g)].map((match) => match[1]!);
  test.each([...new Set(commands)])("holdfast %s is a command", (name) => expect(program).toMatch(new RegExp(`add\\(root, "${name}"`)));
  test("every option it gives is one of the program", () => {
    const options = [...new Set([...page.matchAll(/(--[a-z-]+)/g)].map((match) => match[1]!))];
    expect(options).toEqual(expect.arrayContaining(["--to", "--record", "--plan", "--apply", "--identity"]));
    for (const option of options) expect(program).toContain(option);
  });

  test("every page it sends people to is there", () => {
    const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThanOrEqual(2);
    for (const link of links) expect([link, existsSync(path.join(ROOT, "docs/runbooks", link))]).toEqual([link, true]);
  });
});
