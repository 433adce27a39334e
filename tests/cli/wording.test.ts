import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import { tell, WORDING } from "#app/cli/wording.ts";
import { VaultError } from "#app/vault/index.ts";

const APP = path.resolve(import.meta.dirname, "../../app");
/** Where the families of errors declare their codes. */
const FAMILIES = ["vault/errors.ts", "vault/object-store.ts", "sources/port.ts", "ledger/errors.ts", "keys/errors.ts", "cli/errors.ts", "sandbox/types.ts", "recover/errors.ts"];

function declaredCodes(file: string): string[] {
  const source = readFileSync(path.join(APP, file), "utf8");
  return [...source.matchAll(/type \w+ErrorCode =([^;]+);/g)].flatMap(([, union]) => [...union!.matchAll(/"([a-z]+\.[a-z_]+)"/g)].map(([, code]) => code!));
}

describe("what the command says", () => {
  test.each(FAMILIES)("every code that %s declares has words", (file) => {
    const codes = declaredCodes(file);
    expect(codes.length).toBeGreaterThan(3);
    expect(codes.filter((code) => !(code in WORDING))).toEqual([]);
  });

  test.each(Object.entries(WORDING))("%s says what to do, as one clause of one sentence", (_, { what, next }) => {
    expect(next).toMatch(/^[a-z].{5,}[^.;\s]$/);
    expect(next).not.toContain("\n");
    if (what !== undefined) expect(what).toMatch(/^[A-Z].*[^.;\s]$/);
  });

  test("a damaged object is named in both halves", () => {
    const { code, sentence } = tell(new VaultError("vault.damaged_object", "packs/ab/cd is damaged: the seal is broken", { object: "packs/ab/cd" }));
    expect(code).toBe("vault.damaged_object");
    expect(sentence).toBe("packs/ab/cd is damaged: the seal is broken; run 'holdfast verify' to see everything that is damaged, and 'holdfast vault repair', with --from if there is a copy of the storage, to mend packs/ab/cd.");
  });

  test("what nobody foresaw is named by its class, because its message could hold anything", () => {
    expect(tell(new TypeError("cannot read CANARY")).sentence).toBe("Something unexpected went wrong (TypeError); please report this with the command you ran.");
    expect(tell("CANARY").sentence).not.toContain("CANARY");
    expect(tell(Object.assign(new Error("CANARY"), { code: "ENOENT" })).sentence).toContain("(ENOENT)");
  });
});
