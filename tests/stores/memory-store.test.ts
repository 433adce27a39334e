/** The fake that stands in for storage in other tests is held to the same contract as the real thing. */
import { describe } from "@jest/globals";
import { objectStoreContract } from "#tests/contracts/object-store.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

describe("the store in memory", () => {
  objectStoreContract(async () => {
    const store = new MemoryStore();
    return { store, reopen: async () => store };
  });
});
