/** Codes are promises: what the code can say is what docs/design.md and docs/errors.md explain. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";

const root = join(__dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const codesIn = (text: string): string[] => [...text.matchAll(/\| "([a-z_]+\.[a-z_]+)"/g)].map((match) => match[1] as string);

describe("codes", () => {
  it("of findings are the ones docs/design.md names, no more and no fewer", () => {
    const types = read("app/vault/types.ts");
    const inCode = codesIn(types.slice(types.indexOf("export type FindingCode")).split(";")[0] as string);
    const section = /## 6\. What verify finds\n([\s\S]*?)\nWithout any key/.exec(read("docs/design.md"))?.[1] ?? "";
    const inDoc = [...section.matchAll(/`([a-z_.]+)`/g)].map((match) => match[1]);
    expect(inCode.length).toBeGreaterThan(15);
    expect([...inCode].sort()).toEqual([...inDoc].sort());
  });
  it("of vault errors are all explained in docs/errors.md", () => {
    const inCode = codesIn(read("app/vault/errors.ts"));
    expect(inCode.length).toBeGreaterThan(10);
    const doc = read("docs/errors.md");
    for (const code of inCode) expect(doc).toContain(`\`${code}\``);
  });
});
