/** A rotation and its entry in the ledger: never one without the other for long, and refusals too. */
import { describe, expect, test } from "@jest/globals";
import { openLedger, originOf, type LedgerEntry } from "#app/ledger/index.ts";
import { recipientHistory, rotateRecipients, StoreError } from "#app/vault/index.ts";
import { rotateKeys, type RotateKeys } from "#app/workflows/keys/rotate-keys.ts";
import { checkVault } from "#app/workflows/verify/check-vault.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, SCRATCH, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";

async function world() {
  const store = new MemoryStore();
  const [first, second] = await Promise.all([testIdentity(), testIdentity()]);
  const test = await newTestVault(store, "rotate", first);
  await snapshotOf(test.vault, [record("customers", "id1", "synthetic")]);
  const { hostKeys } = test;
  const clock = steadyClock("2026-05-01T00:00:00.000Z");
  const origin = originOf(hostKeys.vaultId);
  const ledger = openLedger({ store, origin, signer: { name: origin, privateKey: { ...hostKeys.signingKey } }, clock });
  const rotate = (more: Partial<RotateKeys> = {}) => rotateKeys({ store, opener: first.opener, add: [], remove: [], signingKey: hostKeys.signingKey, ledger, clock, actor: "cli", ...more });
  const entries = async (): Promise<LedgerEntry[]> => {
    const all: LedgerEntry[] = [];
    for await (const entry of ledger.entries()) all.push(entry);
    return all;
  };
  return { store, test, first, second, clock, ledger, rotate, entries };
}

describe("a rotation", () => {
  test("is entered with its key ids and the digest of the signed list", async () => {
    const { store, test: made, first, second, rotate, entries } = await world();
    await rotate({ add: [second.recipient], remove: [first.recipient.keyId], reason: "synthetic reason" });
    const history = await recipientHistory(store, made.vault.description);
    expect(await entries()).toEqual([
      expect.objectContaining({
        action: "keys.rotated",
        outcome: "done",
        reason: "synthetic reason",
        subject: { vault: made.hostKeys.vaultId, sequence: 1, generation: 1, recipients: 1, added: second.recipient.keyId, removed: first.recipient.keyId, keys: 3, digest: history[1]?.digest },
      }),
    ]);
  });

  test("that changes nothing is not entered", async () => {
    const { rotate, entries } = await world();
    expect(await rotate()).toMatchObject({ changed: false });
    expect(await entries()).toEqual([]);
  });

  test("whose process died before its entry is entered by the next one, once", async () => {
    const { store, first, second, clock, rotate, entries } = await world();
    await rotateRecipients({ store, opener: first.opener, add: [second.recipient], remove: [], clock });
    await rotate();
    await rotate();
    expect((await entries()).map(({ action, subject }) => [action, subject["added"]])).toEqual([["keys.rotated", second.recipient.keyId]]);
  });

  test("that is refused is entered as refused, and changes nothing", async () => {
    const { store, first, rotate, entries } = await world();
    await expect(rotate({ remove: [first.recipient.keyId] })).rejects.toMatchObject({ code: "vault.last_recipient" });
    expect(await entries()).toEqual([expect.objectContaining({ action: "keys.refused", outcome: "refused", subject: expect.objectContaining({ code: "vault.last_recipient", removed: 1 }) })]);
    expect([...store.objects.keys()].some((key) => key.startsWith("recipients/"))).toBe(false);
  });

  test("that a broken connection ends is nobody's refusal", async () => {
    const { store, second, rotate, entries } = await world();
    const put = store.putIfAbsent.bind(store);
    store.putIfAbsent = (key, body) => (key.startsWith("keys/") ? Promise.reject(new StoreError("store.unreachable", "synthetic", { retry: "later" })) : put(key, body));
    await expect(rotate({ add: [second.recipient] })).rejects.toMatchObject({ code: "store.unreachable" });
    expect(await entries()).toEqual([]);
  });

  test("with a reason that the ledger does not take is refused before anything is changed", async () => {
    const { store, second, rotate } = await world();
    await expect(rotate({ add: [second.recipient], reason: "asked by person@example.com" })).rejects.toMatchObject({ code: "ledger.bad_entry" });
    expect(store.objects.has("recipients/1.json")).toBe(false);
  });

  test("of many recipients is entered by their number", async () => {
    const { rotate, entries } = await world();
    const many = await Promise.all(Array.from({ length: 24 }, () => testIdentity()));
    await rotate({ add: many.map((identity) => identity.recipient) });
    expect((await entries())[0]?.subject).toMatchObject({ added: 24, recipients: 25 });
  });
});

describe("a list of recipients that is taken away right after the rotation", () => {
  const check = async ({ store, ledger }: Awaited<ReturnType<typeof world>>) => {
    const { findings } = await checkVault({ store, readData: false, opener: null, hostKeys: null, scratchDirectory: SCRATCH, keptCheckpoint: undefined, ledger: () => ledger, onProgress: () => undefined });
    return findings.filter(({ code }) => !code.startsWith("snapshot.")).map(({ code, object }) => `${code} ${object}`);
  };

  test("is missed by nobody but the ledger, and so is one that was put in its place", async () => {
    const made = await world();
    const { store, first, second, rotate } = made;
    await rotate({ add: [second.recipient] });
    expect(await check(made)).toEqual([]);
    const list = store.objects.get("recipients/1.json")!;
    store.objects.delete("recipients/1.json");
    // The keys of that rotation look like leftovers, and the born ones are gone: without the ledger it would be a vault that lost keys.
    expect(await check(made)).toContain("recipients.missing recipients/1.json");
    store.objects.set("recipients/1.json", list);
    expect(await check(made)).toEqual([]);
    const other = await world();
    await rotateRecipients({ store: other.store, opener: other.first.opener, add: [first.recipient], remove: [], clock: other.clock });
    store.objects.set("recipients/1.json", other.store.objects.get("recipients/1.json")!);
    expect((await check(made)).filter((found) => found.endsWith("recipients/1.json"))).toHaveLength(1);
  });
});
