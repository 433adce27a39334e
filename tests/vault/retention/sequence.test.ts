import { describe, expect, test } from "@jest/globals";
import { VaultError } from "#app/vault/index.ts";
import { numbered, readNumbered } from "#app/vault/retention/sequence.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

/** Sound objects hold their own number. */
async function parse(bytes: Uint8Array, object: string, sequence: number): Promise<number> {
  if (Buffer.from(bytes).toString() !== String(sequence)) throw new VaultError("vault.damaged_object", "not signed for this number", { object });
  return sequence;
}

async function read(objects: Readonly<Record<number, string>>): Promise<{ sound: number[]; damaged: readonly string[]; missing: readonly string[]; next: number }> {
  const store = new MemoryStore();
  for (const [sequence, body] of Object.entries(objects)) await store.putIfAbsent(numbered("prunes", Number(sequence)), Buffer.from(body));
  const { records, damaged, missing, next } = await readNumbered(store, "prunes", parse);
  return { sound: records.map(({ record }) => record), damaged, missing, next };
}

describe("numbered objects", () => {
  test("come in order, and tell which number was taken away", async () => {
    expect(await read({ 1: "1", 2: "2", 4: "4" })).toEqual({ sound: [1, 2, 4], damaged: [], missing: [numbered("prunes", 3)], next: 5 });
    expect(await read({})).toEqual({ sound: [], damaged: [], missing: [], next: 1 });
  });

  test("a stray object with a huge number is damage, and neither makes numbers missing nor takes the next one away", async () => {
    expect(await read({ 1: "1", 9999999999: "anything" })).toEqual({ sound: [1], damaged: [numbered("prunes", 9999999999)], missing: [], next: 2 });
  });

  test("the next number goes past what somebody else put in its place", async () => {
    expect(await read({ 1: "1", 2: "anything", 3: "anything" })).toMatchObject({ sound: [1], next: 4 });
  });
});
