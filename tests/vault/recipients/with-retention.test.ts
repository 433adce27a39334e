/** Rotation beside redaction and prune: keys that come and go by either are neither lost nor kept alive by the other. */
import { describe, expect, it } from "@jest/globals";
import { contentKeys, openVaultWithIdentity, readKeyFacts, rotateRecipients, verifyVault } from "#app/vault/index.ts";
import type { Rotated } from "#app/vault/index.ts";
import { DAY, keptVault, people, pruneWith, redactIn, type Kept } from "#tests/vault/retention/kit.ts";
import { readAll, SCRATCH, testIdentity, type TestIdentity } from "#tests/support/vault-kit.ts";

async function clean({ store }: Kept, identity: TestIdentity): Promise<void> {
  const report = await verifyVault({ store, readData: true, opener: identity.opener, scratchDirectory: SCRATCH });
  expect(report.findings).toEqual([]);
}

async function opens({ store }: Kept, identity: TestIdentity, reference = "latest"): Promise<string[]> {
  const vault = await openVaultWithIdentity({ store, opener: identity.opener });
  return (await readAll(vault, reference, contentKeys(store, identity.opener))).map(({ id }) => id);
}

const rotate = (kept: Kept, from: TestIdentity, to: TestIdentity): Promise<Rotated> =>
  rotateRecipients({ store: kept.store, opener: from.opener, add: [to.recipient], remove: [from.recipient.keyId], clock: kept.clock });

describe("after a redaction", () => {
  it("a rotation takes along the keys that the redaction made, and the erased stays erased", async () => {
    const kept = await keptVault("redact, then rotate");
    const next = await testIdentity();
    await kept.take(people(0, 12));
    await redactIn(kept, ["person-3"], { tree: true });
    await rotate(kept, kept.test.identity, next);
    const ids = await opens(kept, next);
    expect(ids).toHaveLength(33);
    expect(ids).not.toContain("person-3");
    await clean(kept, next);
    const facts = await readKeyFacts(kept.store);
    for (const { keyIds } of facts.snapshots) for (const keyId of keyIds) expect(facts.wrappedTo.get(keyId)).toEqual([next.recipient.keyId]);
  });
});

describe("after a rotation", () => {
  it("a redaction seals to who is a recipient now, and the removed one opens nothing of it", async () => {
    const kept = await keptVault("rotate, then redact");
    const next = await testIdentity();
    await kept.take(people(0, 12));
    await rotate(kept, kept.test.identity, next);
    await redactIn(kept, ["person-3"], { tree: true, contentKeys: contentKeys(kept.store, next.opener) });
    expect(await opens(kept, next)).toHaveLength(33);
    for (const [key, bytes] of kept.store.objects) if (key.startsWith("keys/")) expect(await kept.test.identity.opener.open(bytes)).toBeNull();
    await clean(kept, next);
  });

  it("a prune frees the wrapped keys of snapshots that went, whatever their generation, and the next rotation does not miss them", async () => {
    const kept = await keptVault("rotate, then prune");
    const [next, last] = await Promise.all([testIdentity(), testIdentity()]);
    await kept.take(people(0, 8, () => 1));
    kept.clock.pass(DAY);
    await kept.take(people(0, 8, () => 2));
    const before = (await readKeyFacts(kept.store)).wrappedTo.size;
    await rotate(kept, kept.test.identity, next);
    await pruneWith(kept, "last=1");
    kept.clock.pass(2 * DAY);
    await pruneWith(kept, "last=1");
    const facts = await readKeyFacts(kept.store);
    expect(facts.snapshots).toHaveLength(1);
    expect(facts.wrappedTo.size).toBeLessThan(before);
    expect([...kept.store.objects.keys()].filter((key) => /^keys\/[0-9a-f]{32}\./.test(key))).toHaveLength(facts.wrappedTo.size);
    expect(await rotate(kept, next, last)).toMatchObject({ changed: true, keys: 2 + facts.wrappedTo.size });
    expect(await opens(kept, last)).toHaveLength(24);
    await clean(kept, last);
  });
});
