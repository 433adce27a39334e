/** Signed statements about drills: they verify with what others have for DSSE, and nothing about them can be changed, moved or copied unnoticed. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createPublicKey, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { createVault, parseDrillObject, preAuthEncoding, putDrillCertification, putDrillResult, readDrillObjects, readVaultDescription, repairVault, verifyVault, type DrillObject, type HostKeys, type VaultDescription } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { seededRandom, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";

const PREDICATE = { vaultId: "", drillId: "run-1", startedAt: "2026-03-01T08:00:00.000Z", passed: true };
const SUBJECT = [{ name: "snapshots/20260301T070000.000Z-0123456789abcdef", digest: { sha256: "ab".repeat(32) } }];

interface World {
  readonly store: MemoryStore;
  readonly description: VaultDescription;
  readonly hostKeys: HostKeys;
  readonly result: DrillObject;
  readonly certification: DrillObject;
}

async function world(seed: string, parity = false): Promise<World> {
  const store = new MemoryStore();
  const { hostKeys, vaultId } = await createVault({ store, recipients: [(await testIdentity()).recipient], clock: steadyClock(), random: seededRandom(seed), parity });
  const description = await readVaultDescription(store);
  const keeper = { store, description, signingKey: hostKeys.signingKey };
  const result = await putDrillResult(keeper, SUBJECT, { ...PREDICATE, vaultId });
  const certification = await putDrillCertification({ ...keeper, random: seededRandom(seed) }, result, { certifiedBy: "staff:1" });
  return { store, description, hostKeys, result, certification };
}

let one: World;
beforeAll(async () => {
  one = await world("one");
});

describe("a drill's record", () => {
  it("is an in-toto statement in a DSSE envelope that node's own crypto verifies", () => {
    const envelope = JSON.parse(Buffer.from(one.store.objects.get(one.result.object)!).toString()) as { payloadType: string; payload: string; signatures: { keyid: string; sig: string }[] };
    const body = Buffer.from(envelope.payload, "base64");
    expect(envelope.payloadType).toBe("application/vnd.in-toto+json");
    expect(JSON.parse(body.toString())).toEqual({ _type: "https://in-toto.io/Statement/v1", subject: SUBJECT, predicateType: "holdfast:drill-result/v1", predicate: { ...PREDICATE, vaultId: one.description.vaultId } });
    const key = createPublicKey({ key: one.description.signingPublicKey as JsonWebKey, format: "jwk" });
    // Written out by hand from the specification.
    const signed = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${body.length} `), body]);
    expect(verify(null, signed, key, Buffer.from(envelope.signatures[0]!.sig, "base64"))).toBe(true);
    expect(preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world")).toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("is read back in order, with who answered for it", async () => {
    const found = await readDrillObjects(one.store, one.description);
    expect(found.damaged).toEqual([]);
    expect(found.results.map(({ object }) => object)).toEqual(["drills/20260301T080000.000Z-run-1.json"]);
    expect(found.certifications[0]?.statement.subject).toEqual([{ name: one.result.object, digest: { sha256: one.result.digest } }]);
  });

  it("is written once: the same again is no fault, another one is refused", async () => {
    const { store, description, hostKeys } = await world("twice");
    const keeper = { store, description, signingKey: hostKeys.signingKey };
    await putDrillResult(keeper, SUBJECT, { ...PREDICATE, vaultId: description.vaultId });
    await expect(putDrillResult(keeper, SUBJECT, { ...PREDICATE, vaultId: description.vaultId, passed: false })).rejects.toMatchObject({ code: "vault.damaged_object" });
  });
});

describe("tampering", () => {
  const object = (): string => one.result.object;

  it("is noticed wherever a byte is changed", async () => {
    const bytes = one.store.objects.get(object())!;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1;
      await expect(parseDrillObject(changed, object(), one.description)).rejects.toMatchObject({ code: "vault.damaged_object" });
    }
  });

  it("is noticed when a record is put under another name, taken for a certification, or comes from another vault", async () => {
    const bytes = one.store.objects.get(object())!;
    for (const name of ["drills/20260308T080000.000Z-run-1.json", "drills/20260301T080000.000Z-run-2.json", "drills/20260301T080000.000Z-run-1.certified-00000000.json", "drills/whatever"]) {
      await expect(parseDrillObject(bytes, name, one.description)).rejects.toMatchObject({ code: "vault.damaged_object" });
    }
    const other = await world("other");
    await expect(parseDrillObject(bytes, object(), other.description)).rejects.toMatchObject({ code: "vault.damaged_object" });
    // The same key, and another vault's id in the record.
    await expect(parseDrillObject(bytes, object(), { ...one.description, vaultId: other.description.vaultId })).rejects.toMatchObject({ code: "vault.damaged_object" });
  });

  it("is named by a fresh verifier, and mended from parity where there is some", async () => {
    const { store, result } = await world("parity", true);
    const check = async (): Promise<unknown[]> => (await verifyVault({ store, readData: true })).findings.map(({ code, object: of }) => [code, of]);
    expect(await check()).toEqual([]);
    const good = store.objects.get(result.object)!;
    store.objects.set(result.object, Uint8Array.from(good, (byte, at) => (at === 40 ? byte ^ 1 : byte)));
    expect(await check()).toContainEqual(["drill.damaged", result.object]);
    expect((await verifyVault({ store, readData: false })).ok).toBe(false);
    await repairVault({ store });
    expect(Buffer.from(store.objects.get(result.object)!).equals(good)).toBe(true);
    expect(await check()).toEqual([]);
  });
});
