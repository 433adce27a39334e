/** Each defence has a test that fails when only that defence is taken away. Here: that there are defences to take away; in the slow tier: that each is missed. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ACCEPTED } from "./accepted.ts";
import { guardsOf, sources } from "./mutants.ts";
import { DEFENCES } from "./table.ts";

const ROOT = join(__dirname, "../..");
const slow = process.env["SLOW"] === "1" ? it : it.skip;

describe("the vault's defences", () => {
  const guards = sources(ROOT).flatMap((file) => guardsOf(ROOT, file));

  it("are found in the source, in every room that decodes", () => {
    expect(guards.length).toBeGreaterThan(100);
    for (const room of ["crypto", "format", "pack", "tree", "snapshot", "verify", "repair"]) expect(guards.some(({ file }) => file.startsWith(`app/vault/${room}/`))).toBe(true);
  });

  it("that are written down stand in the source exactly once, and change it when taken away", () => {
    expect(DEFENCES.length).toBeGreaterThan(30);
    for (const { file, find, replace } of DEFENCES) {
      const text = readFileSync(join(ROOT, file), "utf8");
      expect({ file, find, times: text.split(find).length - 1, changes: find !== replace }).toEqual({ file, find, times: 1, changes: true });
    }
  });

  it("that need no test still stand in the source, with a reason", () => {
    for (const { file, text, why } of ACCEPTED) {
      expect({ file, text, there: [...guards, ...DEFENCES.map((each) => ({ file: each.file, text: each.find }))].some((guard) => guard.file === file && guard.text === text) }).toEqual({ file, text, there: true });
      expect(why.length).toBeGreaterThan(20);
    }
  });

  slow("are each missed by a test when taken away", () => {
    const ran = spawnSync(process.execPath, [join(__dirname, "run.ts")], { encoding: "utf8", timeout: 3_600_000 });
    expect({ status: ran.status, out: ran.stdout.split("\n").filter((line) => !line.startsWith("killed")).join("\n") }).toMatchObject({ status: 0 });
  }, 3_700_000);
});
